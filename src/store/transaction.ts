import type { Condition, Store, Write } from './store.ts'

/**
 * Optimistic transactions over a {@link Store}. The body reads and writes freely; every read is remembered as a condition
 * and all writes are committed at once, if nothing that was read has changed since. Otherwise the body runs again from the start,
 * so it must have no other effects.
 */
export interface Reader {
  get<T>(key: string): Promise<T | undefined>
  /** Values of all keys under `prefix`, in key order. */
  list<T>(prefix: string): Promise<T[]>
  /** As {@link Reader.list}, with the keys. */
  entries<T>(prefix: string): Promise<[key: string, value: T][]>
}

export interface Transaction extends Reader {
  put(key: string, value: unknown): void
  delete(key: string): void
}

/** A body that conflicts this often is not unlucky: something else is wrong. */
const maxAttempts = 1000

/** Runs `body` and commits what it wrote. Two concurrent transactions never lose each other's update. */
export async function atomically<T>(
  store: Store,
  body: (tx: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const tx = new Attempt(store)
    const result = await body(tx)
    if (await tx.commit()) return result
  }
  throw new Error(`transaction gave up after ${maxAttempts} conflicts`)
}

/** Reads outside a transaction: each call sees the newest committed state. */
export function reader(store: Store): Reader {
  return {
    async get<T>(key: string) {
      const entry = await store.get(key)
      return entry === undefined ? undefined : (JSON.parse(entry.value) as T)
    },
    async list<T>(prefix: string) {
      const { entries } = await store.list(prefix)
      return entries.map((entry) => JSON.parse(entry.value) as T)
    },
    async entries<T>(prefix: string) {
      const { entries } = await store.list(prefix)
      return entries.map(({ key, value }): [string, T] => [key, JSON.parse(value) as T])
    },
  }
}

class Attempt implements Transaction {
  readonly #store: Store
  readonly #conditions: Condition[] = []
  readonly #writes = new Map<string, string | null>()

  constructor(store: Store) {
    this.#store = store
  }

  async get<T>(key: string): Promise<T | undefined> {
    const written = this.#writes.get(key)
    if (written !== undefined) return written === null ? undefined : (JSON.parse(written) as T)
    const entry = await this.#store.get(key)
    this.#conditions.push({ key, revision: entry?.revision ?? 0 })
    return entry === undefined ? undefined : (JSON.parse(entry.value) as T)
  }

  async list<T>(prefix: string): Promise<T[]> {
    return (await this.entries<T>(prefix)).map(([, value]) => value)
  }

  async entries<T>(prefix: string): Promise<[string, T][]> {
    const listing = await this.#store.list(prefix)
    this.#conditions.push({ prefix, unchangedSince: listing.revision })
    const values = new Map<string, string>()
    for (const { key, value, revision } of listing.entries) {
      this.#conditions.push({ key, revision })
      values.set(key, value)
    }
    for (const [key, value] of this.#writes) {
      if (!key.startsWith(prefix)) continue
      if (value === null) values.delete(key)
      else values.set(key, value)
    }
    return sortedByKey(values).map(([key, value]) => [key, JSON.parse(value) as T])
  }

  put(key: string, value: unknown): void {
    this.#writes.set(key, JSON.stringify(value))
  }

  delete(key: string): void {
    this.#writes.set(key, null)
  }

  async commit(): Promise<boolean> {
    if (this.#writes.size === 0) return true
    const writes: Write[] = [...this.#writes].map(([key, value]) => ({ key, value }))
    return (await this.#store.transact(this.#conditions, writes)) !== undefined
  }
}

function sortedByKey(values: ReadonlyMap<string, string>): [string, string][] {
  return [...values].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
