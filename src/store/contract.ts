import { describe, expect, it } from 'vitest'
import type { Change, Store } from './store.ts'

/**
 * What every store must do. `open` gives a new, empty store; the suite disposes it.
 * Call it at the top level of a test file: `storeContract('SQLite', async () => openSqliteStore(…))`.
 */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    reading(open)
    committing(open)
    checking(open)
    watching(open)
  })
}

type Open = () => Promise<Store>

function reading(open: Open): void {
  it('starts empty at revision 0', async () => {
    await using store = await open()
    expect(await store.revision()).toBe(0)
    expect(await store.get('a')).toBeUndefined()
    expect(await store.list('')).toEqual({ entries: [], revision: 0 })
  })

  it('gives back a value with the revision that last wrote it', async () => {
    await using store = await open()
    await put(store, 'a', '{"name":"größe 🌍\\u0000"}')
    await put(store, 'b', '2')
    expect(await store.get('a')).toEqual({
      key: 'a',
      value: '{"name":"größe 🌍\\u0000"}',
      revision: 1,
    })
    await put(store, 'a', '3')
    expect(await store.get('a')).toEqual({ key: 'a', value: '3', revision: 3 })
    expect(await store.get('b')).toEqual({ key: 'b', value: '2', revision: 2 })
  })

  it('lists keys in the order of their UTF-8 bytes', async () => {
    await using store = await open()
    const bytewise = ['a', 'a-b', 'a/1', 'a/10', 'a/2', 'aB', 'ab', 'é', '\uffee', '🌍']
    await store.transact(
      [],
      bytewise.toReversed().map((key) => ({ key, value: '0' })),
    )
    expect(await keys(store, '')).toEqual(bytewise)
  })

  it('lists only keys that start with the prefix', async () => {
    await using store = await open()
    const under = ['lb/', 'lb/a', 'lb/a/b', 'lb/\u{10ffff}']
    for (const key of ['LB/a', 'l', 'lb', 'lb.x', 'lb0', ...under]) await put(store, key, '0')
    expect(await keys(store, 'lb/')).toEqual(under)
    expect(await keys(store, 'lb/a/b/c')).toEqual([])
    expect(await keys(store, 'lb/%')).toEqual([])
  })

  it('lists after a key and up to a limit, so that a caller can page', async () => {
    await using store = await open()
    for (const key of ['k/1', 'k/2', 'k/3', 'm/1']) await put(store, key, '0')
    expect(await keys(store, 'k/', { limit: 2 })).toEqual(['k/1', 'k/2'])
    expect(await keys(store, 'k/', { after: 'k/2', limit: 2 })).toEqual(['k/3'])
    expect(await keys(store, 'k/', { after: 'k/11' })).toEqual(['k/2', 'k/3'])
    expect(await keys(store, 'k/', { after: 'a' })).toEqual(['k/1', 'k/2', 'k/3'])
    expect(await keys(store, 'k/', { after: 'm' })).toEqual([])
    expect((await store.list('k/', { limit: 1 })).revision).toBe(4)
  })
}

function committing(open: Open): void {
  it('gives all writes of a transaction one revision, one more than the last', async () => {
    await using store = await open()
    expect(await put(store, 'a', '1')).toBe(1)
    const revision = await store.transact(
      [],
      [
        { key: 'a', value: null },
        { key: 'b', value: '2' },
        { key: 'c', value: '3' },
      ],
    )
    expect(revision).toBe(2)
    expect(await store.revision()).toBe(2)
    const { entries } = await store.list('')
    expect(entries).toEqual([
      { key: 'b', value: '2', revision: 2 },
      { key: 'c', value: '3', revision: 2 },
    ])
  })

  it('takes no revision for a transaction that only checks', async () => {
    await using store = await open()
    await put(store, 'a', '1')
    expect(await store.transact([{ key: 'a', revision: 1 }], [])).toBe(1)
    expect(await store.transact([{ key: 'a', revision: 7 }], [])).toBeUndefined()
    expect(await store.revision()).toBe(1)
  })
}

function checking(open: Open): void {
  it('swaps a value only if it is still the one that was read', async () => {
    await using store = await open()
    const swap = (revision: number, value: string) =>
      store.transact([{ key: 'a', revision }], [{ key: 'a', value }])
    expect(await swap(1, 'too early')).toBeUndefined()
    expect(await swap(0, 'created')).toBe(1)
    expect(await swap(0, 'created again')).toBeUndefined()
    expect(await swap(1, 'changed')).toBe(2)
    expect(await swap(1, 'late')).toBeUndefined()
    expect((await store.get('a'))?.value).toBe('changed')
  })

  it('sees a key that was deleted as one that does not exist', async () => {
    await using store = await open()
    await put(store, 'a', '1')
    await store.transact([{ key: 'a', revision: 1 }], [{ key: 'a', value: null }])
    expect(await store.get('a')).toBeUndefined()
    expect(await store.transact([{ key: 'a', revision: 1 }], [])).toBeUndefined()
    expect(await store.transact([{ key: 'a', revision: 0 }], [])).toBe(2)
  })

  it('writes nothing at all when one condition of several does not hold', async () => {
    await using store = await open()
    await put(store, 'a', '1')
    const conditions = [
      { key: 'a', revision: 1 },
      { key: 'b', revision: 9 },
    ]
    const writes = [
      { key: 'a', value: null },
      { key: 'b', value: '2' },
    ]
    expect(await store.transact(conditions, writes)).toBeUndefined()
    expect((await store.list('')).entries).toEqual([{ key: 'a', value: '1', revision: 1 }])
    expect(await store.revision()).toBe(1)
  })

  it('refuses to commit when a key under the prefix was written since', async () => {
    await using store = await open()
    await put(store, 'lb/a', '1')
    await put(store, 'other', '1')
    const since = (unchangedSince: number) =>
      store.transact([{ prefix: 'lb/', unchangedSince }], [])
    expect(await since(1)).toBe(2)
    expect(await since(0)).toBeUndefined()
    await put(store, 'lb/b', '1')
    expect(await since(2)).toBeUndefined()
    expect(await since(3)).toBe(3)
  })

  it('lets one of many concurrent writers of a key win', async () => {
    await using store = await open()
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, writer) =>
        store.transact([{ key: 'a', revision: 0 }], [{ key: 'a', value: `${writer}` }]),
      ),
    )
    const winners = [...outcomes.keys()].filter((writer) => outcomes[writer] !== undefined)
    expect(winners).toHaveLength(1)
    expect((await store.get('a'))?.value).toBe(`${winners[0]}`)
  })
}

function watching(open: Open): void {
  it('tells a watcher of every later transaction under its prefix, in order', async () => {
    await using store = await open()
    await put(store, 'lb/before', '0')
    const { changes, until } = collect(store, 'lb/')
    await put(store, 'lb/a', '1')
    await put(store, 'other', '2')
    await store.transact(
      [],
      [
        { key: 'lb/a', value: null },
        { key: 'lb/b', value: '3' },
        { key: 'other', value: '3' },
      ],
    )
    await Promise.all(['c', 'd', 'e'].map((key) => put(store, `lb/${key}`, '4')))
    await until(7)
    expect(changes.map(({ revision }) => revision)).toEqual([2, 4, 5, 6, 7])
    expect(changes[0]).toEqual({ revision: 2, keys: ['lb/a'] })
    expect([...(changes[1]?.keys ?? [])].sort()).toEqual(['lb/a', 'lb/b'])
  })

  it('does not tell of a transaction that was refused', async () => {
    await using store = await open()
    const { changes, until } = collect(store, '')
    await store.transact([{ key: 'a', revision: 5 }], [{ key: 'a', value: '1' }])
    await put(store, 'b', '1')
    await until(1)
    expect(changes).toEqual([{ revision: 1, keys: ['b'] }])
  })

  it('shows a watcher a state that contains the change', async () => {
    await using store = await open()
    const seen = Promise.withResolvers<string | undefined>()
    store.watch('a', () => store.get('a').then((entry) => seen.resolve(entry?.value)))
    await put(store, 'a', 'new')
    expect(await seen.promise).toBe('new')
  })

  it('tells a watcher nothing once it is closed', async () => {
    await using store = await open()
    let calls = 0
    const closed = store.watch('', () => {
      calls += 1
    })
    const { until } = collect(store, '')
    const written = put(store, 'a', '1')
    closed.close()
    await written
    await until(1)
    expect(calls).toBe(0)
  })

  it('goes on telling the others when one watcher throws', async () => {
    await using store = await open()
    const warning = new Promise<Error>((resolve) => process.once('warning', resolve))
    store.watch('a', () => {
      throw new Error('defect')
    })
    const { changes, until } = collect(store, '')
    await put(store, 'a', '1')
    await until(1)
    expect(changes).toHaveLength(1)
    expect((await warning).message).toContain('a watcher of "a" failed')
  })
}

function put(store: Store, key: string, value: string): Promise<number | undefined> {
  return store.transact([], [{ key, value }])
}

async function keys(
  store: Store,
  prefix: string,
  options?: Parameters<Store['list']>[1],
): Promise<string[]> {
  const { entries } = await store.list(prefix, options)
  return entries.map(({ key }) => key)
}

/** `until(revision)` resolves when the change of that revision (or a later one) has arrived. */
function collect(store: Store, prefix: string) {
  const changes: Change[] = []
  const waiting = new Map<number, () => void>()
  store.watch(prefix, (change) => {
    changes.push(change)
    for (const [revision, resolve] of waiting) if (change.revision >= revision) resolve()
  })
  const until = async (revision: number): Promise<void> => {
    if ((changes.at(-1)?.revision ?? 0) >= revision) return
    await new Promise<void>((resolve) => waiting.set(revision, resolve))
  }
  return { changes, until }
}
