/**
 * One request and its response, between a client connection and a connection to a target. Used again for the next.
 *
 * The request goes out with what came of its body; the rest follows as it comes, and so does the response: whichever side
 * takes no more bytes makes the other wait. Until a response has begun, the exchange can still go to another connection:
 * always when nothing was sent, and once when its connection was closed under a request that may be repeated.
 */
import { maxAttempts } from '../attempts.ts'
import type { Service } from '../context.ts'
import type { Member } from '../member.ts'
import { Placement } from '../placement.ts'
import { Relay } from '../tcp/relay.ts'
import type { Wire } from '../wire/wire.ts'
import { BodyReader } from './body-reader.ts'
import { bodyEnd, bodyText, type Framing, writeBody } from './body-writer.ts'
import { Carry } from './carry.ts'
import type { ErrorStatus } from './error-pages.ts'
import { ExchangeRecord } from './exchange-record.ts'
import {
  type ClientFacts,
  interimText,
  requestText,
  responseText,
  switchingText,
} from './forwarding.ts'
import type { RequestHead } from './request-head.ts'
import { ResponseHead } from './response-head.ts'
import { Retry } from './retry.ts'
import type { ResponseReceiver, TargetConnection, TargetFailure } from './target-connection.ts'

/** The client's side of an exchange. */
export interface Requester extends ClientFacts {
  readonly wire: Wire
  readonly service: Service
  /** The client and the load balancer both want further requests on this connection. */
  readonly keepAlive: boolean
  /** Bytes moved: the connection is not idle. */
  touch(): void
  /** The response is written whole. `goOn`: the connection can take another request. */
  exchangeDone(goOn: boolean): void
  /** The load balancer answers in place of an instance; the exchange is over. */
  answer(status: ErrorStatus, goOn: boolean): void
  /** The response cannot be completed; the exchange is over. */
  cutShort(): void
  /** The connection is a tunnel from now on. */
  tunnelled(relay: Relay): void
}

type State =
  | 'none'
  /** In the surge queue. */
  | 'queued'
  | 'connecting'
  /** The request is on its way, and no final response head is complete. */
  | 'waiting'
  | 'responding'

export class Exchange implements ResponseReceiver {
  #client: Requester
  readonly #placement: Placement
  readonly #record: ExchangeRecord
  readonly #request = new BodyReader()
  readonly #response = new BodyReader()
  readonly #head = new ResponseHead()
  readonly #carry = new Carry()
  readonly #retry = new Retry()
  #state: State = 'none'
  #connection: TargetConnection | null = null
  /** What has to be sent again on another connection. */
  #replay = ''
  #waitingSince = 0
  #requestFraming: Framing = 'plain'
  #responseFraming: Framing = 'plain'
  #method = ''
  #old = false
  #upgrades = false
  #keepAlive = false
  #isolated = false

  constructor(client: Requester) {
    this.#client = client
    const { service, address } = client
    this.#record = new ExchangeRecord(service.context, service.counters)
    this.#record.clientAddress = address
    this.#placement = new Placement(service, (outcome) => this.#placed(outcome))
  }

  /** For the requests of another client of the same listener. */
  adopt(client: Requester): void {
    this.#client = client
    this.#record.clientAddress = client.address
  }

  /** Where the request is, or the tunnel that it became. */
  get member(): Member | null {
    return this.#placement.member
  }

  /** The request's body is read to its end. */
  get requestDone(): boolean {
    return this.#request.done
  }

  /** The request is read whole, and with a target. */
  get placed(): boolean {
    return this.#request.done && this.#state !== 'queued'
  }

  /** When the wait for the answer's head began, on the timer wheel's scale; never while there is none to wait for. */
  get waitingSince(): number {
    return this.#state === 'responding' ? Number.POSITIVE_INFINITY : this.#waitingSince
  }

  /** HEAD is answered without a body. */
  get toHead(): boolean {
    return this.#method === 'HEAD'
  }

  /** @returns where the bytes after what came of the request begin; -1 when its body is malformed */
  start(head: RequestHead, bytes: Buffer, start: number, end: number): number {
    const bodyStart = start + head.length
    this.#begin(head)
    let replay = requestText(head, bytes, start, this.#client)
    this.#record.fields = replay
    this.#placement.begin(replay)
    let next = bodyStart
    if (!this.#request.done && bodyStart < end) {
      const length = this.#request.read(bytes, bodyStart, end)
      if (length < 0) return -1
      next = this.#request.consumed
      this.#record.receivedBytes += length
      this.#retry.bodySent = true
      const framing = this.#requestFraming
      const tail = this.#requestTail()
      replay = bodyText(replay, bytes, bodyStart, bodyStart + length, framing, tail)
    }
    this.#replay = replay
    this.#send(false)
    return next
  }

  /** More of the request's body. @returns where the bytes after it begin; -1 when it is malformed */
  requestBytes(bytes: Buffer, start: number, end: number): number {
    const length = this.#request.read(bytes, start, end)
    if (length < 0) return -1
    this.#record.receivedBytes += length
    if (this.#request.done) this.#waitingSince = this.#client.service.context.wheel.now
    const wire = this.#connection?.wire
    if (wire !== undefined) {
      this.#retry.bodySent = true
      const tail = this.#requestTail()
      const took = writeBody(wire, '', bytes, start, start + length, this.#requestFraming, tail)
      if (!took) this.#client.wire.pause()
    }
    return this.#request.consumed
  }

  /** The client takes bytes again. */
  clientDrained(): void {
    this.#connection?.wire.resume()
  }

  /** Gives up: the client is gone, or was refused in the middle. */
  abort(): void {
    if (this.#state !== 'none') this.#record.ended()
    this.#state = 'none'
    this.#release(false)
  }

  /** The load balancer answers the request: the one of this exchange, or one that could not be read. */
  refuse(head: RequestHead, status: ErrorStatus): void {
    if (this.#state === 'none') this.#record.begin(head)
    this.#state = 'none'
    this.#record.refused(status)
    this.#record.ended()
    this.#release(false)
  }

  /** The target may keep the request no longer. */
  cutOff(): void {
    if (this.#state === 'responding') this.#cutShort()
    else this.#answer(504)
  }

  /** No byte moved for the idle timeout. */
  expired(): void {
    const clientOwes = !this.#request.done && !(this.#connection?.wire.full ?? false)
    if (this.#state === 'responding') this.#cutShort()
    else this.#answer(this.#state === 'waiting' && clientOwes ? 408 : 504, false)
  }

  targetConnected(): void {
    this.#state = 'waiting'
    this.#client.touch()
    if (!this.#request.done && this.#connection?.wire.full === false) this.#client.wire.resume()
  }

  targetDrained(): void {
    this.#client.touch()
    this.#client.wire.resume()
  }

  targetBytes(bytes: Buffer, length: number): void {
    this.#client.touch()
    if (this.#state === 'responding') {
      this.#responseBytes(bytes, 0, length)
      return
    }
    this.#retry.answered = true
    if (this.#carry.length === 0) {
      this.#readHeads(bytes, 0, length)
      return
    }
    this.#carry.append(bytes, 0, length)
    const { buffer, start, end } = this.#carry
    this.#carry.clear()
    this.#readHeads(buffer, start, end)
  }

  targetEnded(): void {
    if (this.#state !== 'responding') {
      this.#targetLost()
      return
    }
    if (!this.#response.end()) {
      this.#cutShort()
      return
    }
    const tail = bodyEnd(this.#responseFraming, '')
    if (tail !== '') this.#client.wire.writeText(tail)
    this.#finish(false)
  }

  targetFailed(failure: TargetFailure): void {
    if (this.#state === 'none') {
      this.#release(false)
      return
    }
    if (failure === 'closed') {
      if (this.#state === 'responding') this.#cutShort()
      else this.#targetLost()
      return
    }
    this.#client.service.counters.targetConnectErrors += 1
    this.#placement.fail()
    this.#release(false)
    if (this.#placement.failures < maxAttempts) this.#send(true, failure)
    else this.#answer(statusOf(failure))
  }

  #begin(head: RequestHead): void {
    this.#record.begin(head)
    this.#request.begin(head.bodyLength)
    this.#requestFraming = head.bodyLength.kind === 'chunked' ? 'chunked' : 'plain'
    this.#method = head.method
    this.#old = head.minor === 0
    this.#isolated = head.isolated
    this.#upgrades = head.upgradeTo !== ''
    this.#retry.begin()
    this.#head.reset()
    this.#carry.clear()
  }

  #requestTail(): string {
    return this.#request.done ? bodyEnd(this.#requestFraming, this.#request.trailers) : ''
  }

  /** Sends the request to the next target. `last`: how the target before failed. */
  #send(fresh: boolean, last?: TargetFailure): void {
    const outcome = this.#placement.take()
    if (outcome === 'taken') this.#dispatch(fresh)
    else if (outcome === 'waiting') this.#wait()
    else this.#answer(last === undefined ? 503 : statusOf(last))
  }

  #wait(): void {
    this.#state = 'queued'
    if (!this.#request.done) this.#client.wire.pause()
  }

  #placed(outcome: 'taken' | 'nobody'): void {
    this.#client.touch()
    if (outcome === 'taken') this.#dispatch(this.#retry.spent)
    else this.#answer(503)
  }

  /** Sends the request to the member that was found. */
  #dispatch(fresh: boolean): void {
    const target = this.#placement.member?.target
    if (target === undefined) return
    this.#record.sent(target)
    this.#waitingSince = this.#client.service.context.wheel.now
    const connection = fresh ? target.connect(this) : target.acquire(this)
    this.#connection = connection
    this.#state = connection.connecting ? 'connecting' : 'waiting'
    const took = connection.wire.writeText(this.#replay)
    if (this.#request.done) return
    // What came while connecting could not be sent again to another target.
    if (connection.connecting || !took) this.#client.wire.pause()
    else this.#client.wire.resume()
  }

  /**
   * The connection ended before a response. One that had carried requests before may have been closed as we sent this one: the target
   * itself is as good as any. Without a byte of an answer it is 504 (guide, p. 114, cause 2), with some of one it is malformed.
   */
  #targetLost(): void {
    if (this.#connection?.reused === false) this.#placement.passOver()
    const { answered } = this.#retry
    const again = this.#retry.spend(this.#method)
    this.#release(false)
    if (again) this.#send(true, 'closed')
    else this.#answer(answered ? 502 : 504)
  }

  #readHeads(bytes: Buffer, start: number, end: number): void {
    let at = start
    while (at < end && this.#state === 'waiting') {
      const verdict = this.#head.scan(bytes, at, end)
      if (verdict === 'incomplete') {
        this.#carry.append(bytes, at, end)
        return
      }
      if (verdict === 'refused') {
        this.#malformed()
        return
      }
      if (!this.#head.interim) {
        this.#finalHead(bytes, at, end)
        return
      }
      if (!this.#old) this.#write(interimText(this.#head, bytes, at))
      at += this.#head.length
      this.#head.reset()
    }
  }

  #finalHead(bytes: Buffer, start: number, end: number): void {
    if (this.#head.status === 101) {
      this.#switch(bytes, start, end)
      return
    }
    const length = this.#head.bodyLength(this.toHead)
    const codings = length.kind === 'chunked' ? length.codings : 'chunked'
    const open = length.kind === 'chunked' || length.kind === 'until-close'
    // An HTTP/1.0 client knows no codings (RFC 9112, section 7.1): its body ends with the connection.
    if (open && this.#old && codings !== 'chunked') {
      this.#malformed()
      return
    }
    this.#keepAlive = this.#client.keepAlive && this.#request.done && !(open && this.#old)
    this.#responseFraming = open && !this.#old ? 'chunked' : 'plain'
    this.#response.begin(length)
    const form = {
      framing: this.#responseFraming,
      codings,
      keepAlive: this.#keepAlive,
      old: this.#old,
    }
    this.#state = 'responding'
    this.#replay = ''
    this.#record.answered(this.#head.status)
    const text = this.#placement.marked(responseText(this.#head, bytes, start, form))
    this.#responseBytes(bytes, start + this.#head.length, end, text)
  }

  /** Passes on a piece of the response's body, behind `prefix`. */
  #responseBytes(bytes: Buffer, start: number, end: number, prefix = ''): void {
    const response = this.#response
    let length = 0
    let consumed = start
    if (!response.done) {
      length = response.read(bytes, start, end)
      consumed = response.consumed
    }
    if (length < 0) {
      if (prefix === '') this.#cutShort()
      else this.#malformed()
      return
    }
    const { wire, service } = this.#client
    service.counters.bytesOut += prefix.length + length
    this.#record.sentBytes += length
    const last = response.done
    const framing = this.#responseFraming
    const tail = last ? bodyEnd(framing, response.trailers) : ''
    const took = writeBody(wire, prefix, bytes, start, start + length, framing, tail)
    if (last) this.#finish(consumed === end)
    else if (!took) this.#connection?.wire.pause()
  }

  #write(text: string): void {
    this.#client.service.counters.bytesOut += text.length
    this.#client.wire.writeText(text)
  }

  /** `clean`: nothing came after the response. */
  #finish(clean: boolean): void {
    const requestDone = this.#request.done
    this.#state = 'none'
    this.#record.ended()
    const fit = clean && requestDone && !this.#isolated
    this.#release(fit && this.#head.keepAlive && this.#response.done)
    this.#client.exchangeDone(this.#keepAlive && requestDone)
  }

  #switch(bytes: Buffer, start: number, end: number): void {
    const connection = this.#connection
    const asked = this.#upgrades && this.#request.done && this.#head.upgrade !== ''
    if (!asked || connection === null) {
      this.#malformed()
      return
    }
    this.#write(this.#placement.marked(switchingText(this.#head, bytes, start)))
    this.#record.answered(this.#head.status)
    this.#record.ended()
    this.#state = 'none'
    const { wire, service } = this.#client
    const rest = start + this.#head.length
    const relay = new Relay(wire, connection.wire, service)
    if (rest < end) wire.writeBytes(bytes, rest, end)
    this.#client.tunnelled(relay)
  }

  #malformed(): void {
    this.#release(false)
    this.#answer(502)
  }

  #answer(status: ErrorStatus, goOn = this.#request.done): void {
    this.#replay = ''
    this.#client.answer(status, goOn)
  }

  #cutShort(): void {
    this.abort()
    this.#client.cutShort()
  }

  #release(fit: boolean): void {
    const connection = this.#connection
    this.#connection = null
    connection?.release(fit, this.#client.service.idleTimeout)
    this.#placement.leave()
  }
}

function statusOf(failure: TargetFailure): 503 | 504 {
  return failure === 'not-connected' ? 503 : 504
}
