/**
 * Notices which draining targets have nothing in flight any more, in whichever pool. They take no new traffic, and a target that is
 * registered again has another id: what was noticed stays true.
 */
import type { Pool } from './pool.ts'

export class FinishedTargets {
  readonly #changed: (ids: readonly string[]) => void
  #ids: ReadonlySet<string> = new Set()

  /** @param changed told all that are finished and still in the snapshot, each time that there is another one */
  constructor(changed: (ids: readonly string[]) => void) {
    this.#changed = changed
  }

  look(pools: Iterable<Pool>): void {
    const busy = new Set<string>()
    const all = new Set<string>()
    for (const pool of pools) {
      for (const { id, outstanding } of pool.ending()) {
        all.add(id)
        if (outstanding > 0 && !this.#ids.has(id)) busy.add(id)
      }
    }
    const before = this.#ids
    this.#ids = all.difference(busy)
    if (!this.#ids.isSubsetOf(before)) this.#changed([...this.#ids])
  }
}
