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
 * The file of the store: who may open it and what is in it. SQLite itself holds the lock (exclusive locking mode: a lock of the
 * operating system, which ends with the process), so a file whose owner was killed opens at once.
 */

/** Raised with every change of the schema; kept in the file as `user_version`. */
const schemaVersion = 1

/** SQLITE_BUSY; the low byte of an extended result code is the primary one (sqlite.org/rescode.html). */
const sqliteBusy = 5
const primaryCode = 0xff

export function openDatabase(path: string, patience: number): DatabaseSync {
  createFile(path)
  const database = new DatabaseSync(path, { timeout: patience })
  try {
    database.exec(`PRAGMA locking_mode = EXCLUSIVE;
                   PRAGMA journal_mode = WAL;
                   PRAGMA synchronous = FULL;`)
    migrate(path, database)
    writeFileSync(ownerFile(path), `process ${process.pid}`, { mode: 0o600 })
    return database
  } catch (error) {
    database.close()
    throw explain(path, error)
  }
}

export function releaseDatabase(path: string, database: DatabaseSync): void {
  rmSync(ownerFile(path), { force: true })
  database.close()
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
function migrate(path: string, database: DatabaseSync): void {
  database.exec('BEGIN EXCLUSIVE')
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version > schemaVersion) {
    throw new Error(
      `the store ${path} has schema version ${version}, this Weir knows versions up to ${schemaVersion}: a newer Weir wrote it`,
    )
  }
  if (version === 0) create(path, database)
  database.exec('COMMIT')
}

function create(path: string, database: DatabaseSync): void {
  if (database.prepare('SELECT name FROM sqlite_schema').get() !== undefined) {
    throw new Error(`${path} is a SQLite database, but not a store of Weir`)
  }
  database.exec(`
    CREATE TABLE entry (
      key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE revision (latest INTEGER NOT NULL) STRICT;
    INSERT INTO revision (latest) VALUES (0);
    PRAGMA user_version = ${schemaVersion};
  `)
}

function explain(path: string, error: unknown): unknown {
  const { errcode, message } = error as { errcode?: number; message: string }
  if (errcode === undefined) return error
  if ((errcode & primaryCode) === sqliteBusy) {
    return new Error(`the store ${path} is in use by ${owner(path)}`, { cause: error })
  }
  return new Error(`cannot open the store ${path}: ${message}`, { cause: error })
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
