import { usualConnectTimeout } from '../attempts.ts'
import type { EngineContext } from '../context.ts'
import type { Target } from '../target.ts'
import { Watched } from '../timer-wheel.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { connectWire } from '../wire/wires.ts'

/** Why a connection to a target is no more. Nothing was sent on one that never stood. */
export type TargetFailure = 'not-connected' | 'connect-timed-out' | 'closed'

/** The exchange that a connection works for. */
export interface ResponseReceiver {
  targetConnected(): void
  targetBytes(bytes: Buffer, length: number): void
  targetEnded(): void
  targetDrained(): void
  targetFailed(failure: TargetFailure): void
}

/** One connection to a target: works for one exchange at a time, and waits in the target's pool in between. */
export class TargetConnection extends Watched implements WireHandler {
  readonly wire: Wire
  readonly target: Target
  /** It has waited in the pool: the target may be closing it just now. */
  reused = false
  /** It waits in the pool, and has carried no exchange yet. */
  unused = false
  readonly #context: EngineContext
  #receiver: ResponseReceiver | null
  #state: 'connecting' | 'open' | 'closed' = 'connecting'
  #timedOut = false
  #since: number
  readonly #connectTimeout: number
  /** While it waits. */
  #idleTimeout: number

  constructor(
    target: Target,
    context: EngineContext,
    receiver: ResponseReceiver,
    connectTimeout = usualConnectTimeout,
  ) {
    super()
    this.#connectTimeout = connectTimeout
    this.#idleTimeout = connectTimeout
    this.target = target
    this.#context = context
    this.#receiver = receiver
    context.open.targetConnections += 1
    this.#since = context.wheel.now
    context.wheel.watch(this)
    this.wire = connectWire(target.host, target.port, this, context.wireKind, target.security)
  }

  get connecting(): boolean {
    return this.#state === 'connecting'
  }

  reuse(receiver: ResponseReceiver): void {
    this.#receiver = receiver
    this.reused = true
    this.unused = false
  }

  /** Waits in the target's pool for its first exchange, for that many milliseconds. */
  wait(idleTimeout: number): void {
    this.unused = true
    this.release(true, idleTimeout)
  }

  /** Ends the exchange. A connection that is not fit for another is closed. */
  release(fit: boolean, idleTimeout: number): void {
    this.#receiver = null
    if (!fit || this.#state !== 'open') {
      this.destroy()
      return
    }
    this.#since = this.#context.wheel.now
    const sooner = idleTimeout < this.#idleTimeout
    this.#idleTimeout = idleTimeout
    if (sooner) this.#context.wheel.reschedule(this)
    this.target.release(this)
  }

  /** Closes at once, telling nobody. */
  destroy(): void {
    this.#receiver = null
    this.wire.destroy()
  }

  connected(): void {
    this.#state = 'open'
    this.target.reachable()
    this.#receiver?.targetConnected()
  }

  bytes(buffer: Buffer, length: number): void {
    if (this.#receiver !== null) this.#receiver.targetBytes(buffer, length)
    // An answer to nothing: whoever came next would take it for theirs.
    else this.#retire()
  }

  ended(): void {
    if (this.#receiver !== null) this.#receiver.targetEnded()
    else this.#retire()
  }

  drained(): void {
    this.#receiver?.targetDrained()
  }

  closed(): void {
    const failure = this.#failure()
    this.#state = 'closed'
    this.#context.open.targetConnections -= 1
    this.#context.wheel.unwatch(this)
    this.target.forget(this, false)
    const receiver = this.#receiver
    this.#receiver = null
    receiver?.targetFailed(failure)
  }

  due(): number {
    if (this.#state === 'connecting') return this.#since + this.#connectTimeout
    // In use, it is the exchange that watches; it may be released at any time, and is idle from then.
    const since = this.#receiver === null ? this.#since : this.#context.wheel.now
    return since + this.#idleTimeout
  }

  expired(): void {
    this.#timedOut = true
    if (this.#receiver === null) this.target.forget(this, true)
    this.wire.destroy()
  }

  #retire(): void {
    this.target.forget(this, false)
    this.wire.destroy()
  }

  #failure(): TargetFailure {
    if (this.#state !== 'connecting') return 'closed'
    return this.#timedOut ? 'connect-timed-out' : 'not-connected'
  }
}
