/**
 * Connections that a target is given ahead of requests (guide, p. 34: "always an established connection ready"), so that a request
 * need not wait for one. Missing ones are looked for by the timer wheel, once a second at most: a connection that is
 * taken and comes back meanwhile costs nothing. A target that closes them unused, or cannot be connected to, is asked less and less often.
 */
import type { EngineContext } from './context.ts'
import { type ResponseReceiver, TargetConnection } from './http1/target-connection.ts'
import type { Target } from './target.ts'
import { Watched } from './timer-wheel.ts'

/**
 * Milliseconds that a connection may wait for its first request before another takes its place. Servers close such a connection, some
 * with a 408 that would meet a request on its way: Apache after 20 s (mod_reqtimeout), nginx and Node after 60 s. So we are first.
 */
const maxAge = 15_000
/** Milliseconds between two looks, and what they grow to for a target that does not want the connections. */
const shortestPause = 1000
const longestPause = 64_000

export class Spares extends Watched {
  readonly #target: Target
  readonly #context: EngineContext
  readonly #opening = new Set<Opening>()
  #wanted = 0
  #pause = shortestPause
  #failed = false
  /** When the next look may be. */
  #next = 0

  constructor(target: Target, context: EngineContext) {
    super()
    this.#target = target
    this.#context = context
  }

  /** @param wanted how many connections are to wait at the target; 0 ends those that are being made */
  want(wanted: number): void {
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    if (wanted > 0) {
      this.lookSoon()
      return
    }
    this.#context.wheel.unwatch(this)
    for (const opening of this.#opening) opening.cancel()
    this.#opening.clear()
    this.#succeed()
  }

  /** A waiting connection was taken, or is gone. */
  lookSoon(): void {
    if (!this.watched && this.#missing > 0) this.#context.wheel.watch(this)
  }

  /** A connection that had waited since it was made is gone: `usedUp`, it carried a request or was as old as it may be. */
  spent(usedUp: boolean): void {
    if (usedUp) this.#succeed()
    else this.#fail()
  }

  due(): number {
    return this.#next
  }

  expired(): void {
    const missing = this.#missing
    if (missing <= 0) return
    this.#failed = false
    this.#next = this.#context.wheel.now + this.#pause
    for (let i = 0; i < missing; i += 1) this.#open()
  }

  get #missing(): number {
    return this.#wanted - this.#target.idle - this.#opening.size
  }

  #open(): void {
    const opening = new Opening(this.#target, this.#context, (stands) => {
      this.#opening.delete(opening)
      if (stands) return
      this.#target.unreachable()
      this.#fail()
      this.lookSoon()
    })
    this.#opening.add(opening)
  }

  #succeed(): void {
    if (this.#pause === shortestPause) return
    this.#pause = shortestPause
    this.#next = Math.min(this.#next, this.#context.wheel.now + shortestPause)
    this.#context.wheel.reschedule(this)
  }

  /** Those of one look count as one. */
  #fail(): void {
    if (this.#failed) return
    this.#failed = true
    this.#pause = Math.min(this.#pause * 2, longestPause)
    this.#next = this.#context.wheel.now + this.#pause
  }
}

/** A connection that is being made for nobody yet. */
class Opening implements ResponseReceiver {
  readonly #connection: TargetConnection
  readonly #over: (stands: boolean) => void

  constructor(target: Target, context: EngineContext, over: (stands: boolean) => void) {
    this.#over = over
    this.#connection = new TargetConnection(target, context, this)
  }

  cancel(): void {
    this.#connection.destroy()
  }

  targetConnected(): void {
    this.#over(true)
    this.#connection.wait(maxAge)
  }

  targetFailed(): void {
    this.#over(false)
  }

  // Nothing comes before the connection stands, and then it is the target's.
  targetBytes(): void {}
  targetEnded(): void {}
  targetDrained(): void {}
}
