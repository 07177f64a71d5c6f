/**
 * One request and its response, between a client connection and a connection to a target. Used again for the next.
 *
 * The request goes out with what came of its body; the rest follows as it comes, and so does the response: whichever side
 * takes no more bytes makes the other wait. Until a response has begun, the exchange can still go to another connection:
 * always when nothing was sent, once when its connection was closed under a request that may be repeated, and, where the listener wants it,
 * when the target is silent.
 */
import type { HttpTimeouts } from '../../snapshot/snapshot.ts'
import { maxAttempts } from '../attempts.ts'
import type { Member } from '../member.ts'
import { Placement } from '../placement.ts'
import { Route } from '../routing/route.ts'
import { toTheTick } from '../timer-wheel.ts'
import type { BodyLength } from './body-length.ts'
import { ExchangeRecord } from './exchange-record.ts'
import { type Failure, failureStatus, nobodyAnswer } from './failure-answers.ts'
import { requestText } from './forwarding.ts'
import { type ErrorStatus, errorAnswer, type OwnAnswer } from './own-answers.ts'
import { RequestBody } from './request-body.ts'
import type { RequestHead } from './request-head.ts'
import type { Requester } from './requester.ts'
import type { ResponseSink } from './response-sink.ts'
import { Retry } from './retry.ts'
import type { ResponseReceiver, TargetConnection, TargetFailure } from './target-connection.ts'
import { TargetResponse } from './target-response.ts'

type State =
  | 'none'
  /** The request is read, and goes nowhere yet. */
  | 'begun'
  /** In the surge queue. */
  | 'queued'
  | 'connecting'
  /** The request is on its way, or the response to it. */
  | 'sent'

export class Exchange implements ResponseReceiver {
  #client: Requester
  readonly #head: RequestHead
  readonly #placement: Placement
  readonly #record: ExchangeRecord
  readonly #body = new RequestBody()
  readonly #response: TargetResponse
  readonly #retry = new Retry()
  #state: State = 'none'
  #connection: TargetConnection | null = null
  /** What has to be sent again on another connection. */
  #replay = ''
  #waitingSince = 0

  /** @param head of the request: whoever begins an exchange has read it, and leaves it alone until that is over */
  constructor(client: Requester, head: RequestHead, sink: ResponseSink) {
    this.#client = client
    this.#head = head
    const { service } = client
    this.#record = new ExchangeRecord(service.context, service.counters, client, head)
    this.#placement = new Placement(service, (outcome) => this.#placed(outcome))
    this.#response = new TargetResponse(sink, this.#record, this.#placement, service.context.limits)
  }

  /** For the requests of another client of the same listener. */
  adopt(client: Requester): void {
    this.#client = client
    this.#record.adopt(client)
  }

  /** Where the request is, or the tunnel that it became. */
  get member(): Member | null {
    return this.#placement.member
  }

  /** The request's body is read to its end. */
  get requestDone(): boolean {
    return this.#body.done
  }

  /** The request is read whole, and with a target. */
  get placed(): boolean {
    return this.#body.done && this.#state !== 'queued'
  }

  /**
   * When the part of the exchange that is under way has to be over, on the timer wheel's scale.
   * @param began when the request did, by the clock; null: when its head was read
   * @param touched when a byte moved last, as of the wheel
   */
  due({ request, response }: HttpTimeouts, began: number | null, touched: number): number {
    if (!this.#body.done) return toTheTick((began ?? this.#record.receivedAt) + request)
    return this.#responding ? touched + response : toTheTick(this.#waitingSince + response)
  }

  /** HEAD is answered without a body. */
  get toHead(): boolean {
    return this.#head.method === 'HEAD'
  }

  /**
   * The head of a request is read, and lies at `start`, with what came behind it up to `end`.
   * @param body how the client shows where the body ends, if not as the head says: `until-close` by `requestEnded`
   * @returns where the bytes after what came of the request begin; -1 when its body is malformed
   */
  start(bytes: Buffer, start: number, end: number, body = this.#head.bodyLength): number {
    const head = this.#head
    const bodyStart = start + head.length
    this.#begin(head, body)
    const { address, service } = this.#client
    let replay = requestText(head, this.#client, service.forwarded)
    const decided = service.rules?.find(head, this.#client) ?? null
    const route = decided instanceof Route ? decided : null
    this.#placement.begin(address, replay, route)
    if (decided === null || route !== null) this.#record.pool = this.#placement.route.pool
    let next = bodyStart
    if (!this.#body.done && bodyStart < end) {
      const length = this.#body.read(bytes, bodyStart, end)
      if (length < 0) return -1
      next = this.#body.consumed
      this.#record.receivedBytes += length
      this.#retry.bodySent = true
      replay = this.#body.behind(replay, bytes, bodyStart, bodyStart + length)
    }
    if (decided !== null && route === null) {
      this.#client.answer(decided as OwnAnswer, this.#body.done)
      return next
    }
    this.#replay = replay
    this.#send(false)
    return next
  }

  /** More of the request's body. @returns where the bytes after it begin; -1 when it is malformed */
  requestBytes(bytes: Buffer, start: number, end: number): number {
    const length = this.#body.read(bytes, start, end)
    if (length < 0) return -1
    this.#record.receivedBytes += length
    if (this.#body.done) this.#waitingSince = this.#now()
    const wire = this.#connection?.wire
    if (wire !== undefined) {
      this.#retry.bodySent = true
      if (!this.#body.write(wire, bytes, start, start + length)) this.#client.pause()
    }
    return this.#body.consumed
  }

  /** The request's body is over, which its bytes do not show. @param trailers field lines, each with its CRLF */
  requestEnded(trailers: string): void {
    if (this.#body.done) return
    this.#body.end()
    this.#waitingSince = this.#now()
    if (this.#connection !== null) this.#body.writeEnd(this.#connection.wire, trailers)
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

  /** The load balancer answers the request: the one of this exchange, or one that did not begin any. */
  answeredHere(status: number, headBytes: number, bodyBytes: number): void {
    if (this.#state === 'none') this.#record.begin()
    this.#state = 'none'
    this.#record.answeredHere(status, headBytes, bodyBytes)
    this.#record.ended()
    this.#release(false)
  }

  /** The target may keep the request no longer. */
  cutOff(): void {
    if (this.#responding) this.#cutShort()
    else this.#answer(504)
  }

  /** A part of the exchange took too long. */
  expired(): void {
    const clientOwes = !this.#body.done && !(this.#connection?.wire.full ?? false)
    if (this.#responding) this.#cutShort()
    else if (this.#state === 'sent' && clientOwes) this.#answer(408, false)
    else if (!this.#triesAnother()) this.#answer(504, false)
  }

  /** The target is silent. @returns whether the request goes to another one */
  #triesAnother(): boolean {
    const { retries } = this.#client.service
    const isSticky = this.#placement.route.stickiness !== null
    const unsent = this.#state === 'connecting'
    const may = this.#state !== 'queued' && (unsent || this.#retry.allowed)
    if (retries !== 'silent' || isSticky || !may) return false
    this.#placement.giveUp()
    this.#release(false)
    this.#sendAnew('silent')
    return true
  }

  targetConnected(): void {
    this.#sent()
    this.#client.service.counters.targetConnections += 1
    this.#client.touch()
    if (!this.#body.done && this.#connection?.wire.full === false) this.#client.resume()
  }

  targetDrained(): void {
    this.#client.touch()
    this.#client.resume()
  }

  targetBytes(bytes: Buffer, length: number): void {
    this.#client.touch()
    this.#retry.answered = true
    switch (this.#response.read(bytes, length)) {
      case 'whole':
        this.#finish(true)
        break
      case 'more':
        break
      case 'full':
        this.#connection?.wire.pause()
        break
      case 'exceeded':
        this.#finish(false)
        break
      case 'switching':
        this.#switch()
        break
      case 'malformed':
        this.#malformed()
        break
      case 'broken':
        this.#cutShort()
    }
  }

  targetEnded(): void {
    if (!this.#responding) this.#targetLost()
    else if (this.#response.ended()) this.#finish(false)
    else this.#cutShort()
  }

  targetFailed(failure: TargetFailure): void {
    if (this.#state === 'none') {
      this.#release(false)
      return
    }
    if (failure === 'closed') {
      if (this.#responding) this.#cutShort()
      else this.#targetLost()
      return
    }
    this.#client.service.counters.targetConnectErrors += 1
    this.#placement.fail()
    this.#release(false)
    this.#sendAnew(failure)
  }

  get #responding(): boolean {
    return this.#state === 'sent' && this.#response.begun
  }

  #begin(head: RequestHead, body: BodyLength): void {
    this.#state = 'begun'
    this.#record.begin()
    this.#waitingSince = this.#record.receivedAt
    this.#body.beginAs(head.bodyLength, body)
    this.#retry.begin(head.method)
    this.#response.begin(head.method === 'HEAD')
  }

  /** Sends the request to the next target. `last`: how the target before failed. */
  #send(fresh: boolean, last?: Failure): void {
    const outcome = this.#placement.take()
    if (outcome === 'taken') this.#dispatch(fresh)
    else if (outcome === 'waiting') this.#wait()
    else if (last !== undefined) this.#fail(last)
    else if (outcome === 'spilled') this.#answer(503)
    else this.#answerNobody()
  }

  /** A target failed: the next one, if there may be one. */
  #sendAnew(failure: Failure): void {
    const { retries } = this.#client.service
    if (retries !== 'none' && this.#placement.failures < maxAttempts) this.#send(true, failure)
    else this.#fail(failure)
  }

  #fail(failure: Failure): void {
    this.#answer(failureStatus(failure, this.#client.service.errors))
  }

  #answerNobody(): void {
    const { route, ruled } = this.#placement
    const answer = nobodyAnswer(route, ruled, this.#client.service.errors)
    this.#replay = ''
    this.#client.answer(answer, this.#body.done)
  }

  #wait(): void {
    this.#state = 'queued'
    if (!this.#body.done) this.#client.pause()
  }

  #placed(outcome: 'taken' | 'nobody'): void {
    this.#client.touch()
    if (outcome === 'taken') this.#dispatch(this.#retry.spent)
    else this.#answerNobody()
  }

  /** Sends the request to the member that was found. */
  #dispatch(fresh: boolean): void {
    const { member } = this.#placement
    if (member === null) return
    const { target, connectTimeout } = member
    this.#waitingSince = this.#now()
    const connection = fresh
      ? target.connect(this, connectTimeout)
      : target.acquire(this, connectTimeout)
    this.#connection = connection
    this.#record.tries(target, connection.connecting)
    if (connection.connecting) this.#state = 'connecting'
    else this.#sent()
    const took = connection.wire.writeText(this.#replay)
    if (this.#body.done) return
    // What came while connecting could not be sent again to another target.
    if (connection.connecting || !took) this.#client.pause()
    else this.#client.resume()
  }

  #sent(): void {
    this.#state = 'sent'
    this.#record.sent()
    this.#waitingSince = this.#record.sentAt
  }

  /**
   * The connection ended before a response. One that had carried requests before may have been closed as we sent this one: the target
   * itself is as good as any, and this was no try. Without a byte of an answer it is 504 (guide, p. 114, cause 2), with some of one it is malformed.
   */
  #targetLost(): void {
    const reused = this.#connection?.reused === true
    if (!reused) this.#placement.passOver()
    const { answered } = this.#retry
    const again = (reused || this.#client.service.retries !== 'none') && this.#retry.spend()
    this.#release(false)
    if (again) this.#send(true, 'closed')
    else if (answered) this.#answer(502)
    else this.#fail('closed')
  }

  /** `clean`: nothing came after the response. */
  #finish(clean: boolean): void {
    this.#state = 'none'
    this.#replay = ''
    this.#record.ended()
    const fit = clean && this.#body.done && !this.#head.isolated
    this.#release(fit && this.#response.keepAlive)
    this.#client.exchangeDone()
  }

  #switch(): void {
    const connection = this.#connection
    const asked = this.#head.upgradeTo !== '' && this.#body.done && this.#response.upgrades
    if (!asked || connection === null) {
      this.#malformed()
      return
    }
    const early = this.#response.switch()
    this.#record.ended()
    this.#state = 'none'
    this.#client.tunnel(connection.wire, early)
  }

  #malformed(): void {
    this.#release(false)
    this.#answer(502)
  }

  #answer(status: ErrorStatus, goOn = this.#body.done): void {
    this.#replay = ''
    this.#client.answer(errorAnswer(status), goOn)
  }

  #cutShort(): void {
    this.abort()
    this.#client.cutShort()
  }

  /** By the clock, where parts of a request are timed to the tick. */
  #now(): number {
    const { timeouts, context } = this.#client.service
    return timeouts === undefined ? context.wheel.now : context.clock.monotonic()
  }

  #release(fit: boolean): void {
    const connection = this.#connection
    this.#connection = null
    connection?.release(fit, this.#client.service.idleTimeout)
    this.#placement.leave()
  }
}
