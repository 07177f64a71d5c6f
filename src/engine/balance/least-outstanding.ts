import type { Loaded, Rotation, Selector } from './selector.ts'

/**
 * The target with the fewest requests outstanding; among equals, the next in turn.
 * The search starts where the last one ended and stops at the first idle target, so it is short unless all are busy.
 */
export class LeastOutstanding<T extends Loaded> implements Selector<T> {
  readonly #targets: readonly T[]
  readonly #rotation: Rotation

  constructor(targets: readonly T[], rotation: Rotation) {
    this.#targets = targets
    this.#rotation = rotation
  }

  pick(tried: readonly T[]): T | undefined {
    const count = this.#targets.length
    const first = this.#rotation.next
    let best: T | undefined
    let bestIndex = 0
    for (let i = 0; i < count; i += 1) {
      const index = (first + i) % count
      const target = this.#targets[index]
      if (target === undefined || target.full || tried.includes(target)) continue
      if (best !== undefined && !isBefore(target, best)) continue
      best = target
      bestIndex = index
      if (target.outstanding === 0 && !target.behind) break
    }
    if (best !== undefined) this.#rotation.next = bestIndex + 1
    return best
  }

  hasMore(tried: readonly T[]): boolean {
    return this.#targets.some((target) => !tried.includes(target))
  }
}

/** A target that cannot be connected to has nothing outstanding, and is not to be preferred for that. */
function isBefore(one: Loaded, other: Loaded): boolean {
  return one.behind === other.behind ? one.outstanding < other.outstanding : other.behind
}
