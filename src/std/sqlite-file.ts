import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * A SQLite file with one owner. SQLite itself holds the lock (exclusive locking mode: a lock of the operating system, which ends with
 * the process), so a file whose owner was killed opens at once.
 */
export interface SqliteFile {
  readonly path: string
  /** What people call it in errors: `store`. */
  readonly called: string
  /** Raised with every change of the schema; kept in the file as `user_version`. At least 1. */
  readonly schemaVersion: number
  /** SQL that makes the tables in an empty file. */
  readonly schema: string
}

/** SQLITE_BUSY; the low byte of an extended result code is the primary one (sqlite.org/rescode.html). */
const sqliteBusy = 5
const primaryCode = 0xff

/**
 * Opens the file, creating it (mode 0600) and its directories (mode 0700) as needed.
 * @param patience milliseconds to wait, blocking, for another process to let go of the file.
 * @throws Error when another process has it open, when a newer Weir wrote it, or when it is something else.
 */
export function openSqliteFile(file: SqliteFile, patience: number): DatabaseSync {
  const { path } = file
  createFile(path)
  const database = new DatabaseSync(path, { timeout: patience })
  try {
    database.exec(`PRAGMA locking_mode = EXCLUSIVE;
                   PRAGMA journal_mode = WAL;
                   PRAGMA synchronous = FULL;`)
    migrate(file, database)
    writeFileSync(ownerFile(path), `process ${process.pid}`, { mode: 0o600 })
    return database
  } catch (error) {
    database.close()
    throw explain(file, error)
  }
}

export function releaseSqliteFile(path: string, database: DatabaseSync): void {
  rmSync(ownerFile(path), { force: true })
  database.close()
}

/** All that `body` writes, or nothing when it throws; durable when it returns. */
export function inTransaction(database: DatabaseSync, body: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    body()
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/**
 * Creates a missing file before SQLite does, to have its mode right from the first moment. An existing one must not be opened here:
 * closing any descriptor of it would drop the locks that this process may hold on it (POSIX record locks).
 */
function createFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    chmodSync(path, 0o600)
  }
}

/** The write takes the exclusive lock, even when there is nothing to create. */
function migrate(file: SqliteFile, database: DatabaseSync): void {
  const { path, called, schemaVersion } = file
  database.exec('BEGIN EXCLUSIVE')
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version > schemaVersion) {
    throw new Error(
      `the ${called} ${path} has schema version ${version}, this Weir knows versions up to ${schemaVersion}: a newer Weir wrote it`,
    )
  }
  if (version === 0) create(file, database)
  database.exec('COMMIT')
}

function create({ path, called, schema, schemaVersion }: SqliteFile, database: DatabaseSync): void {
  if (database.prepare('SELECT name FROM sqlite_schema').get() !== undefined) {
    throw new Error(`${path} is a SQLite database, but not a ${called} of Weir`)
  }
  database.exec(`${schema}; PRAGMA user_version = ${schemaVersion};`)
}

function explain({ path, called }: SqliteFile, error: unknown): unknown {
  const { errcode, message } = error as { errcode?: number; message: string }
  if (errcode === undefined) return error
  if ((errcode & primaryCode) === sqliteBusy) {
    return new Error(`the ${called} ${path} is in use by ${owner(path)}`, { cause: error })
  }
  return new Error(`cannot open the ${called} ${path}: ${message}`, { cause: error })
}

/** The file names the owner for people; it is the lock that decides. */
function ownerFile(path: string): string {
  return `${path}-owner`
}

function owner(path: string): string {
  try {
    return readFileSync(ownerFile(path), 'utf8')
  } catch {
    return 'another process'
  }
}
