import { usualConnectTimeout } from './attempts.ts'
import type { Loaded } from './balance/selector.ts'
import type { Ramp } from './balance/slow-start.ts'
import type { Target } from './target.ts'

/** What becomes of the traffic that a pool has with one of its targets. */
export type Standing =
  /** New traffic comes. */
  | 'available'
  /** No new traffic; what is in flight goes on. */
  | 'finishing'
  /** What is in flight is closed by force. */
  | 'closing'
  /** Its pool is gone: requests in flight go on, what is not made of requests is closed. */
  | 'abandoned'

/**
 * A target as one pool uses it. What is in flight belongs to the pool that sent it, so that one load balancer can end its own
 * and touch no other's; connections that wait for their next request are the target's, and serve all pools.
 */
export class Member implements Loaded {
  readonly place: string
  /** Another one when the pool speaks to it in another way from now on. */
  target: Target
  /** Requests (HTTP) or connections (TCP) that the pool has with the target now. */
  outstanding = 0
  standing: Standing = 'finishing'
  /** Since it last became available. */
  ramp: Ramp = { since: Number.NEGATIVE_INFINITY, credit: 0 }
  /** How many it may have at once. */
  bound = Number.POSITIVE_INFINITY
  /** Milliseconds that a connection to it may take to stand. */
  connectTimeout = usualConnectTimeout
  /** Called when one of `outstanding` is over, where somebody waits for that: places are bounded, or the target drains. */
  freed: (() => void) | null = null

  /** Its share beside the pool's others. */
  weight = 1

  constructor(place: string, target: Target) {
    this.place = place
    this.target = target
  }

  /** @param now monotonic milliseconds */
  stand(standing: Standing, now: number): void {
    if (standing === 'available' && this.standing !== 'available') {
      this.ramp = { since: now, credit: 0 }
      this.target.reachable()
    }
    this.standing = standing
  }

  get behind(): boolean {
    return this.target.avoided
  }

  get full(): boolean {
    return this.outstanding >= this.bound
  }
}
