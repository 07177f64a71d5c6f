/** What is costly to make, and the same for all of a snapshot who ask for it by the same key. */
export abstract class PerSnapshot<Value> {
  #values = new Map<string, Value>()
  /** Of the snapshot before. */
  #before: ReadonlyMap<string, Value> = new Map()

  /** Another snapshot comes: everything that it needs is asked for anew, and what was not by {@link end} is forgotten. */
  begin(): void {
    this.#before = this.#values
    this.#values = new Map()
  }

  end(): void {
    for (const [key, value] of this.#before) {
      if (!this.#values.has(key)) this.forgotten(value)
    }
    this.#before = new Map()
  }

  protected values(): Iterable<Value> {
    return this.#values.values()
  }

  protected find(key: string, make: () => Value): Value {
    const value = this.#values.get(key) ?? this.#before.get(key) ?? make()
    this.#values.set(key, value)
    return value
  }

  /** Nobody asks for it any more. */
  protected forgotten(_value: Value): void {}
}
