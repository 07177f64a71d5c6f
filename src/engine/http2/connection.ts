/** A client's HTTP/2 connection (RFC 9113): its frames and their streams, from the preface to an orderly end. */
import type { ClientSide, Service } from '../context.ts'
import type { Endpoint } from '../endpoint.ts'
import type { EntranceFacts } from '../http1/forwarded-fields.ts'
import { toTheTick, Watched } from '../timer-wheel.ts'
import { type ClientCertificate, certificateOf } from '../tls/client-certificate.ts'
import type { TlsFacts } from '../wire/tls.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { FrameReader } from './frame-reader.ts'
import { type ErrorCode, errorCode } from './frames.ts'
import { Incoming } from './incoming.ts'
import { Output } from './output.ts'
import { ourSettings } from './settings.ts'
import type { Stream, StreamOwner } from './stream.ts'
import { Streams } from './streams.ts'

/** What a client sends first (section 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
/** As for HTTP/1.1: what a client still sends is read for so long, so that it gets what we sent. */
const linger = 5000

type State =
  | 'open'
  /** The client was told that no further request is served; those that are under way are. */
  | 'leaving'
  /** Our side is ended; what still comes is thrown away. */
  | 'closing'
  | 'closed'

export class Http2Connection extends Watched implements WireHandler, StreamOwner, ClientSide {
  readonly service: Service
  readonly address: string
  readonly port: number
  readonly entrance: EntranceFacts
  readonly tls: TlsFacts | null
  readonly output: Output
  readonly #wire: Wire
  readonly #closed: (connection: Http2Connection) => void
  readonly #streams: Streams
  readonly #incoming: Incoming
  readonly #reader: FrameReader
  #state: State = 'open'
  /** Bytes of the preface that came. */
  #prefaced = 0
  /** When the last stream was over, and later when closing began. */
  #since: number

  /**
   * @param remote the client
   * @param entrance what it connected to
   * @param closed called once, when the connection is gone
   */
  constructor(
    wire: Wire,
    service: Service,
    remote: Endpoint,
    entrance: EntranceFacts,
    closed: (connection: Http2Connection) => void,
  ) {
    super()
    this.service = service
    this.address = remote.address
    this.port = remote.port
    this.entrance = entrance
    this.tls = wire.tls
    this.#wire = wire
    this.#closed = closed
    wire.handler = this
    this.output = new Output(wire, (bytes) => this.#written(bytes))
    this.#streams = new Streams(this.output)
    this.#incoming = new Incoming(this, this.#streams)
    this.#reader = new FrameReader(this.#incoming)
    const { wheel, limits } = service.context
    this.#since = this.#now()
    wheel.watch(this)
    this.output.settings(ourSettings(limits))
    this.#streams.greet()
  }

  get serverName(): string | null {
    return this.#wire.serverName
  }

  get shownCertificate(): string | null {
    return this.#wire.shownCertificate
  }

  get certificate(): ClientCertificate | null {
    return certificateOf(this.#wire)
  }

  // What the wire says

  connected(): void {
    // An accepted wire is connected from the start.
  }

  bytes(buffer: Buffer, length: number): void {
    this.service.counters.bytesIn += length
    if (this.#state === 'closing') return
    const start = this.#prefaced < preface.length ? this.#readPreface(buffer, length) : 0
    const code = start < 0 ? errorCode.protocolError : this.#reader.read(buffer, start, length)
    if (code !== errorCode.noError) this.#end(code)
  }

  /** As for HTTP/1.1: who asked for something in full gets it. */
  ended(): void {
    if (this.#state === 'closing') return
    for (const stream of [...this.#streams.all()]) {
      if (!stream.remoteEnded || !stream.exchange.placed) stream.reset(null)
    }
    this.#leave()
  }

  drained(): void {
    this.#wire.resume()
    this.#streams.goOn()
  }

  closed(): void {
    this.#state = 'closed'
    this.service.context.wheel.unwatch(this)
    this.output.drop()
    this.#resetAll()
    this.#closed(this)
  }

  // What the streams say

  takeForgets(): boolean {
    const { settings } = this.#incoming
    const forgets = settings.setsTable
    settings.setsTable = false
    return forgets
  }

  sendData(stream: Stream, bytes: Buffer, start: number, end: number, endsStream: boolean): number {
    return this.#streams.send(stream, bytes, start, end, endsStream)
  }

  waits(stream: Stream): void {
    this.#streams.waits(stream)
  }

  credit(bytes: number): void {
    this.#streams.credit(bytes)
  }

  streamClosed(stream: Stream, wasReset: boolean): void {
    this.#streams.closed(stream, wasReset)
    this.service.streams.giveBack(stream)
    if (this.#streams.size > 0) return
    this.#since = this.#now()
    const stays = this.#state !== 'leaving' && this.service.timeouts?.keepAlive !== 0
    if (!stays) this.#end(errorCode.noError)
    else this.service.context.wheel.reschedule(this)
  }

  // What the listener says

  retire(): void {
    this.#leave()
  }

  abandon(): void {
    this.#leave()
  }

  endWithdrawn(): void {
    for (const stream of [...this.#streams.all()]) {
      const standing = stream.exchange.member?.standing
      if (standing === 'closing') stream.exchange.cutOff()
      else if (standing === 'abandoned') this.#leave()
    }
  }

  destroy(): void {
    this.#wire.destroy()
  }

  reschedule(): void {
    const { wheel } = this.service.context
    wheel.reschedule(this)
    for (const stream of this.#streams.all()) wheel.reschedule(stream)
  }

  // What the timer says

  /** Streams have their own time. A connection without one, whatever it sends, has to begin one in time. */
  due(): number {
    const { timeouts, idleTimeout, context } = this.service
    if (this.#state === 'closing') {
      // A client may take its time to read what we sent.
      const waits = context.wheel.now >= this.#since + linger && !this.#wire.flushed
      return this.#since + (waits ? idleTimeout : linger)
    }
    if (this.#streams.size > 0) return context.wheel.now + idleTimeout
    if (timeouts === undefined) return this.#since + idleTimeout
    // Who is not to stay after a request has time to make one.
    return toTheTick(this.#since + (timeouts.keepAlive || timeouts.request))
  }

  expired(): void {
    if (this.#state === 'closing') this.#wire.destroy()
    else this.#end(errorCode.noError)
    if (this.#state !== 'closed') this.service.context.wheel.watch(this)
  }

  /** @returns where the bytes after it begin; -1: it is none */
  #readPreface(buffer: Buffer, length: number): number {
    const from = this.#prefaced
    const taken = Math.min(length, preface.length - from)
    this.#prefaced += taken
    return preface.compare(buffer, 0, taken, from, from + taken) === 0 ? taken : -1
  }

  #written(bytes: number): void {
    this.service.counters.bytesOut += bytes
    // Who does not read is not read: answers that wait would take more and more memory.
    if (this.#wire.full) this.#wire.pause()
  }

  /** Serves no further request, and closes when those that are under way are over (section 6.8). */
  #leave(): void {
    if (this.#state !== 'open') return
    if (this.#streams.size === 0) {
      this.#end(errorCode.noError)
      return
    }
    this.#state = 'leaving'
    this.#incoming.closing = true
    this.output.goaway(this.#streams.last, errorCode.noError)
  }

  #end(code: ErrorCode): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    const told = this.#state === 'leaving' && code === errorCode.noError
    this.#state = 'closing'
    this.#resetAll()
    if (!told) this.output.goaway(this.#streams.last, code)
    this.output.flush()
    const { wheel } = this.service.context
    this.#since = wheel.now
    this.#wire.end()
    this.#wire.resume()
    wheel.reschedule(this)
  }

  /** By the clock where time-outs are exact, and as of the wheel else. */
  #now(): number {
    const { timeouts, context } = this.service
    return timeouts === undefined ? context.wheel.now : context.clock.monotonic()
  }

  #resetAll(): void {
    for (const stream of [...this.#streams.all()]) stream.reset(null)
  }
}
