import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Statistics } from './metric-datum.ts'
import { addUp, type Samples } from './samples.ts'

/** What a stretch of time comes to. */
export interface Point extends Statistics {
  /** When the stretch begins, in milliseconds since the epoch. */
  readonly time: number
}

/** Samples of one series in one stretch of time; `time` is a multiple of its length. */
export interface StoredPoint extends Point, Samples {}

/** From `from` on, before `to`, in milliseconds since the epoch. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Each sample is in one point. A series can have points of several lengths for the same time. */
export const pointSchema = `
  CREATE TABLE point (
    series INTEGER NOT NULL, length INTEGER NOT NULL, time INTEGER NOT NULL,
    count REAL NOT NULL, sum REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL, sketch BLOB,
    PRIMARY KEY (series, length, time)
  ) STRICT, WITHOUT ROWID;
`

export class PointTable {
  readonly #get: StatementSync
  readonly #put: StatementSync
  readonly #select: StatementSync
  readonly #sums: StatementSync
  readonly #before: StatementSync
  readonly #delete: StatementSync
  readonly #ends: StatementSync
  readonly #lengths: readonly number[]

  /** @param lengths of its points, in milliseconds */
  constructor(database: DatabaseSync, lengths: readonly number[]) {
    const inRange = `series IN (SELECT value FROM json_each(:series)) AND length IN (${lengths}) AND time >= :from AND time < :to`
    this.#get = database.prepare('SELECT * FROM point WHERE series = ? AND length = ? AND time = ?')
    this.#put = database.prepare('INSERT OR REPLACE INTO point VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    this.#select = database.prepare(`SELECT * FROM point WHERE ${inRange}`)
    this.#sums = database.prepare(
      `SELECT CAST((time - :from) / :period AS INTEGER) AS place,
         sum(count) AS count, sum(sum) AS sum, min(minimum) AS minimum, max(maximum) AS maximum
       FROM point WHERE ${inRange} GROUP BY place ORDER BY place`,
    )
    this.#before = database.prepare(
      'SELECT * FROM point WHERE series = ? AND length = ? AND time < ? ORDER BY time',
    )
    this.#delete = database.prepare(
      'DELETE FROM point WHERE series = ? AND length = ? AND time < ?',
    )
    // SQLite finds one end in the index at once; both in one query it would look for in all rows.
    this.#ends = database.prepare(
      `SELECT
         (SELECT min(time) FROM point WHERE series = :series AND length = :length) AS first,
         (SELECT max(time) FROM point WHERE series = :series AND length = :length) AS last`,
    )
    this.#lengths = lengths
  }

  /** Adds samples to those that the stretch has. */
  add(series: number, length: number, point: StoredPoint): void {
    const row = this.#get.get(series, length, point.time)
    const { count, sum, minimum, maximum, sketch } =
      row === undefined ? point : addUp(toPoint(row), point)
    this.#put.run(series, length, point.time, count, sum, minimum, maximum, sketch)
  }

  /** Points of all lengths, in no order. */
  *inRange(series: readonly number[], { from, to }: Range): Generator<StoredPoint> {
    const rows = this.#select.iterate({ series: JSON.stringify(series), from, to })
    for (const row of rows) yield toPoint(row)
  }

  /** What periods of so many milliseconds from `from` on come to, in order. */
  sums(series: readonly number[], { from, to }: Range, period: number): Point[] {
    const rows = this.#sums.all({ series: JSON.stringify(series), from, to, period })
    return rows.map((row) => ({ time: from + Number(row.place) * period, ...toStatistics(row) }))
  }

  /** Takes out what is older. */
  take(series: number, length: number, before: number): StoredPoint[] {
    const points = this.#before.all(series, length, before).map(toPoint)
    if (points.length > 0) this.#delete.run(series, length, before)
    return points
  }

  delete(series: number, length: number, before: number): void {
    this.#delete.run(series, length, before)
  }

  /** When the first and the last point of a series begin; null when it has none. */
  ends(series: number): { readonly first: number; readonly last: number } | null {
    const ends = this.#lengths
      .map((length) => this.#ends.get({ series, length }) ?? {})
      .filter(({ first }) => typeof first === 'number')
    if (ends.length === 0) return null
    return {
      first: Math.min(...ends.map(({ first }) => Number(first))),
      last: Math.max(...ends.map(({ last }) => Number(last))),
    }
  }
}

function toPoint(row: Record<string, unknown>): StoredPoint {
  const { sketch } = row
  return {
    time: Number(row.time),
    ...toStatistics(row),
    sketch: sketch instanceof Uint8Array ? sketch : null,
  }
}

function toStatistics(row: Record<string, unknown>): Statistics {
  return {
    count: Number(row.count),
    sum: Number(row.sum),
    minimum: Number(row.minimum),
    maximum: Number(row.maximum),
  }
}
