/** When a client connection that waits for a request, or reads one, has waited long enough. */
import type { Service } from '../context.ts'
import { toTheTick } from '../timer-wheel.ts'

export class RequestTimes {
  readonly #service: Service
  /** When waiting for a request began, then when its head did. */
  #since: number
  /** When the request did whose head was read, by the clock; null: when that was. */
  began: number | null = null
  /** It had a request. */
  #used = false

  constructor(service: Service) {
    this.#service = service
    this.#since = service.context.clock.monotonic()
  }

  /** It waits for its next request. */
  wait(): void {
    const { timeouts, context } = this.#service
    this.#since = timeouts === undefined ? context.wheel.now : context.clock.monotonic()
  }

  /** The first bytes of a head came, which is not whole. */
  beginHead(): void {
    this.#since = this.#service.context.clock.monotonic()
  }

  /** A head is read. @param begunBefore its beginning had come before */
  endHead(begunBefore: boolean): void {
    this.#used = true
    this.began = begunBefore ? this.#since : null
  }

  /**
   * A head has to be whole in time, however slowly it keeps coming (guide, p. 113: HTTP 408).
   * @param begun there is a part of a head
   * @param touched when a byte moved last, as of the wheel
   */
  due(begun: boolean, touched: number): number {
    const { timeouts, idleTimeout } = this.#service
    if (timeouts === undefined) {
      return begun ? toTheTick(this.#since + idleTimeout) : touched + idleTimeout
    }
    // Who is not to stay after a request has time to make one.
    const waits = this.#used || timeouts.keepAlive > 0
    return toTheTick(this.#since + (begun || !waits ? timeouts.request : timeouts.keepAlive))
  }
}
