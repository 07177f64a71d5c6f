/**
 * The store: a key-value map with revisions, compare-and-swap transactions and watch: what etcd gives, and no more, so that
 * SQLite on one machine and etcd on many are interchangeable. Keys are `/`-separated paths; values are JSON texts.
 * Every committed transaction with at least one write takes the next revision. 0 is the revision of "nothing yet".
 */
export interface Store extends AsyncDisposable {
  get(key: string): Promise<Entry | undefined>
  /** Entries whose key starts with `prefix`, in key order (bytewise), and the revision at which they were read. */
  list(prefix: string, options?: ListOptions): Promise<Listing>
  /**
   * Applies `writes` if every condition holds, all or nothing; durable when it resolves.
   * @returns the new revision, or `undefined` when a condition did not hold (nothing was written).
   */
  transact(conditions: readonly Condition[], writes: readonly Write[]): Promise<number | undefined>
  /** The revision of the latest committed transaction. */
  revision(): Promise<number>
  /**
   * Calls `onChange` after every transaction that is committed from now on and touches a key under `prefix`, in order of
   * revision. A watcher learns *that* something changed and reads what it needs.
   */
  watch(prefix: string, onChange: (change: Change) => void): Watch
}

export interface Entry {
  readonly key: string
  readonly value: string
  /** Revision of the transaction that last wrote this key. */
  readonly revision: number
}

export interface ListOptions {
  /** Only keys greater than this one. */
  readonly after?: string
  /** At most so many entries. */
  readonly limit?: number
}

export interface Listing {
  readonly entries: readonly Entry[]
  readonly revision: number
}

/**
 * `revision`: the key was last written by that transaction (0: the key does not exist).
 * `unchangedSince`: no key under the prefix was written by a later transaction (deletions do not count).
 */
export type Condition =
  | { readonly key: string; readonly revision: number }
  | { readonly prefix: string; readonly unchangedSince: number }

/** `value: null` deletes the key. */
export interface Write {
  readonly key: string
  readonly value: string | null
}

export interface Change {
  readonly revision: number
  readonly keys: readonly string[]
}

export interface Watch extends Disposable {
  close(): void
}
