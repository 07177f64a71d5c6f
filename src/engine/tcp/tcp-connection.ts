/** A client's TCP connection: finds a target that can be connected to, then relays. */
import { connectTimeout, maxAttempts } from '../attempts.ts'
import type { ClientSide, Service } from '../context.ts'
import type { Member } from '../member.ts'
import { Placement } from '../placement.ts'
import { proxyLine } from '../proxy-protocol/v1.ts'
import type { Target } from '../target.ts'
import type { Watched } from '../timer-wheel.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { connectWire } from '../wire/wires.ts'
import { Relay } from './relay.ts'

export class TcpConnection implements WireHandler, ClientSide {
  readonly service: Service
  /** What a target gets before the client's first byte. */
  readonly greeting: string
  readonly #wire: Wire
  readonly #closed: (connection: TcpConnection) => void
  readonly #placement: Placement
  #attempt: Attempt | null = null
  #relay: Relay | null = null
  #gone = false

  /**
   * @param address what the client connected to
   * @param closed called once, when the client's side is gone
   */
  constructor(
    wire: Wire,
    service: Service,
    address: string,
    closed: (connection: TcpConnection) => void,
  ) {
    this.service = service
    this.greeting = service.proxyProtocol
      ? proxyLine(
          { address: wire.remoteAddress, port: wire.remotePort },
          { address, port: service.port },
        )
      : ''
    this.#closed = closed
    this.#placement = new Placement(service)
    this.#wire = wire
    wire.handler = this
    wire.pause()
    this.#connect()
  }

  get boundTo(): Member | null {
    return this.#placement.member
  }

  get #connecting(): boolean {
    return this.#relay === null
  }

  #connect(): void {
    const member = this.#placement.failures < maxAttempts ? this.#placement.take() : null
    if (member === null) this.#wire.destroy()
    else this.#attempt = new Attempt(member.target, this)
  }

  attemptConnected(attempt: Attempt): void {
    if (this.#gone) attempt.wire.destroy()
    else this.#relay = new Relay(this.#wire, attempt.wire, this.service)
  }

  attemptClosed(): void {
    if (!this.#connecting || this.#gone) {
      this.#placement.leave()
      return
    }
    this.service.counters.targetConnectErrors += 1
    this.#placement.fail()
    this.#connect()
  }

  closed(): void {
    this.#gone = true
    if (this.#connecting) this.#attempt?.wire.destroy()
    this.#closed(this)
  }

  connected(): void {
    // An accepted wire is connected from the start.
  }

  bytes(): void {
    // Not read before the relay takes over.
  }

  ended(): void {
    // As bytes.
  }

  drained(): void {
    // Nothing is written before the relay takes over.
  }

  /** A TCP connection has no end but its own. */
  retire(): void {}

  abandon(): void {
    this.destroy()
  }

  cutOff(): void {
    this.destroy()
  }

  destroy(): void {
    this.#wire.destroy()
    this.#relay?.destroy()
  }

  reschedule(): void {
    this.#relay?.reschedule()
  }
}

/** The connection to one target, until the relay has it. */
class Attempt implements WireHandler, Watched {
  readonly wire: Wire
  wheelSlot = -1
  readonly #client: TcpConnection
  readonly #due: number

  constructor(target: Target, client: TcpConnection) {
    const { context } = client.service
    this.#client = client
    context.open.targetConnections += 1
    this.wire = connectWire(target.host, target.port, this, context.wireKind)
    if (client.greeting !== '') this.wire.writeText(client.greeting)
    this.#due = context.wheel.now + connectTimeout
    context.wheel.watch(this)
  }

  connected(): void {
    this.#client.service.context.wheel.unwatch(this)
    this.#client.attemptConnected(this)
  }

  closed(): void {
    const { context } = this.#client.service
    context.open.targetConnections -= 1
    context.wheel.unwatch(this)
    this.#client.attemptClosed()
  }

  due(): number {
    return this.#due
  }

  expired(): void {
    this.wire.destroy()
  }

  bytes(): void {
    // The relay takes over as soon as the wire is connected.
  }

  ended(): void {
    // As bytes.
  }

  drained(): void {
    // As bytes.
  }
}
