/** The tables of the event history, and what is asked of them. What is deleted leaves room in the file that is used again. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { inTransaction, openSqliteFile, releaseSqliteFile } from '../std/sqlite-file.ts'
import { type ApiEvent, type EventResource, isForeign, usernameOf } from './event.ts'

/** An attribute by which events are found, and the value that it has. */
export interface Attribute {
  readonly by: keyof typeof eventColumns | keyof typeof resourceColumns
  readonly value: string
}

const eventColumns = {
  id: 'id',
  name: 'name',
  readOnly: 'read_only',
  username: 'username',
  source: 'source',
  accessKey: 'access_key',
} as const

const resourceColumns = { resourceType: 'type', resourceName: 'name' } as const

/** Where an event stands in the order of lookups: newest first. */
export interface Position {
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly sequence: number
}

export interface FoundEvent extends Position {
  /** JSON of the record. */
  readonly record: string
  readonly resources: readonly EventResource[]
}

export interface Search {
  readonly region: string
  readonly attribute: Attribute | undefined
  /** Milliseconds since the Unix epoch; events of that time are found. */
  readonly from: number
  /** Events that come after it in the order. */
  readonly after: Position
  readonly limit: number
}

/** Texts are compared byte for byte. `is_foreign` is 1 for events that {@link isForeign} says so of. */
const schema = `
  CREATE TABLE event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,
    name TEXT NOT NULL, source TEXT NOT NULL, username TEXT, access_key TEXT, read_only TEXT NOT NULL,
    is_foreign INTEGER NOT NULL, record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_by_time ON event (region, time, sequence);
  CREATE INDEX event_by_id ON event (region, id, time, sequence);
  CREATE INDEX event_by_name ON event (region, name, time, sequence);
  CREATE INDEX event_by_source ON event (region, source, time, sequence);
  CREATE INDEX event_by_username ON event (region, username, time, sequence);
  CREATE INDEX event_by_access_key ON event (region, access_key, time, sequence);
  CREATE INDEX event_by_read_only ON event (region, read_only, time, sequence);
  CREATE INDEX event_foreign ON event (sequence) WHERE is_foreign = 1;

  CREATE TABLE resource (
    sequence INTEGER NOT NULL REFERENCES event ON DELETE CASCADE, type TEXT NOT NULL, name TEXT NOT NULL,
    region TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (sequence, type, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX resource_by_name ON resource (region, name, time, sequence);
  CREATE INDEX resource_by_type ON resource (region, type, time, sequence);

  CREATE TABLE outbox (
    trail TEXT NOT NULL, region TEXT NOT NULL, sequence INTEGER NOT NULL REFERENCES event ON DELETE CASCADE,
    PRIMARY KEY (trail, region, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outbox_by_event ON outbox (sequence);
  CREATE TABLE file (
    trail TEXT NOT NULL, region TEXT NOT NULL, key TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (trail, region)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE delivery (trail TEXT PRIMARY KEY, status TEXT NOT NULL) STRICT, WITHOUT ROWID`

/** Of those that are deleted at once: it takes some milliseconds. */
const chunk = 500

export class EventDatabase implements Disposable {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #statements: ReturnType<typeof prepare>
  readonly #searches = new Map<Attribute['by'] | undefined, StatementSync>()

  constructor(path: string, patience: number) {
    this.#path = path
    this.#database = openSqliteFile(
      { path, called: 'event history', schemaVersion: 1, schema },
      patience,
    )
    this.#statements = prepare(this.#database)
  }

  /** For the tables of the outbox. */
  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql)
  }

  /** All that `body` writes, or nothing when it throws; durable when it returns. */
  atomically(body: () => void): void {
    inTransaction(this.#database, body)
  }

  /** @returns its sequence */
  insert({ record, time, resources }: ApiEvent): number {
    const { awsRegion, userIdentity } = record
    const { lastInsertRowid } = this.#statements.event.run(
      time,
      awsRegion,
      record.eventID,
      record.eventName,
      record.eventSource,
      usernameOf(userIdentity) ?? null,
      userIdentity.accessKeyId ?? null,
      String(record.readOnly),
      isForeign(record) ? 1 : 0,
      JSON.stringify(record),
    )
    for (const { type, name } of resources) {
      this.#statements.resource.run(lastInsertRowid, type, name, awsRegion, time)
    }
    return Number(lastInsertRowid)
  }

  search({ region, attribute, from, after, limit }: Search): FoundEvent[] {
    const rows = this.#search(attribute?.by).all({
      region,
      from,
      limit,
      time: after.time,
      sequence: after.sequence,
      ...(attribute === undefined ? {} : { value: attribute.value }),
    })
    return rows.map((row) => ({
      time: Number(row.time),
      sequence: Number(row.sequence),
      record: String(row.record),
      resources: this.#statements.resources
        .all(Number(row.sequence))
        .map(({ type, name }) => ({ type: String(type), name: String(name) })),
    }))
  }

  /** @returns whether there may be more that are older */
  deleteOlder(than: number): boolean {
    return this.#statements.deleteOlder.run(chunk, than).changes === chunk
  }

  /** Deletes some of the oldest, foreign ones if there are any. @returns how many of them some trail still had to deliver, once a trail */
  deleteOldest(): number {
    let undelivered = 0
    this.atomically(() => {
      const foreign = this.#statements.oldestForeign.get(chunk)?.last ?? null
      const last = foreign ?? this.#statements.oldest.get(chunk)?.last ?? 0
      const values = { last: Number(last), all: foreign === null ? 1 : 0 }
      undelivered = Number(this.#statements.undelivered.get(values)?.count)
      this.#statements.deleteUpTo.run(values)
    })
    return undelivered
  }

  deleteAll(): void {
    this.atomically(() => {
      for (const table of ['delivery', 'file', 'outbox', 'resource', 'event']) {
        this.#database.exec(`DELETE FROM ${table}`)
      }
    })
  }

  /** Bytes that are in use. */
  get size(): number {
    return Number(this.#statements.size.get()?.bytes)
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) releaseSqliteFile(this.#path, this.#database)
  }

  #search(by: Attribute['by'] | undefined): StatementSync {
    const known = this.#searches.get(by)
    if (known !== undefined) return known
    const made = this.#database.prepare(searchSql(by))
    this.#searches.set(by, made)
    return made
  }
}

/** Each attribute has an index in the order of lookups, so that no search reads more than it answers. */
export function searchSql(by: Attribute['by'] | undefined): string {
  const within = `time >= :from AND (time, sequence) < (:time, :sequence)`
  const order = 'ORDER BY time DESC, sequence DESC LIMIT :limit'
  if (by === 'resourceType' || by === 'resourceName') {
    // An event may name several resources of a type.
    return `SELECT time, sequence, (SELECT record FROM event WHERE event.sequence = found.sequence) AS record
            FROM (SELECT DISTINCT time, sequence FROM resource
                  WHERE region = :region AND ${resourceColumns[by]} = :value AND ${within} ${order}) AS found`
  }
  const equal = by === undefined ? '' : `AND ${eventColumns[by]} = :value`
  return `SELECT time, sequence, record FROM event WHERE region = :region ${equal} AND ${within} ${order}`
}

function prepare(database: DatabaseSync) {
  return {
    event: database.prepare(
      `INSERT INTO event (time, region, id, name, source, username, access_key, read_only, is_foreign, record)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    resource: database.prepare(
      'INSERT INTO resource (sequence, type, name, region, time) VALUES (?, ?, ?, ?, ?)',
    ),
    resources: database.prepare('SELECT type, name FROM resource WHERE sequence = ?'),
    deleteOlder: database.prepare(
      `DELETE FROM event WHERE sequence IN (SELECT sequence FROM event ORDER BY sequence LIMIT ?) AND time < ?`,
    ),
    oldest: database.prepare(
      'SELECT max(sequence) AS last FROM (SELECT sequence FROM event ORDER BY sequence LIMIT ?)',
    ),
    oldestForeign: database.prepare(
      `SELECT max(sequence) AS last
       FROM (SELECT sequence FROM event WHERE is_foreign = 1 ORDER BY sequence LIMIT ?)`,
    ),
    undelivered: database.prepare(
      `SELECT count(*) AS count FROM outbox JOIN event USING (sequence)
       WHERE sequence <= :last AND (:all OR is_foreign = 1)`,
    ),
    deleteUpTo: database.prepare(
      'DELETE FROM event WHERE sequence <= :last AND (:all OR is_foreign = 1)',
    ),
    size: database.prepare(
      `SELECT (page_count - freelist_count) * page_size AS bytes
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    ),
  }
}
