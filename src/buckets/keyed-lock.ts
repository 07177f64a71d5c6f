/** Runs what is done under one name one after the other, and what is done under others at the same time. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<unknown>>()

  async run<T>(name: string, body: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    const mine = before.then(body, body)
    const settled = mine.catch(() => undefined)
    this.#last.set(name, settled)
    try {
      return await mine
    } finally {
      if (this.#last.get(name) === settled) this.#last.delete(name)
    }
  }
}
