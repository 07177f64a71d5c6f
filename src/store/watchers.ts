import type { Change, Watch, Write } from './store.ts'

interface Watcher {
  readonly prefix: string
  readonly onChange: (change: Change) => void
}

/**
 * The watchers of one store in this process. A change is delivered to those who were watching when it was committed, after the
 * commit has returned to the event loop's microtasks, so that a watcher may write to the store itself.
 */
export class Watchers {
  readonly #watchers = new Set<Watcher>()

  add(prefix: string, onChange: (change: Change) => void): Watch {
    const watcher = { prefix, onChange }
    this.#watchers.add(watcher)
    const close = () => {
      this.#watchers.delete(watcher)
    }
    return { close, [Symbol.dispose]: close }
  }

  /** Called once per committed transaction, in order of revision. */
  committed(revision: number, writes: readonly Write[]): void {
    for (const watcher of this.#watchers) {
      const keys = writes.map(({ key }) => key).filter((key) => key.startsWith(watcher.prefix))
      if (keys.length > 0) queueMicrotask(() => this.#deliver(watcher, { revision, keys }))
    }
  }

  close(): void {
    this.#watchers.clear()
  }

  #deliver(watcher: Watcher, change: Change): void {
    if (!this.#watchers.has(watcher)) return
    try {
      watcher.onChange(change)
    } catch (cause) {
      // The transaction is committed and its author has nothing to do with a watcher's defect.
      const failure = new Error(`a watcher of "${watcher.prefix}" failed`, { cause })
      process.emitWarning(failure)
    }
  }
}
