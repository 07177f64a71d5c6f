/** A response on its way from a target's bytes to the client's {@link ResponseSink}. Used again for the next. */
import type { Placement } from '../placement.ts'
import type { HeadText } from '../stickiness/session.ts'
import { BodyReader } from './body-reader.ts'
import { Carry } from './carry.ts'
import type { ExchangeRecord } from './exchange-record.ts'
import { fieldsText } from './forwarding.ts'
import type { HttpLimits } from './limits.ts'
import { ResponseHead } from './response-head.ts'
import type { ResponseSink } from './response-sink.ts'

/** What the bytes of a response came to. */
export type Progress =
  /** More of it is to come. */
  | 'more'
  /** As `more`, but the client takes none now. */
  | 'full'
  /** It is passed on whole, and nothing came after it. */
  | 'whole'
  /** It is passed on whole, and more came than it. */
  | 'exceeded'
  /** It wants to change the protocol. Nothing of that is passed on. */
  | 'switching'
  /** It is malformed, and the client has nothing of it. */
  | 'malformed'
  /** It is malformed, and the client has a part of it. */
  | 'broken'

const nothing: Buffer = Buffer.alloc(0)

export class TargetResponse implements HeadText {
  /** The final head is passed on. */
  begun = false
  readonly #sink: ResponseSink
  readonly #record: ExchangeRecord
  readonly #placement: Placement
  readonly #head: ResponseHead
  readonly #body = new BodyReader()
  /** A part of a head. */
  readonly #carry = new Carry()
  #toHead = false
  /** What came behind the head that changes the protocol. */
  #early = nothing

  constructor(
    sink: ResponseSink,
    record: ExchangeRecord,
    placement: Placement,
    limits: HttpLimits,
  ) {
    this.#head = new ResponseHead(limits)
    this.#sink = sink
    this.#record = record
    this.#placement = placement
  }

  /** @param toHead it answers a HEAD request */
  begin(toHead: boolean): void {
    this.begun = false
    this.#toHead = toHead
    this.#head.reset()
    this.#carry.clear()
  }

  /** The target keeps its connection. */
  get keepAlive(): boolean {
    return this.#head.keepAlive
  }

  /** It names the protocol that it changes to. */
  get upgrades(): boolean {
    return this.#head.upgrade !== ''
  }

  read(bytes: Buffer, length: number): Progress {
    if (this.begun) return this.#readBody(bytes, 0, length)
    if (this.#carry.length === 0) return this.#readHeads(bytes, 0, length)
    this.#carry.append(bytes, 0, length)
    const { buffer, start, end } = this.#carry
    this.#carry.clear()
    return this.#readHeads(buffer, start, end)
  }

  /** The target sends no more. @returns whether the response is whole by that */
  ended(): boolean {
    if (!this.#body.end()) return false
    this.#sink.lastBody(nothing, 0, 0, '')
    return true
  }

  /** Passes on the head that changes the protocol. @returns what came behind it; valid as long as what was read */
  switch(): Buffer {
    this.#record.answered(this.#head.status)
    this.#record.sentHeadBytes = this.#sink.switching(this.#head, this.#placement.marks(this))
    const early = this.#early
    this.#early = nothing
    return early
  }

  get text(): string {
    return fieldsText(this.#head)
  }

  #readHeads(bytes: Buffer, start: number, end: number): Progress {
    let at = start
    while (at < end) {
      const verdict = this.#head.scan(bytes, at, end)
      if (verdict === 'refused') return 'malformed'
      if (verdict === 'incomplete') {
        this.#carry.append(bytes, at, end)
        return 'more'
      }
      if (!this.#head.interim) return this.#readFinal(bytes, at, end)
      this.#sink.interim(this.#head)
      at += this.#head.length
      this.#head.reset()
    }
    return 'more'
  }

  #readFinal(bytes: Buffer, start: number, end: number): Progress {
    const head = this.#head
    const bodyStart = start + head.length
    if (head.status === 101) {
      this.#early = bytes.subarray(bodyStart, end)
      return 'switching'
    }
    const length = head.bodyLength(this.#toHead)
    if (!this.#sink.takes(length)) return 'malformed'
    this.#body.begin(length)
    const read = this.#body.read(bytes, bodyStart, end)
    if (read < 0) return 'malformed'
    this.begun = true
    this.#record.answered(head.status)
    this.#record.sentHeadBytes = this.#sink.head(head, this.#placement.marks(this), length)
    const progress = this.#pass(bytes, bodyStart, bodyStart + read, end)
    if (!this.#body.done) this.#record.responding()
    return progress
  }

  #readBody(bytes: Buffer, start: number, end: number): Progress {
    const read = this.#body.read(bytes, start, end)
    return read < 0 ? 'broken' : this.#pass(bytes, start, start + read, end)
  }

  /** Passes on a piece of the body, of the bytes that came up to `readEnd`. */
  #pass(bytes: Buffer, start: number, end: number, readEnd: number): Progress {
    const body = this.#body
    this.#record.sentBytes += end - start
    if (!body.done) return this.#sink.body(bytes, start, end) ? 'more' : 'full'
    this.#sink.lastBody(bytes, start, end, body.trailers)
    return body.consumed === readEnd ? 'whole' : 'exceeded'
  }
}
