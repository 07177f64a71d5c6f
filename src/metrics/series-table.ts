import { createHash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Dimension, SeriesName } from './metric-datum.ts'

export interface Series extends SeriesName {
  readonly id: number
}

/** Names can be long: they are found by a hash, so that they are on the disk once. */
export const seriesSchema = `
  CREATE TABLE series (
    id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,
    region TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL, unit TEXT NOT NULL
  ) STRICT;
  CREATE INDEX series_by_name ON series (namespace, name);
`

/** Which series there are. */
export class SeriesTable {
  readonly #find: StatementSync
  readonly #create: StatementSync
  readonly #delete: StatementSync
  readonly #list: StatementSync
  readonly #units: StatementSync
  readonly #countCustom: StatementSync
  readonly #ids: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT id FROM series WHERE hash = ?')
    this.#create = database.prepare(
      `INSERT INTO series (hash, region, namespace, name, dimensions, unit)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    this.#delete = database.prepare('DELETE FROM series WHERE id = ?')
    this.#list = database.prepare(
      `SELECT * FROM series
       WHERE region = :region AND namespace = ifnull(:namespace, namespace) AND name = ifnull(:name, name)
       ORDER BY namespace, name, dimensions, unit`,
    )
    this.#units = database.prepare(
      `SELECT * FROM series
       WHERE region = ? AND namespace = ? AND name = ? AND dimensions = ? ORDER BY unit`,
    )
    this.#countCustom = database.prepare(
      `SELECT count(*) AS count FROM series WHERE namespace NOT GLOB 'AWS/*'`,
    )
    this.#ids = database.prepare('SELECT id FROM series ORDER BY id')
  }

  idOf(name: SeriesName): number | undefined {
    const row = this.#find.get(hashOf(name))
    return row === undefined ? undefined : Number(row.id)
  }

  create(name: SeriesName): number {
    const { region, namespace, unit } = name
    const dimensions = JSON.stringify(sorted(name.dimensions))
    const { lastInsertRowid } = this.#create.run(
      hashOf(name),
      region,
      namespace,
      name.name,
      dimensions,
      unit,
    )
    return Number(lastInsertRowid)
  }

  delete(id: number): void {
    this.#delete.run(id)
  }

  list(region: string, namespace?: string, name?: string): Series[] {
    const rows = this.#list.all({ region, namespace: namespace ?? null, name: name ?? null })
    return rows.map(toSeries)
  }

  unitsOf({ region, namespace, name, dimensions }: Omit<SeriesName, 'unit'>): Series[] {
    const rows = this.#units.all(region, namespace, name, JSON.stringify(sorted(dimensions)))
    return rows.map(toSeries)
  }

  ids(): number[] {
    return this.#ids.all().map(({ id }) => Number(id))
  }

  countCustom(): number {
    return Number(this.#countCustom.get()?.count)
  }
}

function hashOf({ region, namespace, name, dimensions, unit }: SeriesName): Uint8Array {
  const identity = JSON.stringify([region, namespace, name, sorted(dimensions), unit])
  return createHash('sha256').update(identity).digest()
}

/** As they are kept: pairs in order of their names. */
function sorted(dimensions: readonly Dimension[]): [name: string, value: string][] {
  const pairs = dimensions.map(({ name, value }): [string, string] => [name, value])
  return pairs.sort(([some], [other]) => (some < other ? -1 : 1))
}

function toSeries(row: Record<string, unknown>): Series {
  const pairs: [string, string][] = JSON.parse(String(row.dimensions))
  return {
    id: Number(row.id),
    region: String(row.region),
    namespace: String(row.namespace),
    name: String(row.name),
    dimensions: pairs.map(([name, value]) => ({ name, value })),
    unit: String(row.unit),
  }
}
