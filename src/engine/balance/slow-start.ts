import type { Loaded, Selector } from './selector.ts'

/** The share that a target begins with, of what it will have: 10 %, as Envoy's `min_weight_percent` has it. */
const leastShare = 0.1
/** Turns that a target may have saved up, or owe: neither is to be felt for long. */
const mostCredit = 2

/**
 * @param age milliseconds since the target came into service
 * @param period milliseconds until it has all of its share
 * @returns above 0, up to 1
 */
export function slowStartShare(age: number, period: number): number {
  if (age >= period) return 1
  return Math.max(leastShare, age / period)
}

/** A target that came into service lately. Outlives selectors. */
export interface Ramp {
  /** Milliseconds of the monotonic clock. */
  readonly since: number
  /** Turns that it has saved up: it takes one when it has 1. Below 0 where there was nobody else to take it. */
  credit: number
}

export interface Warming<T> {
  readonly target: T
  readonly ramp: Ramp
}

/**
 * Gives targets that came into service lately a share that grows in proportion to time. Each pick of any target earns a warming one its share of
 * a fair turn, whatever the algorithm, so that one which looks idle is not flooded. Where all others are warming too, or
 * cannot be taken, a target gets everything.
 */
export class SlowStart<T extends Loaded> implements Selector<T> {
  readonly #inner: Selector<T>
  #warming: readonly Warming<T>[]
  readonly #weight: number
  readonly #period: number
  readonly #now: () => number

  /**
   * @param weight of all targets that `inner` picks from
   * @param period milliseconds
   * @param now monotonic milliseconds
   */
  constructor(
    inner: Selector<T>,
    warming: readonly Warming<T>[],
    weight: number,
    period: number,
    now: () => number,
  ) {
    this.#inner = inner
    this.#warming = warming
    this.#weight = weight
    this.#period = period
    this.#now = now
  }

  pick(tried: readonly T[], client: string): T | undefined {
    this.#earn()
    const waiting: Warming<T>[] = []
    for (;;) {
      const target = this.#inner.pick([...tried, ...waiting.map((each) => each.target)], client)
      const warming = this.#warming.find((each) => each.target === target)
      if (warming === undefined) return orRichest(target, waiting)
      if (warming.ramp.credit >= 1) return spend(warming)
      waiting.push(warming)
    }
  }

  hasMore(tried: readonly T[]): boolean {
    return this.#inner.hasMore(tried)
  }

  #earn(): void {
    if (this.#warming.length === 0) return
    const now = this.#now()
    this.#warming = this.#warming.filter(({ ramp }) => now - ramp.since < this.#period)
    for (const { target, ramp } of this.#warming) {
      const share = slowStartShare(now - ramp.since, this.#period)
      ramp.credit = Math.min(ramp.credit + (share * target.weight) / this.#weight, mostCredit)
    }
  }
}

/** `target`, unless it is no better than one of those that wait for a turn. */
function orRichest<T extends Loaded>(
  target: T | undefined,
  waiting: readonly Warming<T>[],
): T | undefined {
  const [first, ...others] = waiting
  if (first === undefined || target?.behind === false) return target
  return spend(others.reduce((a, b) => (b.ramp.credit > a.ramp.credit ? b : a), first))
}

function spend<T>({ target, ramp }: Warming<T>): T {
  ramp.credit = Math.max(ramp.credit - 1, -mostCredit)
  return target
}
