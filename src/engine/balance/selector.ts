/** What balancing asks of a target. */
export interface Loaded {
  /** Requests (HTTP) or connections (TCP) that are with the target now. */
  readonly outstanding: number
  /** It has as many as it may, and takes no more for now. */
  readonly full: boolean
  /** It could not be connected to lately: others are tried before it. */
  readonly behind: boolean
  /** Its share beside the others': above 0. */
  readonly weight: number
  /** Where it is: the same text in every thread and after every restart. */
  readonly place: string
}

/** Whose turn it is. Outlives the selectors, so that a change of targets does not send everyone to the first. */
export class Rotation {
  /** Where the next turn starts. */
  next: number
  /** Of targets with different weights: turns saved up. */
  readonly #credits = new WeakMap<object, Credit>()

  constructor(next = 0) {
    this.next = next
  }

  credit(target: object): Credit {
    const credit = this.#credits.get(target) ?? { amount: 0 }
    this.#credits.set(target, credit)
    return credit
  }
}

export interface Credit {
  amount: number
}

/**
 * Chooses among a fixed list of available targets; made anew when the list changes, so that a pick is nothing but the pick.
 * A target that is full or in `tried` is passed over; undefined when none is left.
 */
export interface Selector<T extends Loaded> {
  /** @param client its address */
  pick(tried: readonly T[], client: string): T | undefined
  /** Whether there are targets that are not in `tried`, full or not. */
  hasMore(tried: readonly T[]): boolean
}
