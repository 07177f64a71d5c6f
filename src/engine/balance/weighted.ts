import type { Credit, Loaded, Rotation, Selector } from './selector.ts'

interface Entry<T> {
  readonly target: T
  readonly credit: Credit
}

/** Below 0: the first one is to be taken before the other; 0: it is whose turn it is. */
type Order = (one: Loaded, other: Loaded) => number

/** For round robin. */
export const unreachableLast: Order = (one, other) => Number(one.behind) - Number(other.behind)

/** The one with the fewest outstanding for its weight first. */
export const leastLoadedFirst: Order = (one, other) =>
  unreachableLast(one, other) || one.outstanding * other.weight - other.outstanding * one.weight

/**
 * Targets with different weights take turns smoothly (as nginx has it): a turn earns each its weight, and who is richest takes the turn
 * and pays what all have earned. So 5, 1, 1 gives a a b a c a a, not five times a in a row.
 */
export class WeightedTurns<T extends Loaded> implements Selector<T> {
  readonly #entries: readonly Entry<T>[]
  readonly #order: Order

  constructor(targets: readonly T[], rotation: Rotation, order: Order) {
    this.#entries = targets.map((target) => ({ target, credit: rotation.credit(target) }))
    this.#order = order
  }

  pick(tried: readonly T[]): T | undefined {
    let best: T | undefined
    for (const { target } of this.#entries) {
      if (target.full || tried.includes(target)) continue
      if (best === undefined || this.#order(target, best) < 0) best = target
    }
    return best === undefined ? undefined : this.#turn(tried, best)
  }

  hasMore(tried: readonly T[]): boolean {
    return this.#entries.some(({ target }) => !tried.includes(target))
  }

  /** Whose turn it is of those that are as good as `best`. */
  #turn(tried: readonly T[], best: T): T {
    let earned = 0
    let richest: Entry<T> | undefined
    for (const entry of this.#entries) {
      const { target, credit } = entry
      if (target.full || tried.includes(target) || this.#order(target, best) !== 0) continue
      earned += target.weight
      credit.amount += target.weight
      if (richest === undefined || credit.amount > richest.credit.amount) richest = entry
    }
    if (richest === undefined) return best
    richest.credit.amount -= earned
    return richest.target
  }
}
