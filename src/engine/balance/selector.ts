/** What balancing asks of a target. */
export interface Loaded {
  /** Requests (HTTP) or connections (TCP) that are with the target now. */
  readonly outstanding: number
  /** It has as many as it may, and takes no more for now. */
  readonly full: boolean
  /** It could not be connected to lately: others are tried before it. */
  readonly behind: boolean
}

/** Where the next turn starts. Outlives the selectors, so that a change of targets does not send everyone to the first. */
export interface Rotation {
  next: number
}

/**
 * Chooses among a fixed list of available targets; made anew when the list changes, so that a pick is nothing but the pick.
 * A target that is full or in `tried` is passed over; undefined when none is left.
 */
export interface Selector<T extends Loaded> {
  pick(tried: readonly T[]): T | undefined
  /** Whether there are targets that are not in `tried`, full or not. */
  hasMore(tried: readonly T[]): boolean
}
