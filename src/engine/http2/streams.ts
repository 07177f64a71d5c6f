/** The streams of one connection, and the windows that they share (RFC 9113, sections 5.1 and 5.2). */
import { maxPayload } from './frame-reader.ts'
import { type ErrorCode, errorCode } from './frames.ts'
import type { Output } from './output.ts'
import { connectionWindow, initialWindow, maxWindow } from './settings.ts'
import type { Stream, StreamOwner } from './stream.ts'

/** Streams that we ended first: the client may not know yet, and what it still sends there is passed over. */
const maxRemembered = 256

/** Our window is opened again when so much of it is used. */
const creditStep = connectionWindow / 2

export class Streams {
  /** The greatest number that a client has used. */
  last = 0
  readonly #output: Output
  readonly #open = new Map<number, Stream>()
  /** Those that could go on if the connection took more, in their turn. */
  readonly #waiting = new Set<Stream>()
  readonly #reset = new Set<number>()
  #sendWindow = initialWindow
  #receiveWindow = connectionWindow
  #credit = 0

  constructor(output: Output) {
    this.#output = output
  }

  get size(): number {
    return this.#open.size
  }

  /** The window of the connection, which begins smaller. */
  greet(): void {
    this.#output.windowUpdate(0, connectionWindow - initialWindow)
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id)
  }

  all(): Iterable<Stream> {
    return this.#open.values()
  }

  /** @param window what the client lets us send on it */
  open(owner: StreamOwner, id: number, window: number, endsStream: boolean): Stream {
    const stream = owner.service.streams.take(owner)
    this.#open.set(id, stream)
    stream.begin(owner, id, window, endsStream)
    return stream
  }

  /** @param wasReset by us: the client may not know */
  closed(stream: Stream, wasReset: boolean): void {
    this.#open.delete(stream.id)
    this.#waiting.delete(stream)
    if (wasReset) this.remember(stream.id)
  }

  /** We end a stream whose client may not know. */
  remember(id: number): void {
    this.#reset.add(id)
    if (this.#reset.size <= maxRemembered) return
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest)
      return
    }
  }

  /** Whether a frame on a stream that is not open may be passed over; if not, how the connection has to end. */
  stray(id: number): ErrorCode {
    if (id > this.last || id % 2 === 0) return errorCode.protocolError
    return this.#reset.has(id) ? errorCode.noError : errorCode.streamClosed
  }

  // What clients send us

  /** @returns false: more than we let it send */
  take(bytes: number): boolean {
    this.#receiveWindow -= bytes
    return this.#receiveWindow >= 0
  }

  credit(bytes: number): void {
    this.#credit += bytes
    if (this.#credit < creditStep) return
    this.#receiveWindow += this.#credit
    this.#output.windowUpdate(0, this.#credit)
    this.#credit = 0
  }

  // What we send clients

  /** Sends what the windows and the wire allow of a piece of a response's body. @returns where the rest begins */
  send(stream: Stream, bytes: Buffer, start: number, end: number, endsStream: boolean): number {
    let at = start
    while (at < end && !this.#output.full) {
      const most = Math.min(maxPayload, this.#sendWindow, stream.sendWindow)
      if (most <= 0) break
      const next = Math.min(end, at + most)
      this.#sendWindow -= next - at
      stream.sendWindow -= next - at
      this.#output.data(stream.id, bytes, at, next, endsStream && next === end)
      at = next
    }
    return at
  }

  /** Calls `goOn` of the stream when the connection takes more. */
  waits(stream: Stream): void {
    this.#waiting.add(stream)
  }

  /** Lets those that wait go on in turn, a frame each, as far as the connection takes it. */
  goOn(): void {
    for (const stream of this.#waiting) {
      if (this.#output.full || this.#sendWindow <= 0) return
      this.#waiting.delete(stream)
      if (stream.goOn()) this.#waiting.add(stream)
    }
  }

  /** The client lets us send more. @returns how the connection has to end, if it has to */
  widen(increment: number): ErrorCode {
    if (increment === 0) return errorCode.protocolError
    this.#sendWindow += increment
    if (this.#sendWindow > maxWindow) return errorCode.flowControlError
    this.goOn()
    return errorCode.noError
  }

  /** The client has changed the window that streams begin with, which concerns those that are open too (section 6.9.2). */
  widenAll(difference: number): ErrorCode {
    if (difference === 0) return errorCode.noError
    for (const stream of this.#open.values()) {
      if (!stream.widen(difference)) return errorCode.flowControlError
      this.#waiting.add(stream)
    }
    this.goOn()
    return errorCode.noError
  }
}
