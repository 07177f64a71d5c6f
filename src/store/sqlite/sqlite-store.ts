import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { openSqliteFile, releaseSqliteFile } from '../../std/sqlite-file.ts'
import type {
  Change,
  Condition,
  Entry,
  Listing,
  ListOptions,
  Store,
  Watch,
  Write,
} from '../store.ts'
import { Watchers } from '../watchers.ts'

/** Raised with every change of the schema. */
const schemaVersion = 1

const schema = `
  CREATE TABLE entry (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE revision (latest INTEGER NOT NULL) STRICT;
  INSERT INTO revision (latest) VALUES (0);
`

/**
 * Opens the store in the file at `path`, creating it (mode 0600) and its directories (mode 0700) as needed. One process owns the file
 * while it is open; the next one can open it as soon as that process has ended, however it ended.
 * @param patience milliseconds to wait, blocking, for another process to let go of the file.
 * @throws Error when another process (or another store in this one) has it open, when a newer Weir wrote it, or when it is no store.
 */
export function openSqliteStore(path: string, patience = 500): Store {
  return new SqliteStore(
    path,
    openSqliteFile({ path, called: 'store', schemaVersion, schema }, patience),
  )
}

/** Every statement is synchronous and a transaction never yields, so nothing else runs between BEGIN and COMMIT. */
class SqliteStore implements Store {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #statements: Statements
  readonly #watchers = new Watchers()
  #revision: number

  constructor(path: string, database: DatabaseSync) {
    this.#path = path
    this.#database = database
    this.#statements = prepare(database)
    this.#revision = Number(this.#statements.revision.get()?.latest)
  }

  async get(key: string): Promise<Entry | undefined> {
    const row = this.#statements.get.get(key)
    return row === undefined ? undefined : toEntry(row)
  }

  async list(prefix: string, { after = '', limit = -1 }: ListOptions = {}): Promise<Listing> {
    const rows = this.#statements.list.all({ prefix, after, limit })
    return { entries: rows.map(toEntry), revision: this.#revision }
  }

  async transact(
    conditions: readonly Condition[],
    writes: readonly Write[],
  ): Promise<number | undefined> {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      if (!conditions.every((condition) => this.#holds(condition))) {
        this.#database.exec('ROLLBACK')
        return undefined
      }
      const revision = this.#write(writes)
      this.#database.exec('COMMIT')
      return this.#committed(revision, writes)
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  async revision(): Promise<number> {
    return this.#revision
  }

  watch(prefix: string, onChange: (change: Change) => void): Watch {
    return this.#watchers.add(prefix, onChange)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watchers.close()
    if (this.#database.isOpen) releaseSqliteFile(this.#path, this.#database)
  }

  #holds(condition: Condition): boolean {
    if ('key' in condition) {
      const row = this.#statements.get.get(condition.key)
      return (row === undefined ? 0 : Number(row.revision)) === condition.revision
    }
    const { prefix, unchangedSince } = condition
    return this.#statements.changed.get({ prefix, unchangedSince }) === undefined
  }

  #write(writes: readonly Write[]): number {
    if (writes.length === 0) return this.#revision
    const revision = this.#revision + 1
    for (const { key, value } of writes) {
      if (value === null) this.#statements.delete.run(key)
      else this.#statements.put.run(key, value, revision)
    }
    this.#statements.setRevision.run(revision)
    return revision
  }

  #committed(revision: number, writes: readonly Write[]): number {
    this.#revision = revision
    if (writes.length > 0) this.#watchers.committed(revision, writes)
    return revision
  }
}

type Statements = Readonly<
  Record<'get' | 'list' | 'changed' | 'put' | 'delete' | 'revision' | 'setRevision', StatementSync>
>

/** No byte of UTF-8 is FF, so the prefix followed by FF sorts after every key that starts with the prefix. */
const underPrefix = `key < CAST(:prefix || x'ff' AS TEXT)`

function prepare(database: DatabaseSync): Statements {
  return {
    get: database.prepare('SELECT key, value, revision FROM entry WHERE key = ?'),
    list: database.prepare(
      `SELECT key, value, revision FROM entry
       WHERE key >= max(:prefix, :after) AND key <> :after AND ${underPrefix}
       ORDER BY key LIMIT :limit`,
    ),
    changed: database.prepare(
      `SELECT 1 FROM entry
       WHERE key >= :prefix AND ${underPrefix} AND revision > :unchangedSince LIMIT 1`,
    ),
    put: database.prepare(
      `INSERT INTO entry (key, value, revision) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision`,
    ),
    delete: database.prepare('DELETE FROM entry WHERE key = ?'),
    revision: database.prepare('SELECT latest FROM revision'),
    setRevision: database.prepare('UPDATE revision SET latest = ?'),
  }
}

function toEntry(row: Record<string, unknown>): Entry {
  return { key: String(row.key), value: String(row.value), revision: Number(row.revision) }
}
