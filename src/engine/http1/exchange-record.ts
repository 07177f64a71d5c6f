/** Notes what an exchange comes to, counts it, and tells the observer. Used again for the next. */
import type { Counters, EngineContext } from '../context.ts'
import type { Classification } from '../desync/classification.ts'
import type { ClientEnd, ExchangeReport } from '../observer.ts'
import type { Target } from '../target.ts'
import type { RequestHead } from './request-head.ts'
import type { Requester } from './requester.ts'

export class ExchangeRecord implements ExchangeReport {
  #requester: Requester
  pool = ''
  target: Target | null = null
  receivedAt = -1
  connectingAt = -1
  sentAt = -1
  answeredAt = -1
  respondedAt = -1
  endedAt = -1
  status = 0
  targetStatus = 0
  sentHeadBytes = 0
  receivedBytes = 0
  sentBytes = 0
  readonly #head: RequestHead
  readonly #context: EngineContext
  readonly #counters: Counters

  /** @param head of the request, until it is over */
  constructor(context: EngineContext, counters: Counters, client: Requester, head: RequestHead) {
    this.#requester = client
    this.#head = head
    this.#context = context
    this.#counters = counters
  }

  /** For the requests of another client of the same listener. */
  adopt(client: Requester): void {
    this.#requester = client
  }

  get client(): ClientEnd {
    return this.#requester.clientEnd
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

  get method(): string {
    return this.#head.method
  }

  get requestTarget(): string {
    return this.#head.target
  }

  get version(): ExchangeReport['version'] {
    if (this.#requester.major === 2) return '2.0'
    return this.#head.minor === 0 ? '1.0' : '1.1'
  }

  get host(): string {
    return this.#head.host
  }

  get userAgent(): string {
    return this.#head.userAgent
  }

  get referer(): string {
    return this.#head.referer
  }

  get headBytes(): number {
    return this.method === '' ? 0 : this.#head.length
  }

  get forwardedFor(): string {
    return this.#head.forwardedFor
  }

  get classification(): Classification {
    return this.#head.classification
  }

  get time(): number {
    return this.#context.wheel.epoch + this.receivedAt
  }

  /** A request was read, or could not be. */
  begin(): void {
    this.pool = ''
    this.target = null
    this.receivedAt = this.#context.clock.monotonic()
    this.connectingAt = -1
    this.sentAt = -1
    this.answeredAt = -1
    this.respondedAt = -1
    this.endedAt = -1
    this.status = 0
    this.targetStatus = 0
    this.sentHeadBytes = 0
    this.receivedBytes = 0
    this.sentBytes = 0
  }

  /** The request is to go to the target, over a connection that is being made, or that stands. */
  tries(target: Target, connecting: boolean): void {
    this.target = target
    this.connectingAt = connecting ? this.#context.clock.monotonic() : -1
  }

  /** The request goes to the target: the connection stands. */
  sent(): void {
    if (this.sentAt < 0) this.#counters.routed += 1
    this.sentAt = this.#context.clock.monotonic()
  }

  /** The head of the target's final answer came, and goes on to the client. */
  answered(status: number): void {
    this.status = status
    this.targetStatus = status
    this.answeredAt = this.#context.clock.monotonic()
    this.#counters.latency.add((this.answeredAt - this.sentAt) / 1000)
    this.#countAnswer(status)
  }

  /** The answer's head went to the client, and more is to come. */
  responding(): void {
    this.respondedAt = this.#context.clock.monotonic()
  }

  /** The load balancer answers in the target's place. */
  answeredHere(status: number, headBytes: number, bodyBytes: number): void {
    this.status = status
    this.sentHeadBytes = headBytes
    this.sentBytes = bodyBytes
    if (status < 200 || status > 599) return
    if (status < 300) this.#counters.engine2xx += 1
    else if (status < 400) this.#counters.engine3xx += 1
    else if (status < 500) this.#counters.engine4xx += 1
    else this.#counters.engine5xx += 1
  }

  #countAnswer(status: number): void {
    if (status < 200 || status > 599) this.#counters.answersOther += 1
    else if (status < 300) this.#counters.target2xx += 1
    else if (status < 400) this.#counters.target3xx += 1
    else if (status < 500) this.#counters.target4xx += 1
    else this.#counters.target5xx += 1
  }

  ended(): void {
    this.endedAt = this.#context.clock.monotonic()
    if (this.respondedAt < 0 && this.answeredAt >= 0) this.respondedAt = this.endedAt
    this.#countEnd()
    this.#context.observer?.exchangeEnded(this)
  }

  #countEnd(): void {
    const counters = this.#counters
    if (this.status === 0) {
      counters.unanswered += 1
      return
    }
    counters.answered += 1
    counters.answeredSeconds += (this.endedAt - this.receivedAt) / 1000
    if (this.status === 404) counters.answers404 += 1
    else if (this.status === 502) counters.answers502 += 1
  }
}
