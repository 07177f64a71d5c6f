import type { ListenerCounters } from '../../snapshot/status.ts'
import type { Clock, Timer } from '../../std/clock.ts'

/** By a name of who counts: totals of one do not go on with those of another. */
export type Counted = ReadonlyMap<string, readonly ListenerCounters[]>

/** What a listener has counted in a stretch of time. */
export interface Span {
  /** At its end, */
  readonly now: ListenerCounters
  /** and at its beginning; undefined: the listener was not there. */
  readonly before: ListenerCounters | undefined
  /** Above zero. */
  readonly seconds: number
}

interface Sample {
  /** On the monotonic clock. */
  readonly at: number
  readonly counted: Counted
}

const sampleMs = 5000
const spanMs = 60_000

/** Remembers running totals for a minute: what rates are made of. */
export class LastMinute implements Disposable {
  readonly #clock: Clock
  readonly #count: () => Counted
  readonly #timer: Timer
  /** The oldest first. */
  #samples: Sample[] = []

  constructor(clock: Clock, count: () => Counted) {
    this.#clock = clock
    this.#count = count
    this.#timer = clock.every(sampleMs, () => this.#sample())
    this.#sample()
  }

  /**
   * The last minute of each listener and of each who counts it, up to a sample more; less when whoever counts has not told of anything for
   * so long. Those who have told of nothing yet may have totals of days.
   */
  spans(): Span[] {
    const at = this.#clock.monotonic()
    return [...this.#count()].flatMap(([source, counters]) => {
      const first = this.#samples.find(({ counted }) => (counted.get(source)?.length ?? 0) > 0)
      if (first === undefined || first.at >= at) return []
      const then = new Map(first.counted.get(source)?.map((one) => [one.listener, one]))
      const seconds = (at - first.at) / 1000
      return counters.map((now) => ({ now, before: then.get(now.listener), seconds }))
    })
  }

  /** The newest of those that are a minute old stays. */
  #sample(): void {
    const at = this.#clock.monotonic()
    this.#samples.push({ at, counted: this.#count() })
    const start = this.#samples.findLastIndex((sample) => at - sample.at >= spanMs)
    if (start > 0) this.#samples = this.#samples.slice(start)
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
  }
}
