/** What goes to the client on a stream: heads, data as the windows and the wire allow, and the rest held until they do. */
import type { BodyLength } from '../http1/body-length.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { ResponseSink } from '../http1/response-sink.ts'
import { maxPayload } from './frame-reader.ts'
import { Held } from './held.ts'
import { block, writeAnswer, writeHead, writeTrailers } from './response-fields.ts'
import type { Stream, StreamOwner } from './stream.ts'

const nothing: Buffer = Buffer.alloc(0)

export class StreamResponse implements ResponseSink {
  readonly #stream: Stream
  #owner: StreamOwner
  /** The head's block is written and not sent. */
  #headWaits = false
  readonly #held = new Held()
  #whole = false
  #trailers = ''
  #endSent = false

  constructor(stream: Stream, owner: StreamOwner) {
    this.#stream = stream
    this.#owner = owner
  }

  /** All of it has come, though some may be held. */
  get isWhole(): boolean {
    return this.#whole
  }

  /** END_STREAM is sent. */
  get isSent(): boolean {
    return this.#endSent
  }

  begin(owner: StreamOwner): void {
    this.#owner = owner
  }

  /** As new. */
  forget(): void {
    this.#headWaits = false
    this.#held.clear()
    this.#whole = false
    this.#trailers = ''
    this.#endSent = false
  }

  /** There are no codings but the frames. */
  takes(body: BodyLength): boolean {
    return body.kind !== 'chunked' || body.codings === 'chunked'
  }

  interim(head: ResponseHead): void {
    writeHead(head, '', this.#owner.takeForgets())
    this.#owner.output.headers(this.#stream.id, block, false)
  }

  head(head: ResponseHead, marks: string): number {
    this.#headWaits = true
    return writeHead(head, marks, this.#owner.takeForgets())
  }

  /** An answer of our own. @param text its head in HTTP/1.1 */
  answer(status: number, text: string, body: Buffer): void {
    writeAnswer(status, text, this.#owner.takeForgets())
    this.#headWaits = true
    this.lastBody(body, 0, body.length, '')
  }

  body(bytes: Buffer, start: number, end: number): boolean {
    this.#sendHead(false)
    return this.#send(bytes, start, end)
  }

  lastBody(bytes: Buffer, start: number, end: number, trailers: string): void {
    this.#whole = true
    this.#trailers = trailers
    const nothingFollows = start === end && trailers === '' && this.#held.length === 0
    if (this.#headWaits && nothingFollows) {
      this.#endSent = true
      this.#sendHead(true)
      return
    }
    this.#sendHead(false)
    if (this.#send(bytes, start, end) || this.#held.length === 0) this.finish()
  }

  /** Nobody can ask for another protocol on a stream (section 8.6): `Upgrade` makes a request malformed. */
  switching(): number {
    this.#stream.cutShort()
    return 0
  }

  /** A frame at most, so that others have their turn. @returns false: there is more */
  sendHeld(): boolean {
    const { buffer, start, length } = this.#held
    if (length === 0) return true
    const size = Math.min(length, maxPayload)
    const at = this.#sendNow(buffer, start, start + size, size === length)
    if (at > start) this.#stream.touch()
    this.#held.dropBefore(at)
    return this.#held.length === 0
  }

  /** It is whole, and nothing of it is held: sends its end. */
  finish(): void {
    if (!this.#endSent) {
      this.#endSent = true
      if (this.#trailers === '') this.#owner.output.data(this.#stream.id, nothing, 0, 0, true)
      else {
        writeTrailers(this.#trailers, this.#owner.takeForgets())
        this.#owner.output.headers(this.#stream.id, block, true)
      }
    }
    this.#stream.responseSent()
  }

  #sendHead(endsStream: boolean): void {
    if (!this.#headWaits) return
    this.#headWaits = false
    this.#owner.output.headers(this.#stream.id, block, endsStream)
  }

  /** Sends a piece, or holds it. @returns false: the target has to wait */
  #send(bytes: Buffer, start: number, end: number): boolean {
    let at = start
    if (this.#held.length === 0) at = this.#sendNow(bytes, start, end, true)
    if (at < end) this.#held.append(bytes, at, end)
    if (at === end && !this.#owner.output.full) return true
    this.#owner.waits(this.#stream)
    return false
  }

  /** @returns where the rest begins */
  #sendNow(bytes: Buffer, start: number, end: number, isAll: boolean): number {
    if (start === end) return end
    const last = isAll && this.#whole && this.#trailers === ''
    const at = this.#owner.sendData(this.#stream, bytes, start, end, last)
    if (last && at === end) this.#endSent = true
    return at
  }
}
