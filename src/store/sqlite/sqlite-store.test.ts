import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { startStoreWriter } from '../../../test/support/store-writer.ts'
import { storeContract } from '../contract.ts'
import { openSqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function newPath(): string {
  files += 1
  return join(folder, `${files}`, 'weir.db')
}

storeContract('SQLite', async () => openSqliteStore(newPath()))

describe('The SQLite store', () => {
  it('keeps entries and the revision when it is closed and opened again', async () => {
    const path = newPath()
    {
      await using store = openSqliteStore(path)
      await store.transact([], [{ key: 'a', value: '1' }])
      await store.transact([], [{ key: 'a', value: null }])
    }
    await using store = openSqliteStore(path)
    expect(await store.revision()).toBe(2)
    expect(await store.transact([{ key: 'a', revision: 0 }], [{ key: 'b', value: '1' }])).toBe(3)
  })

  it('lets nobody else read its files and folder', async () => {
    const path = newPath()
    await using store = openSqliteStore(path)
    await store.transact([], [{ key: 'a', value: '1' }])
    const mode = (name: string) => statSync(name).mode & 0o777
    expect(mode(dirname(path))).toBe(0o700)
    expect([path, `${path}-wal`, `${path}-owner`].map(mode)).toEqual([0o600, 0o600, 0o600])
  })

  it('takes an open file from everybody else, and says who has it', async () => {
    const path = newPath()
    await using writer = await startStoreWriter(path)
    expect(() => openSqliteStore(path)).toThrow(
      `the store ${path} is in use by process ${writer.pid}`,
    )
  })

  it('refuses a second store on the same file in one process, and goes on holding it', async () => {
    const path = newPath()
    await using store = openSqliteStore(path)
    for (const _ of [1, 2]) {
      expect(() => openSqliteStore(path)).toThrow(`is in use by process ${process.pid}`)
    }
    expect(await store.transact([], [{ key: 'a', value: '1' }])).toBe(1)
    await expect(startStoreWriter(path)).rejects.toThrow(`in use by process ${process.pid}`)
  })

  it('has every answered write after its process was killed in the middle of writing', async () => {
    const path = newPath()
    const writer = await startStoreWriter(path)
    const answered = await writer.killAfter(200)
    await using store = openSqliteStore(path)
    const numbers = async (side: string) =>
      (await store.list(side)).entries.map(({ key }) => key.slice(side.length))
    const left = await numbers('left/')
    expect(answered.length).toBeGreaterThanOrEqual(200)
    expect(left).toEqual(expect.arrayContaining(answered))
    expect(await numbers('right/')).toEqual(left)
    expect(await store.revision()).toBe(left.length)
  })

  it('refuses a file of a newer version, without changing it', async () => {
    const path = newPath()
    await openSqliteStore(path)[Symbol.asyncDispose]()
    const version = (sql: string) => {
      using database = new DatabaseSync(path)
      return database.prepare(sql).get()
    }
    version('PRAGMA user_version = 99')
    expect(() => openSqliteStore(path)).toThrow(
      `the store ${path} has schema version 99, this Weir knows versions up to 1: a newer Weir wrote it`,
    )
    expect(version('PRAGMA user_version')).toEqual({ user_version: 99 })
  })

  it('refuses a file that is not a store', async () => {
    const text = newPath()
    await openSqliteStore(text)[Symbol.asyncDispose]()
    writeFileSync(text, 'not a database at all, but long enough to look like one'.repeat(10))
    expect(() => openSqliteStore(text)).toThrow(`cannot open the store ${text}: file is not a`)

    const foreign = join(dirname(text), 'foreign.db')
    using database = new DatabaseSync(foreign)
    database.exec('CREATE TABLE people (name TEXT)')
    database.close()
    expect(() => openSqliteStore(foreign)).toThrow('a SQLite database, but not a store of Weir')
  })
})
