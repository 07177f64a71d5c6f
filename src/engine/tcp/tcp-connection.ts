/** A client's TCP connection: finds a target that can be connected to, then relays. */
import { maxAttempts } from '../attempts.ts'
import type { ClientSide, Service } from '../context.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Member } from '../member.ts'
import { type Outcome, Placement } from '../placement.ts'
import { proxyLine } from '../proxy-protocol/v1.ts'
import type { Target } from '../target.ts'
import { Watched } from '../timer-wheel.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { connectWire } from '../wire/wires.ts'
import { ConnectionRecord } from './connection-record.ts'
import { Relay } from './relay.ts'

export class TcpConnection extends Watched implements WireHandler, ClientSide {
  readonly service: Service
  /** What a target gets before the client's first byte. */
  readonly greeting: string
  /** What the client sent while it waited in the surge queue. */
  early: Buffer | null = null
  readonly #wire: Wire
  readonly #closed: (connection: TcpConnection) => void
  readonly #placement: Placement
  /** null while nobody wants it. */
  readonly #record: ConnectionRecord | null
  #attempt: Attempt | null = null
  #relay: Relay | null = null
  #gone = false
  #waitingSince = 0

  /**
   * @param remote the client
   * @param entrance what it connected to
   * @param closed called once, when the client's side is gone
   */
  constructor(
    wire: Wire,
    service: Service,
    remote: Endpoint,
    entrance: Endpoint,
    closed: (connection: TcpConnection) => void,
  ) {
    super()
    this.service = service
    this.greeting = service.proxyProtocol ? proxyLine(remote, entrance) : ''
    this.#record = recordOf(wire, service, remote, entrance)
    this.#closed = closed
    this.#placement = new Placement(service, (outcome) => this.#waited(outcome))
    this.#placement.begin(remote.address, '', null)
    this.#wire = wire
    wire.handler = this
    wire.pause()
    this.#connect()
  }

  get #connecting(): boolean {
    return this.#relay === null
  }

  #connect(): void {
    this.#go(this.#placement.failures < maxAttempts ? this.#placement.take() : 'nobody')
  }

  #go(outcome: Outcome): void {
    const member = this.#placement.member
    if (outcome === 'waiting') this.#wait()
    else if (member === null) this.#wire.destroy()
    else {
      this.#record?.connecting(member.target)
      this.#attempt = new Attempt(member, this)
    }
  }

  /** In the surge queue, as long as a silent connection may last; the client is read, to see whether it leaves. */
  #wait(): void {
    this.#waitingSince = this.service.context.wheel.now
    this.service.context.wheel.watch(this)
    if (this.early === null) this.#wire.resume()
  }

  #waited(outcome: Outcome): void {
    this.service.context.wheel.unwatch(this)
    this.#wire.pause()
    this.#go(outcome)
  }

  attemptConnected(attempt: Attempt): void {
    this.early = null
    if (this.#gone) {
      attempt.wire.destroy()
      return
    }
    this.#record?.connected()
    const { counters } = this.service
    counters.routed += 1
    counters.targetConnections += 1
    counters.latency.add(attempt.elapsed / 1000)
    this.#relay = new Relay(this.#wire, attempt.wire, this.service, this.#record)
  }

  attemptClosed(): void {
    this.#attempt = null
    if (this.#gone) {
      this.#over()
      return
    }
    if (!this.#connecting) {
      this.#placement.leave()
      return
    }
    this.service.counters.targetConnectErrors += 1
    this.#placement.fail()
    this.#connect()
  }

  closed(): void {
    this.#gone = true
    this.service.context.wheel.unwatch(this)
    if (this.#attempt === null) this.#over()
    else if (this.#connecting) this.#attempt.wire.destroy()
    this.#closed(this)
  }

  /** Both sides are gone. */
  #over(): void {
    this.#placement.leave()
    this.#record?.ended()
  }

  connected(): void {
    // An accepted wire is connected from the start.
  }

  /** Only a client that waits is read before the relay takes over, and of that no more than what comes first. */
  bytes(buffer: Buffer, length: number): void {
    this.service.counters.bytesIn += length
    this.#record?.early(length)
    this.early = Buffer.from(buffer.subarray(0, length))
    this.#wire.pause()
  }

  /** It came to wait, said nothing, and is gone. */
  ended(): void {
    this.#wire.destroy()
  }

  drained(): void {
    // Nothing is written before the relay takes over.
  }

  /** A TCP connection has no end but its own. */
  retire(): void {}

  abandon(): void {
    this.destroy()
  }

  endWithdrawn(): void {
    const standing = this.#placement.member?.standing
    if (standing === 'closing' || standing === 'abandoned') this.destroy()
  }

  destroy(): void {
    this.#wire.destroy()
    this.#relay?.destroy()
  }

  reschedule(): void {
    this.#relay?.reschedule()
    this.service.context.wheel.reschedule(this)
  }

  due(): number {
    return this.#waitingSince + this.service.idleTimeout
  }

  expired(): void {
    this.#wire.destroy()
  }
}

function recordOf(
  wire: Wire,
  service: Service,
  remote: Endpoint,
  entrance: Endpoint,
): ConnectionRecord | null {
  const { observer } = service.context
  if (observer === null) return null
  const { tls, serverName } = wire
  const client = { ...remote, entrance, tls, serverName }
  return new ConnectionRecord(service.context, observer, service.counters, client)
}

/** The connection to one target, until the relay has it. */
class Attempt extends Watched implements WireHandler {
  readonly wire: Wire
  readonly #client: TcpConnection
  readonly #target: Target
  readonly #begun: number
  readonly #due: number

  constructor({ target, connectTimeout }: Member, client: TcpConnection) {
    super()
    const { context } = client.service
    this.#client = client
    this.#target = target
    this.#begun = context.clock.monotonic()
    context.open.targetConnections += 1
    this.wire = connectWire(target.host, target.port, this, context.wireKind, target.security)
    if (client.greeting !== '') this.wire.writeText(client.greeting)
    if (client.early !== null) this.wire.writeBytes(client.early, 0, client.early.length)
    this.#due = context.wheel.now + connectTimeout
    context.wheel.watch(this)
  }

  /** Milliseconds since it began. */
  get elapsed(): number {
    return this.#client.service.context.clock.monotonic() - this.#begun
  }

  connected(): void {
    this.#client.service.context.wheel.unwatch(this)
    this.#target.reachable()
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
