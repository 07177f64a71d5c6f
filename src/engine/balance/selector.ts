/** What balancing asks of a target. */
export interface Loaded {
  /** Requests (HTTP) or connections (TCP) that are with the target now. */
  readonly outstanding: number
}

/** Where the next turn starts. Outlives the selectors, so that a change of targets does not send everyone to the first. */
export interface Rotation {
  next: number
}

/**
 * Chooses among a fixed list of available targets; made anew when the list changes, so that a pick is nothing but the pick.
 * A target that is in `tried` is passed over; undefined when none is left.
 */
export interface Selector<T extends Loaded> {
  pick(tried: readonly T[]): T | undefined
}
