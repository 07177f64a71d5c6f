import type { Service } from '../context.ts'
import { Watched } from '../timer-wheel.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import type { ConnectionRecord } from './connection-record.ts'

/**
 * Passes bytes both ways between two wires until both directions have ended or one wire fails. Each direction ends by itself
 * (half-close); a side that takes no more bytes makes the other wait. Takes the place of the wires' handlers, which still hear
 * that their wire is closed.
 */
export class Relay extends Watched {
  readonly #service: Service
  readonly #client: Side
  readonly #target: Side
  readonly #record: ConnectionRecord | null
  #touched: number
  #closed = 0

  /** @param record of the connection, if it is a connection that is recorded */
  constructor(
    client: Wire,
    target: Wire,
    service: Service,
    record: ConnectionRecord | null = null,
  ) {
    super()
    this.#service = service
    this.#record = record
    this.#touched = service.context.wheel.now
    this.#client = new Side(this, client)
    this.#target = new Side(this, target)
    service.context.wheel.watch(this)
    this.#client.wire.resume()
    this.#target.wire.resume()
  }

  /** Closes both wires now. */
  destroy(): void {
    this.#client.wire.destroy()
    this.#target.wire.destroy()
  }

  reschedule(): void {
    this.#service.context.wheel.reschedule(this)
  }

  /** Bytes came, and go to the other side next. @returns whether {@link responded} is to be called then */
  passing(from: Side, length: number): boolean {
    this.touch()
    if (from === this.#client) {
      this.#service.counters.bytesIn += length
      this.#record?.received(length)
      return false
    }
    this.#service.counters.bytesOut += length
    return this.#record?.sent(length) ?? false
  }

  responded(): void {
    this.#record?.responded()
  }

  touch(): void {
    this.#touched = this.#service.context.wheel.now
  }

  opposite(side: Side): Wire {
    return side === this.#client ? this.#target.wire : this.#client.wire
  }

  sideClosed(): void {
    this.#closed += 1
    if (this.#closed === 2) this.#service.context.wheel.unwatch(this)
  }

  due(): number {
    return this.#touched + this.#service.idleTimeout
  }

  expired(): void {
    this.destroy()
  }
}

class Side implements WireHandler {
  readonly wire: Wire
  readonly #relay: Relay
  readonly #before: WireHandler
  #ended = false

  constructor(relay: Relay, wire: Wire) {
    this.wire = wire
    this.#relay = relay
    this.#before = wire.handler
    wire.handler = this
  }

  bytes(buffer: Buffer, length: number): void {
    const first = this.#relay.passing(this, length)
    if (!this.#relay.opposite(this).writeBytes(buffer, 0, length)) this.wire.pause()
    if (first) this.#relay.responded()
  }

  ended(): void {
    this.#ended = true
    this.#relay.touch()
    this.#relay.opposite(this).end()
  }

  drained(): void {
    this.#relay.touch()
    this.#relay.opposite(this).resume()
  }

  connected(): void {
    // A relay begins when both wires are connected.
  }

  closed(error: Error | undefined): void {
    const opposite = this.#relay.opposite(this)
    if (error !== undefined) opposite.reset()
    else if (!this.#ended) opposite.destroy()
    this.#relay.sideClosed()
    this.#before.closed(error)
  }
}
