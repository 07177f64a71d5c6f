/**
 * One request and its response on an HTTP/2 connection (RFC 9113, section 5): the client's side of an exchange. Used again for the
 * next.
 *
 * Both ways, what cannot go on now is held here, and its sender waits: the client's window is opened only as the target takes the
 * bytes, and the target is not read while the client's windows are shut. So a stream holds at most a window of the request and
 * one read of the response.
 */
import type { Service } from '../context.ts'
import { untilClose } from '../http1/body-length.ts'
import { Carry } from '../http1/carry.ts'
import { countDoubted } from '../http1/doubted.ts'
import { Exchange } from '../http1/exchange.ts'
import { refusalStatus } from '../http1/failure-answers.ts'
import type { EntranceFacts } from '../http1/forwarded-fields.ts'
import { answerText, errorAnswer, type OwnAnswer } from '../http1/own-answers.ts'
import { RequestReader } from '../http1/request-reader.ts'
import type { Requester } from '../http1/requester.ts'
import type { ClientEnd } from '../observer.ts'
import { Watched } from '../timer-wheel.ts'
import type { ClientCertificate } from '../tls/client-certificate.ts'
import type { TlsFacts } from '../wire/tls.ts'
import { type ErrorCode, errorCode } from './frames.ts'
import type { Output } from './output.ts'
import { headBytes, type RequestFields } from './request-fields.ts'
import { initialWindow, maxWindow } from './settings.ts'
import { StreamResponse } from './stream-response.ts'

/** What a stream asks of its connection. */
export interface StreamOwner {
  readonly service: Service
  readonly address: string
  readonly port: number
  readonly entrance: EntranceFacts
  readonly tls: TlsFacts | null
  readonly serverName: string | null
  readonly certificate: ClientCertificate | null
  readonly shownCertificate: string | null
  readonly output: Output
  /** The peer has changed the size of the table that we do not keep: the next block says so. */
  takeForgets(): boolean
  /** Sends what the windows and the wire allow of a piece of body. @returns where the rest begins */
  sendData(stream: Stream, bytes: Buffer, start: number, end: number, endsStream: boolean): number
  /** Calls `goOn` when something may go on. */
  waits(stream: Stream): void
  /** So many bytes of a request's body are done with: the connection's window opens again. */
  credit(bytes: number): void
  /** It is over, and may be used again. @param wasReset by us */
  streamClosed(stream: Stream, wasReset: boolean): void
}

/** A window of our own is opened again when half of it is used. */
const creditStep = initialWindow / 2

export class Stream extends Watched implements Requester {
  readonly major = 2
  id = 0
  /** What the client lets us send. */
  sendWindow = 0
  /** What we let the client send. */
  receiveWindow = 0
  readonly exchange: Exchange
  readonly #response: StreamResponse
  readonly #reader: RequestReader
  #owner: StreamOwner
  #open = false
  #exchanging = false
  #touched = 0
  #began = 0

  // The request
  /** The client has sent END_STREAM. */
  #remoteEnded = false
  /** Of a Content-Length: bytes still to come; -1 without one. */
  #lacking = -1
  #paused = false
  readonly #inbound = new Carry()
  /** Its end is known, and not told the exchange yet. */
  #endWaits = false
  #requestTrailers = ''
  #credit = 0

  constructor(owner: StreamOwner) {
    super()
    this.#owner = owner
    this.#reader = new RequestReader(owner.service.context.limits)
    this.#response = new StreamResponse(this, owner)
    this.exchange = new Exchange(this, this.#reader.head, this.#response)
  }

  get service(): Service {
    return this.#owner.service
  }

  get clientEnd(): ClientEnd {
    return this.#owner
  }

  get address(): string {
    return this.#owner.address
  }

  get port(): number {
    return this.#owner.port
  }

  get entrance(): EntranceFacts {
    return this.#owner.entrance
  }

  get tls(): TlsFacts | null {
    return this.#owner.tls
  }

  get serverName(): string | null {
    return this.#owner.serverName
  }

  get shownCertificate(): string | null {
    return this.#owner.shownCertificate
  }

  get certificate(): ClientCertificate | null {
    return this.#owner.certificate
  }

  /** The client has sent all of the request. */
  get remoteEnded(): boolean {
    return this.#remoteEnded
  }

  /** A request begins. @param sendWindow of new streams */
  begin(owner: StreamOwner, id: number, sendWindow: number, endsStream: boolean): void {
    this.#owner = owner
    this.#response.begin(owner)
    this.id = id
    this.#open = true
    this.sendWindow = sendWindow
    this.receiveWindow = initialWindow
    this.#remoteEnded = endsStream
    this.exchange.adopt(this)
    const { wheel } = owner.service.context
    this.#touched = wheel.now
    this.#began = owner.service.context.clock.monotonic()
  }

  /** Reads the request that the fields are, and gives it to the exchange. */
  start(fields: RequestFields): void {
    this.#exchanging = true
    const { service } = this
    const length = fields.writeHead(this.#remoteEnded)
    const { head } = this.#reader
    head.names = service.forwarded.names
    const verdict = this.#reader.read(headBytes, 0, length, service.desync)
    countDoubted(service.counters, head.classification)
    if (verdict !== 'complete') {
      this.#answer(errorAnswer(refusalStatus(head, service.errors)))
      return
    }
    service.counters.requests += 1
    if (head.bodyLength.kind === 'known') this.#lacking = head.bodyLength.length
    const { bytes, start } = this.#reader
    const { bodyLength } = head
    const body = bodyLength.kind === 'chunked' ? untilClose : bodyLength
    this.exchange.start(bytes, start, start + head.length, body)
    this.#watch()
  }

  /** Answers a request whose fields are over the limit. */
  refuseTooLarge(): void {
    this.#exchanging = true
    this.#answer(errorAnswer(this.service.errors.headersTooLarge))
  }

  // What the client says

  /** Data of the request's body. @returns false: it is more than the request said */
  data(bytes: Buffer, start: number, end: number): boolean {
    const length = end - start
    this.touch()
    if (this.#lacking >= 0) {
      if (length > this.#lacking) return false
      this.#lacking -= length
    }
    if (!this.#exchanging) this.#credited(length)
    else if (this.#paused) this.#inbound.append(bytes, start, end)
    else this.#give(bytes, start, end)
    return true
  }

  /** Bytes that were no data, and which flow control counts. */
  padding(bytes: number): void {
    this.#credited(bytes)
  }

  /** The request is whole. @returns false: it is less than it said */
  ends(trailers: string): boolean {
    this.touch()
    this.#remoteEnded = true
    if (this.#lacking > 0) return false
    this.#requestTrailers = trailers
    this.#endWaits = true
    this.#tellEnd()
    return true
  }

  /** The window opened, or the wire takes bytes again. @returns whether more could be sent if the connection allowed it */
  goOn(): boolean {
    if (!this.#response.sendHeld()) return this.sendWindow > 0
    if (this.#response.isWhole) this.#response.finish()
    else this.exchange.clientDrained()
    return false
  }

  /** Changes what may be sent. @returns false: the window would be greater than there can be (section 6.9.1) */
  widen(increment: number): boolean {
    this.sendWindow += increment
    return this.sendWindow <= maxWindow
  }

  /** Ends the stream at once, with the exchange that is under way. @param code null: the client has ended it */
  reset(code: ErrorCode | null): void {
    if (!this.#open) return
    this.exchange.abort()
    this.#exchanging = false
    if (code !== null) this.#owner.output.rstStream(this.id, code)
    this.#close(code !== null)
  }

  // What the exchange says

  touch(): void {
    this.#touched = this.#owner.service.context.wheel.now
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    const { buffer, start, end, length } = this.#inbound
    this.#inbound.clear()
    if (length > 0) this.#give(buffer, start, end)
    this.#tellEnd()
  }

  exchangeDone(): void {
    this.#exchanging = false
    this.#closeIfOver()
  }

  answer(answer: OwnAnswer): void {
    this.#answer(answer)
  }

  cutShort(): void {
    this.reset(errorCode.internalError)
  }

  /** Nobody can ask for another protocol on a stream (section 8.6): `Upgrade` makes a request malformed. */
  tunnel(): void {
    this.cutShort()
  }

  // What the response says

  responseSent(): void {
    this.#closeIfOver()
  }

  // What the timer says

  due(): number {
    const { timeouts, idleTimeout } = this.service
    if (timeouts === undefined) return this.#touched + idleTimeout
    // What is left then is for the client to take.
    if (!this.#exchanging) return this.#touched + timeouts.response
    return this.exchange.due(timeouts, this.#began, this.#touched)
  }

  expired(): void {
    if (this.#exchanging) this.exchange.expired()
    else this.reset(errorCode.cancel)
    this.#watch()
  }

  /** Unless it is over already. */
  #watch(): void {
    if (this.#open && !this.watched) this.service.context.wheel.watch(this)
  }

  /** Gives the exchange a piece of the request's body. */
  #give(bytes: Buffer, start: number, end: number): void {
    this.exchange.requestBytes(bytes, start, end)
    this.#credited(end - start)
  }

  #tellEnd(): void {
    if (!this.#endWaits || this.#paused || !this.#exchanging) return
    this.#endWaits = false
    this.exchange.requestEnded(this.#requestTrailers)
    if (this.service.timeouts !== undefined) this.service.context.wheel.reschedule(this)
  }

  #credited(bytes: number): void {
    this.#owner.credit(bytes)
    this.#credit += bytes
    if (this.#credit < creditStep || this.#remoteEnded) return
    this.receiveWindow += this.#credit
    this.#owner.output.windowUpdate(this.id, this.#credit)
    this.#credit = 0
  }

  #answer(answer: OwnAnswer): void {
    const toHead = this.exchange.toHead
    const { clock } = this.service.context
    const form = { keepAlive: true, old: false, toHead, now: clock.now() }
    const text = answerText(answer, form)
    const headBytes = text.indexOf('\r\n\r\n') + 4
    const body = Buffer.from(text.slice(headBytes), 'latin1')
    this.exchange.answeredHere(answer.status, headBytes, body.length)
    this.#exchanging = false
    this.#response.answer(answer.status, text, body)
    this.#closeIfOver()
    this.#watch()
  }

  #closeIfOver(): void {
    if (!this.#open || this.#exchanging || !this.#response.isSent) return
    // The client need not send the rest of a request that is answered (section 8.1).
    if (!this.#remoteEnded) {
      // By itself: curl 7 loses the answer when it reads both at once.
      this.#owner.output.flush()
      this.#owner.output.rstStream(this.id, errorCode.noError)
    }
    this.#close(!this.#remoteEnded)
  }

  #close(wasReset: boolean): void {
    this.#open = false
    this.service.context.wheel.unwatch(this)
    this.#owner.credit(this.#inbound.length)
    this.#forget()
    this.#owner.streamClosed(this, wasReset)
  }

  /** As new. */
  #forget(): void {
    this.#reader.reset()
    this.#lacking = -1
    this.#paused = false
    this.#inbound.clear()
    this.#endWaits = false
    this.#requestTrailers = ''
    this.#credit = 0
    this.#response.forget()
  }
}
