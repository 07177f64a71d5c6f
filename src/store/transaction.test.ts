import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store } from './store.ts'
import { atomically, reader } from './transaction.ts'

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-transaction-'))
  store = openSqliteStore(join(folder, 'weir.db'))
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

describe('A transaction', () => {
  it('never loses an update of 64 concurrent increments', async () => {
    const increment = () =>
      atomically(store, async (tx) => {
        const count = (await tx.get<number>('count')) ?? 0
        tx.put('count', count + 1)
        return count
      })
    const seen = await Promise.all(Array.from({ length: 64 }, increment))
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, n) => n))
    expect(await reader(store).get('count')).toBe(64)
  })

  it('never exceeds a quota that concurrent creators count by listing', async () => {
    const create = (name: number) =>
      atomically(store, async (tx) => {
        if ((await tx.list('lb/')).length >= 20) return false
        tx.put(`lb/${name}`, name)
        return true
      })
    const created = await Promise.all(Array.from({ length: 64 }, (_, name) => create(name)))
    expect(created.filter((it) => it)).toHaveLength(20)
    expect(await reader(store).list('lb/')).toHaveLength(20)
  })

  it('runs its body again when a key that it read has changed', async () => {
    const read: unknown[] = []
    await atomically(store, async (tx) => {
      read.push(await tx.get('a'))
      if (read.length === 1) await write('a', 'theirs')
      tx.put('a', 'ours')
    })
    expect(read).toEqual([undefined, 'theirs'])
    expect(await reader(store).get('a')).toBe('ours')
  })

  it.each([
    ['added', async () => write('lb/c', 3), [1, 2, 3]],
    ['changed', async () => write('lb/b', 4), [1, 4]],
    ['deleted', async () => write('lb/a', null), [2]],
  ])('runs its body again when a listed key was %s', async (_, interfere, expected) => {
    await write('lb/a', 1)
    await write('lb/b', 2)
    const read: unknown[] = []
    await atomically(store, async (tx) => {
      read.push(await tx.list('lb/'))
      if (read.length === 1) await interfere()
      tx.put('seen', true)
    })
    expect(read).toEqual([[1, 2], expected])
  })

  it('runs once when only keys changed that it did not read', async () => {
    let runs = 0
    await atomically(store, async (tx) => {
      runs += 1
      await tx.get('a')
      await tx.list('lb/')
      await write('other', runs)
      tx.put('a', runs)
    })
    expect(runs).toBe(1)
  })

  it('sees its own writes, and nobody sees them before they are committed', async () => {
    await write('lb/a', 1)
    await write('lb/\u{1f30d}', 'last')
    await atomically(store, async (tx) => {
      tx.put('lb/\uffee', 'second')
      tx.put('lb/b', { nested: [1] })
      tx.delete('lb/a')
      expect(await tx.get('lb/b')).toEqual({ nested: [1] })
      expect(await tx.get('lb/a')).toBeUndefined()
      expect(await tx.list('lb/')).toEqual([{ nested: [1] }, 'second', 'last'])
      expect(await reader(store).list('lb/')).toEqual([1, 'last'])
    })
    expect(await reader(store).list('lb/')).toEqual([{ nested: [1] }, 'second', 'last'])
  })

  it('writes nothing when its body throws', async () => {
    const failing = atomically(store, async (tx) => {
      tx.put('a', 1)
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect(await reader(store).get('a')).toBeUndefined()
    expect(await store.revision()).toBe(0)
  })

  it('gives up with an error when it conflicts every time', async () => {
    let runs = 0
    const hopeless = atomically(store, async (tx) => {
      runs += 1
      await tx.get('a')
      await write('a', runs)
      tx.put('a', 0)
    })
    await expect(hopeless).rejects.toThrow('transaction gave up after 1000 conflicts')
  })
})

async function write(key: string, value: unknown): Promise<void> {
  await store.transact([], [{ key, value: value === null ? null : JSON.stringify(value) }])
}
