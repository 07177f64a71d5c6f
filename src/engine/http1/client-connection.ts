/**
 * A client's HTTP/1.1 connection: reads heads, one exchange at a time, and closes in an orderly way. Requests that are sent
 * ahead wait in `#carry` until their turn comes (RFC 9112, section 9.3.2).
 */
import type { ClientSide, Service } from '../context.ts'
import type { Endpoint } from '../endpoint.ts'
import type { ClientEnd } from '../observer.ts'
import { Relay } from '../tcp/relay.ts'
import { Watched } from '../timer-wheel.ts'
import { type ClientCertificate, certificateOf } from '../tls/client-certificate.ts'
import type { TlsFacts } from '../wire/tls.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { Carry } from './carry.ts'
import { CR, LF } from './characters.ts'
import { countDoubted } from './doubted.ts'
import { refusalStatus } from './failure-answers.ts'
import type { EntranceFacts } from './forwarded-fields.ts'
import type { Handling } from './handling.ts'
import {
  answerText,
  type ErrorStatus,
  errorAnswer,
  type OwnAnswer,
  proofAnswer,
} from './own-answers.ts'
import type { RequestHead } from './request-head.ts'
import { RequestTimes } from './request-times.ts'
import type { Requester } from './requester.ts'

/**
 * How long a connection that we have ended may still send: closing at once would make the kernel answer RST, and the client
 * could lose the response that it has not read yet (RFC 9112, section 9.6). 5 s as nginx's lingering_timeout.
 */
const linger = 5000

type State =
  /** Waiting for a request, or in the middle of its head. */
  | 'head'
  | 'exchange'
  | 'tunnel'
  /** Our side is ended; what still comes is thrown away. */
  | 'closing'
  | 'closed'

export class ClientConnection extends Watched implements WireHandler, Requester, ClientSide {
  readonly service: Service
  readonly major = 1
  readonly address: string
  readonly port: number
  readonly entrance: EntranceFacts
  readonly wire: Wire
  readonly #closed: (connection: ClientConnection) => void
  /** null while there is nothing of a request. */
  #handling: Handling | null = null
  readonly #carry = new Carry()
  #state: State = 'head'
  #touched: number
  readonly #times: RequestTimes
  /** When closing began, as of the wheel. */
  #closingSince = 0
  #requestKeepAlive = true
  #retiring = false
  /** The client has closed its side. It may be gone, or wait for what it asked for. */
  #ended = false
  #reading = false
  #relay: Relay | null = null

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
    closed: (connection: ClientConnection) => void,
  ) {
    super()
    this.service = service
    this.#closed = closed
    this.wire = wire
    wire.handler = this
    this.address = remote.address
    this.port = remote.port
    this.entrance = entrance
    this.#touched = service.context.wheel.now
    this.#times = new RequestTimes(service)
    service.context.wheel.watch(this)
  }

  get clientEnd(): ClientEnd {
    return this
  }

  get tls(): TlsFacts | null {
    return this.wire.tls
  }

  get serverName(): string | null {
    return this.wire.serverName
  }

  get shownCertificate(): string | null {
    return this.wire.shownCertificate
  }

  get certificate(): ClientCertificate | null {
    return certificateOf(this.wire)
  }

  get keepAlive(): boolean {
    if (this.#ended && this.#carry.length === 0) return false
    if (this.service.timeouts?.keepAlive === 0) return false
    return (
      this.#requestKeepAlive && !this.#retiring && this.#handling?.exchange.requestDone === true
    )
  }

  // What the wire says

  connected(): void {
    // An accepted wire is connected from the start.
  }

  bytes(buffer: Buffer, length: number): void {
    this.touch()
    this.service.counters.bytesIn += length
    switch (this.#state) {
      case 'head':
        this.#headBytes(buffer, length)
        break
      case 'exchange':
        this.#exchangeBytes(buffer, length)
        break
      default:
    }
  }

  ended(): void {
    this.#ended = true
    if (this.#state === 'head') this.#readOn()
    // Having closed and having half-closed look alike. Who asked for something in full gets it (BusyBox's wget half-closes, and
    // HAProxy and Apache serve it); a client that is gone shows when it is written to. What is cut off cannot be served, and
    // a place in the surge queue is for those who surely wait.
    else if (this.#state === 'exchange' && !this.#handle().exchange.placed) this.wire.destroy()
  }

  drained(): void {
    this.touch()
    if (this.#state === 'exchange') this.#handling?.exchange.clientDrained()
    else if (this.#state === 'head') this.#readOn()
  }

  closed(): void {
    this.#state = 'closed'
    this.service.context.wheel.unwatch(this)
    this.#handling?.exchange.abort()
    this.#putAway()
    this.#carry.clear()
    this.#closed(this)
  }

  // What the exchange says

  touch(): void {
    this.#touched = this.service.context.wheel.now
  }

  pause(): void {
    this.wire.pause()
  }

  resume(): void {
    this.wire.resume()
  }

  exchangeDone(): void {
    this.#next(this.#handle().writer.keepAlive)
  }

  answer(answer: OwnAnswer, goOn: boolean): void {
    const keepAlive = goOn && this.keepAlive
    this.#writeAnswer(answer, keepAlive, this.#handle().exchange.toHead)
    this.#next(keepAlive)
  }

  cutShort(): void {
    this.wire.reset()
  }

  tunnel(target: Wire, early: Buffer): void {
    this.#state = 'tunnel'
    this.#relay = new Relay(this.wire, target, this.service)
    if (early.length > 0) this.wire.writeBytes(early, 0, early.length)
    this.service.context.wheel.unwatch(this)
    const { buffer, start, end } = this.#carry
    if (end > start) this.wire.handler.bytes(buffer.subarray(start, end), end - start)
    this.#carry.clear()
    if (this.#ended) this.wire.handler.ended()
  }

  // What the listener says

  retire(): void {
    this.#retiring = true
    if (this.#state === 'head' && this.#carry.length === 0) this.#end()
  }

  abandon(): void {
    this.retire()
    if (this.#state === 'tunnel') this.destroy()
  }

  endWithdrawn(): void {
    const standing = this.#handling?.exchange.member?.standing
    if (standing === 'abandoned') this.abandon()
    else if (standing !== 'closing') return
    else if (this.#state === 'tunnel') this.destroy()
    else this.#handling?.exchange.cutOff()
  }

  destroy(): void {
    this.wire.destroy()
    this.#relay?.destroy()
  }

  reschedule(): void {
    if (this.#relay !== null) this.#relay.reschedule()
    else this.service.context.wheel.reschedule(this)
  }

  // What the timer says

  due(): number {
    switch (this.#state) {
      case 'closing': {
        const due = this.#closingSince + linger
        // A client may take its time to read a response.
        if (this.service.context.wheel.now < due || this.wire.flushed) return due
        return this.#touched + this.service.idleTimeout
      }
      case 'head':
        return this.#times.due(this.#carry.length > 0, this.#touched)
      case 'exchange': {
        const { timeouts, idleTimeout } = this.service
        if (timeouts === undefined) return this.#touched + idleTimeout
        return this.#handle().exchange.due(timeouts, this.#times.began, this.#touched)
      }
      default:
        return this.#touched + this.service.idleTimeout
    }
  }

  /** Another part of a request begins, which may be due sooner than the one before. */
  #nextPart(): void {
    if (this.service.timeouts !== undefined) this.service.context.wheel.reschedule(this)
  }

  expired(): void {
    switch (this.#state) {
      case 'head':
        if (this.#carry.length > 0) this.#refuse(408)
        else this.#end()
        break
      case 'exchange':
        this.#handling?.exchange.expired()
        break
      default:
        this.wire.destroy()
    }
    if (this.#state !== 'closed') this.service.context.wheel.watch(this)
  }

  // How requests are read

  #headBytes(buffer: Buffer, length: number): void {
    if (this.#carry.length > 0 || this.wire.full) {
      this.#keep(buffer, 0, length)
      this.#readOn()
      return
    }
    this.#reading = true
    const next = this.#readHead(buffer, 0, length)
    this.#reading = false
    if (next < length) this.#keep(buffer, next, length)
    if (next > 0) this.#readOn()
  }

  /** Reads the requests that wait, until one has to wait for its response. */
  #readOn(): void {
    if (this.#reading) return
    this.#reading = true
    while (this.#state === 'head' && this.#carry.length > 0 && !this.wire.full) {
      const { buffer, start, end } = this.#carry
      const next = this.#readHead(buffer, start, end)
      if (next === start) break
      this.#carry.dropBefore(next)
      this.#times.beginHead()
    }
    this.#reading = false
    if (this.#state !== 'head') return
    if (this.#ended && !this.wire.full) this.#endCutOff()
    else if (this.#carry.length <= this.service.context.limits.pipelined) this.wire.resume()
  }

  /** The client sends no more. A head that it began will never be whole (RFC 9112, section 8). */
  #endCutOff(): void {
    const { buffer, start, end } = this.#carry
    const began = buffer.subarray(start, end).some((byte) => byte !== CR && byte !== LF)
    if (began) this.#refuse(400)
    else this.#end()
  }

  /** After a response. `goOn`: the connection can take another request. */
  #next(goOn: boolean): void {
    if (this.#state !== 'exchange') return
    if (!goOn || this.#retiring) {
      this.#end()
      return
    }
    this.#state = 'head'
    if (this.#carry.length === 0) this.#times.wait()
    this.#putAway()
    this.#nextPart()
    this.#readOn()
  }

  /** @returns where the bytes that are not yet read begin */
  #readHead(buffer: Buffer, start: number, end: number): number {
    const { reader, exchange } = this.#handle()
    const { head } = reader
    head.names = this.service.forwarded.names
    const verdict = reader.read(buffer, start, end, this.service.desync)
    if (verdict === 'incomplete') return start
    countDoubted(this.service.counters, head.classification)
    if (verdict === 'refused') {
      this.#refuse(refusalStatus(head, this.service.errors))
      return end
    }
    this.service.counters.requests += 1
    this.#requestKeepAlive = head.keepAlive
    this.#state = 'exchange'
    this.#times.endHead(this.#carry.length > 0)
    const bodyStart = reader.start + head.length + reader.shift
    if (this.service.context.challenges.pending && this.#prove(head)) return bodyStart
    const next = exchange.start(reader.bytes, reader.start, reader.end)
    this.#nextPart()
    if (next >= 0) return next + reader.shift
    this.#refuse(400)
    return end
  }

  /** Answers an authority that asks for a proof. @returns false when nobody does: the request is for an instance */
  #prove(head: RequestHead): boolean {
    if (head.bodyLength.kind !== 'none') return false
    const proof = this.service.context.challenges.proof(head.method, head.target)
    if (proof === undefined) return false
    const { keepAlive } = this
    this.#writeAnswer(proofAnswer(proof), keepAlive, head.method === 'HEAD')
    this.#next(keepAlive)
    return true
  }

  #handle(): Handling {
    this.#handling ??= this.service.handlings.take(this)
    return this.#handling
  }

  #putAway(): void {
    if (this.#handling === null) return
    this.service.handlings.giveBack(this.#handling)
    this.#handling = null
  }

  #exchangeBytes(buffer: Buffer, length: number): void {
    const { exchange } = this.#handle()
    let next = 0
    if (!exchange.requestDone) {
      next = exchange.requestBytes(buffer, 0, length)
      if (exchange.requestDone) this.#nextPart()
    }
    if (next < 0) this.#refuse(400)
    else if (next < length) this.#keep(buffer, next, length)
  }

  #keep(buffer: Buffer, from: number, to: number): void {
    if (this.#state !== 'head' && this.#state !== 'exchange') return
    const first = this.#carry.length === 0
    if (first) this.#times.beginHead()
    this.#carry.append(buffer, from, to)
    if (first) this.#nextPart()
    if (this.#carry.length > this.service.context.limits.pipelined) this.wire.pause()
  }

  /** Answers a request that cannot be read on; nothing after it can be trusted. */
  #refuse(status: ErrorStatus): void {
    this.#writeAnswer(errorAnswer(status), false, false)
    this.#end()
  }

  #writeAnswer(answer: OwnAnswer, keepAlive: boolean, toHead: boolean): void {
    const { reader, exchange } = this.#handle()
    const now = this.service.context.clock.now()
    const text = answerText(answer, { keepAlive, toHead, old: reader.head.minor === 0, now })
    const headBytes = text.indexOf('\r\n\r\n') + 4
    exchange.answeredHere(answer.status, headBytes, text.length - headBytes)
    this.service.counters.bytesOut += text.length
    this.wire.writeText(text)
  }

  #end(): void {
    // The client said that it would send no more.
    const said = !this.#requestKeepAlive && this.#handling?.reader.head.isolated !== true
    const lastRequest = said && this.#handling?.exchange.requestDone !== false
    const nothingFollows = lastRequest && this.#carry.length === 0
    this.#state = 'closing'
    this.#carry.clear()
    this.#closingSince = this.service.context.wheel.now
    if (nothingFollows) {
      this.wire.close()
      this.wire.resume()
      return
    }
    this.wire.end()
    this.wire.resume()
    this.service.context.wheel.reschedule(this)
  }
}
