/** Notes what a TCP connection comes to, for the observer. */
import type { Counters, EngineContext } from '../context.ts'
import type { ClientEnd, ConnectionReport, Observer } from '../observer.ts'
import type { Target } from '../target.ts'

export class ConnectionRecord implements ConnectionReport {
  readonly client: ClientEnd
  target: Target | null = null
  readonly time: number
  readonly acceptedAt: number
  connectingAt = -1
  connectedAt = -1
  sentAt = -1
  answeredAt = -1
  respondedAt = -1
  endedAt = -1
  receivedBytes = 0
  sentBytes = 0
  readonly #context: EngineContext
  readonly #observer: Observer
  readonly #counters: Counters

  constructor(context: EngineContext, observer: Observer, counters: Counters, client: ClientEnd) {
    this.client = client
    this.#context = context
    this.#observer = observer
    this.#counters = counters
    this.time = context.clock.now()
    this.acceptedAt = context.clock.monotonic()
  }

  get loadBalancer(): string {
    return this.#counters.loadBalancer
  }

  get zone(): string {
    return this.#counters.zone
  }

  get listener(): string {
    return this.#counters.listener
  }

  connecting(target: Target): void {
    this.target = target
    this.connectingAt = this.#context.clock.monotonic()
  }

  /** What the client sent before goes to the target now. */
  connected(): void {
    this.connectedAt = this.#context.clock.monotonic()
    if (this.receivedBytes > 0) this.sentAt = this.connectedAt
  }

  /** From the client, while there is no target to send it to. */
  early(length: number): void {
    this.receivedBytes += length
  }

  /** From the client, on its way to the target. */
  received(length: number): void {
    if (this.sentAt < 0) this.sentAt = this.#context.clock.monotonic()
    this.receivedBytes += length
  }

  /** From the target, on its way to the client. @returns whether it is the first: {@link responded} follows */
  sent(length: number): boolean {
    this.sentBytes += length
    if (this.answeredAt >= 0) return false
    this.answeredAt = this.#context.clock.monotonic()
    return true
  }

  /** The first bytes from the target went to the client. */
  responded(): void {
    this.respondedAt = this.#context.clock.monotonic()
  }

  ended(): void {
    this.endedAt = this.#context.clock.monotonic()
    this.#observer.connectionEnded(this)
  }
}
