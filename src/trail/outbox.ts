/**
 * What trails still have to deliver: rows that are written with the events that they name. A file's key is noted before the file is put into
 * the bucket, and the note goes together with the rows: whoever puts the file after a crash puts it under the same key again.
 */
import type { EventDatabase } from './event-database.ts'

/** Events of one trail and region that go into one file. */
export interface Batch {
  readonly key: string
  /** Sequence of the newest event. */
  readonly last: number
  /** JSON of the records, oldest first. */
  readonly records: readonly string[]
}

export interface DeliveryStatus {
  /** Milliseconds since the Unix epoch; null for never. */
  readonly deliveredAt: number | null
  readonly attemptedAt: number | null
  /** What was wrong with the latest attempt. */
  readonly error: string | null
  /** When the topic was last told of a file; and what was wrong with that. */
  readonly notifiedAt: number | null
  readonly notificationError: string | null
}

const noStatus: DeliveryStatus = {
  deliveredAt: null,
  attemptedAt: null,
  error: null,
  notifiedAt: null,
  notificationError: null,
}

/** Bounds on the file that is made in memory. */
const maxRecords = 5000
const maxCharacters = 8 * 1024 * 1024

export class Outbox {
  readonly #database: EventDatabase
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: EventDatabase) {
    this.#database = database
    this.#statements = prepare(database)
  }

  /** Within the transaction that inserts the event. */
  add(trail: string, region: string, sequence: number): void {
    this.#statements.add.run(trail, region, sequence)
  }

  /** Trails and regions with something to deliver. */
  places(): { trail: string; region: string }[] {
    return this.#statements.places
      .all()
      .map(({ trail, region }) => ({ trail: String(trail), region: String(region) }))
  }

  /** The file that was begun, or else a new one; undefined when there is nothing to deliver. @param newKey for a new one */
  next(trail: string, region: string, newKey: () => string): Batch | undefined {
    const begun = this.#statements.file.get(trail, region)
    const last = begun === undefined ? Number.MAX_SAFE_INTEGER : Number(begun.last)
    const rows: { sequence: number; record: string }[] = []
    let characters = 0
    for (const row of this.#statements.records.iterate(trail, region, last)) {
      const record = String(row.record)
      characters += record.length
      if (begun === undefined && rows.length > 0 && characters > maxCharacters) break
      rows.push({ sequence: Number(row.sequence), record })
    }
    const newest = rows.at(-1)
    if (newest === undefined) {
      if (begun !== undefined) this.done(trail, region, last)
      return undefined
    }
    const key = begun === undefined ? newKey() : String(begun.key)
    if (begun === undefined) this.#statements.begin.run(trail, region, key, newest.sequence)
    return { key, last: newest.sequence, records: rows.map(({ record }) => record) }
  }

  /** The file with all events up to `last` is in the bucket. */
  done(trail: string, region: string, last: number): void {
    this.#database.atomically(() => {
      this.#statements.delivered.run(trail, region, last)
      this.#statements.end.run(trail, region)
    })
  }

  /** Of a trail that is no more. */
  forget(trail: string): void {
    this.#database.atomically(() => {
      this.#statements.forgetRows.run(trail)
      this.#statements.forgetFiles.run(trail)
      this.#statements.forgetStatus.run(trail)
    })
  }

  status(trail: string): DeliveryStatus {
    const row = this.#statements.status.get(trail)
    if (row === undefined) return noStatus
    return JSON.parse(String(row.status)) as DeliveryStatus
  }

  changeStatus(trail: string, changes: Partial<DeliveryStatus>): void {
    const status = { ...this.status(trail), ...changes }
    this.#statements.setStatus.run(trail, JSON.stringify(status))
  }
}

function prepare(database: EventDatabase) {
  return {
    add: database.prepare('INSERT INTO outbox (trail, region, sequence) VALUES (?, ?, ?)'),
    places: database.prepare('SELECT DISTINCT trail, region FROM outbox ORDER BY trail, region'),
    records: database.prepare(
      `SELECT sequence, record FROM outbox JOIN event USING (sequence)
       WHERE trail = ? AND outbox.region = ? AND sequence <= ? ORDER BY sequence LIMIT ${maxRecords}`,
    ),
    file: database.prepare('SELECT key, last FROM file WHERE trail = ? AND region = ?'),
    begin: database.prepare('INSERT INTO file (trail, region, key, last) VALUES (?, ?, ?, ?)'),
    end: database.prepare('DELETE FROM file WHERE trail = ? AND region = ?'),
    delivered: database.prepare(
      'DELETE FROM outbox WHERE trail = ? AND region = ? AND sequence <= ?',
    ),
    forgetRows: database.prepare('DELETE FROM outbox WHERE trail = ?'),
    forgetFiles: database.prepare('DELETE FROM file WHERE trail = ?'),
    forgetStatus: database.prepare('DELETE FROM delivery WHERE trail = ?'),
    status: database.prepare('SELECT status FROM delivery WHERE trail = ?'),
    setStatus: database.prepare(
      `INSERT INTO delivery (trail, status) VALUES (?, ?)
       ON CONFLICT (trail) DO UPDATE SET status = excluded.status`,
    ),
  }
}
