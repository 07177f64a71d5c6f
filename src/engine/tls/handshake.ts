/** A client's connection until its handshake is over: then who serves it takes its place. */
import type { ClientSide, Service } from '../context.ts'
import { Watched } from '../timer-wheel.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'

/** A client has no longer than this for its handshake, however slowly it keeps sending (as nginx's client_header_timeout). */
const maxHandshake = 60_000

export class Handshake extends Watched implements WireHandler, ClientSide {
  readonly #wire: Wire
  readonly #service: Service
  readonly #since: number
  readonly #done: (handshake: Handshake) => void
  readonly #closed: (handshake: Handshake) => void

  /**
   * @param done called when the handshake is over: somebody else is the wire's handler when it returns
   * @param closed called instead, when it failed
   */
  constructor(
    wire: Wire,
    service: Service,
    done: (handshake: Handshake) => void,
    closed: (handshake: Handshake) => void,
  ) {
    super()
    this.#wire = wire
    this.#service = service
    this.#done = done
    this.#closed = closed
    this.#since = service.context.wheel.now
    wire.handler = this
    service.context.wheel.watch(this)
  }

  connected(): void {
    this.#service.context.wheel.unwatch(this)
    this.#done(this)
  }

  closed(): void {
    this.#service.context.wheel.unwatch(this)
    this.#service.counters.tlsHandshakeErrors += 1
    this.#closed(this)
  }

  bytes(): void {
    // Nothing is passed on before the handshake is over.
  }

  ended(): void {
    // As bytes.
  }

  drained(): void {
    // As bytes.
  }

  retire(): void {
    this.destroy()
  }

  abandon(): void {
    this.destroy()
  }

  endWithdrawn(): void {
    // It is with no member.
  }

  destroy(): void {
    this.#wire.destroy()
  }

  reschedule(): void {
    this.#service.context.wheel.reschedule(this)
  }

  due(): number {
    return this.#since + Math.min(this.#service.idleTimeout, maxHandshake)
  }

  expired(): void {
    this.destroy()
  }
}
