/**
 * The metric store: statistics and histograms of samples by series and minute, in a SQLite file of its own. What is older is kept coarser,
 * and points never take more room than their limit (retention.ts).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Clock } from '../std/clock.ts'
import { inTransaction, openSqliteFile, releaseSqliteFile } from '../std/sqlite-file.ts'
import type { MetricBatch, MetricDatum, SeriesName } from './metric-datum.ts'
import { type Periods, percentiles } from './percentiles.ts'
import { type Point, PointTable, pointSchema } from './point-table.ts'
import { pointLengths, Retention } from './retention.ts'
import { type Series, SeriesTable, seriesSchema } from './series-table.ts'

export interface MetricStoreOptions {
  readonly path: string
  /** Milliseconds to wait, blocking, for another process to let go of the file. */
  readonly patience?: number
  /** The most that the file may hold. */
  readonly maxBytes: number
  readonly clock: Clock
}

/** Raised with every change of the schema. */
const schemaVersion = 1

const schema = `
  ${seriesSchema}
  ${pointSchema}
  CREATE TABLE source (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

const minute = 60_000

/** After so many milliseconds of silence nothing more comes from a source. */
const sourceMemory = 15 * 86_400_000

export class MetricStore implements Disposable {
  readonly #path: string
  readonly #clock: Clock
  readonly #database: DatabaseSync
  readonly #series: SeriesTable
  readonly #points: PointTable
  readonly #retention: Retention
  readonly #sequenceOf: StatementSync
  readonly #setSequence: StatementSync

  /** @throws Error when another process has the file open, when a newer Weir wrote it, or when it is something else. */
  static open(options: MetricStoreOptions): MetricStore {
    const { path, patience = 500 } = options
    const file = { path, called: 'metric store', schemaVersion, schema }
    return new MetricStore(openSqliteFile(file, patience), options)
  }

  private constructor(database: DatabaseSync, { path, maxBytes, clock }: MetricStoreOptions) {
    this.#path = path
    this.#clock = clock
    this.#database = database
    this.#series = new SeriesTable(database)
    this.#points = new PointTable(database, pointLengths)
    this.#retention = new Retention(database, this.#series, this.#points, maxBytes)
    this.#sequenceOf = database.prepare('SELECT sequence FROM source WHERE name = ?')
    this.#setSequence = database.prepare('INSERT OR REPLACE INTO source VALUES (?, ?, ?)')
  }

  /**
   * Adds a batch to what its minutes have, in one transaction; durable when it returns. A batch whose source gave this or a later sequence
   * before is passed over: nothing counts twice.
   */
  add({ source, sequence, data }: MetricBatch): void {
    this.#transact(() => {
      const before = this.#sequenceOf.get(source)
      if (before !== undefined && Number(before.sequence) >= sequence) return
      this.#setSequence.run(source, sequence, this.#clock.now())
      this.#put(data)
    })
  }

  /** As {@link add}, for data that nobody gives twice. */
  addOnce(data: readonly MetricDatum[]): void {
    this.#transact(() => this.#put(data))
  }

  has(name: SeriesName): boolean {
    return this.#series.idOf(name) !== undefined
  }

  /** How many series are in namespaces of users: those that do not begin with `AWS/`. */
  countCustom(): number {
    return this.#series.countCustom()
  }

  /** Series of a region, in order of namespace, name and dimensions. */
  list(region: string, namespace?: string, name?: string): Series[] {
    return this.#series.list(region, namespace, name)
  }

  /** The series of a metric: one for each unit that it has been given in. */
  find(metric: Omit<SeriesName, 'unit'>): Series[] {
    return this.#series.unitsOf(metric)
  }

  /** When the latest point of a series begins, in milliseconds since the epoch; null when it has none. */
  latest({ id }: Series): number | null {
    return this.#points.ends(id)?.last ?? null
  }

  /** Of the series together, in order of time. A period without samples has no point. */
  points(series: readonly Series[], periods: Periods): Point[] {
    return this.#points.sums(idsOf(series), periods, periods.period)
  }

  /** As {@link percentiles}. */
  percentiles(
    series: readonly Series[],
    periods: Periods,
    share: number,
  ): Promise<Map<number, number>> {
    return percentiles(this.#points, idsOf(series), periods, share)
  }

  /** To be called every hour: makes points coarser that are old enough, and forgets those that are too old. */
  async tidy(): Promise<void> {
    const now = this.#clock.now()
    this.#database.prepare('DELETE FROM source WHERE seen < ?').run(now - sourceMemory)
    await this.#retention.apply(now)
  }

  /** Forgets all points. What sources have given stays given. */
  clear(): void {
    this.#transact(() => this.#database.exec('DELETE FROM point; DELETE FROM series'))
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) releaseSqliteFile(this.#path, this.#database)
  }

  #transact(body: () => void): void {
    inTransaction(this.#database, body)
    this.#retention.makeRoom()
  }

  #put(data: readonly MetricDatum[]): void {
    for (const datum of data) {
      const series = this.#series.idOf(datum) ?? this.#series.create(datum)
      const point = { ...datum, time: datum.minute, sketch: datum.sketch ?? null }
      this.#points.add(series, minute, point)
    }
  }
}

function idsOf(series: readonly Series[]): number[] {
  return series.map(({ id }) => id)
}
