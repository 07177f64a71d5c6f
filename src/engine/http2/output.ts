/**
 * Frames on their way out. What one turn of the event loop brings, from however many targets, goes out in one write at its end: a
 * system call and a TLS record for many streams instead of several for each.
 */
import { type Wire, writeBound } from '../wire/wire.ts'
import { maxPayload } from './frame-reader.ts'
import { type ErrorCode, flag, frame, frameHeaderLength } from './frames.ts'
import type { HpackEncoder } from './hpack-encoder.ts'

/** Room for what fills a wire, so that nothing follows it into a wire that is full already. */
const capacity = writeBound + frameHeaderLength + maxPayload
/** More buffers than that wait for use after a burst only. */
const maxSpare = 64

const spare: Buffer[] = []
/** Those that have something to write at the end of this turn. */
const waiting: Output[] = []

function flushAll(): void {
  for (const output of waiting.splice(0)) output.flush()
}

export class Output {
  readonly #wire: Wire
  readonly #flushed: (bytes: number) => void
  #buffer: Buffer | null = null
  #length = 0

  /** @param flushed called after each write, with its length */
  constructor(wire: Wire, flushed: (bytes: number) => void) {
    this.#wire = wire
    this.#flushed = flushed
  }

  /** The wire takes no more now. */
  get full(): boolean {
    return this.#wire.full
  }

  /** Writes what is there now. */
  flush(): void {
    const buffer = this.#buffer
    if (buffer === null) return
    const length = this.#length
    this.#buffer = null
    this.#length = 0
    this.#wire.writeBytes(buffer, 0, length)
    if (spare.length < maxSpare) spare.push(buffer)
    this.#flushed(length)
  }

  /** Forgets what is not written. */
  drop(): void {
    const buffer = this.#buffer
    this.#buffer = null
    this.#length = 0
    if (buffer !== null && spare.length < maxSpare) spare.push(buffer)
  }

  /** A header block, in as many frames as it takes. */
  headers(stream: number, { bytes, length }: HpackEncoder, endsStream: boolean): void {
    const first = Math.min(length, maxPayload)
    const ends = endsStream ? flag.endStream : 0
    this.#framed(frame.headers, ends | endHeaders(first, length), stream, bytes, 0, first)
    for (let at = first; at < length; at += maxPayload) {
      const end = Math.min(at + maxPayload, length)
      this.#framed(frame.continuation, endHeaders(end, length), stream, bytes, at, end)
    }
  }

  data(stream: number, bytes: Buffer, start: number, end: number, endsStream: boolean): void {
    this.#framed(frame.data, endsStream ? flag.endStream : 0, stream, bytes, start, end)
  }

  settings(values: readonly (readonly [setting: number, value: number])[]): void {
    const buffer = this.#begin(values.length * 6, frame.settings, 0, 0)
    for (const [name, value] of values) {
      this.#length = buffer.writeUInt16BE(name, this.#length)
      this.#length = buffer.writeUInt32BE(value, this.#length)
    }
  }

  settingsAck(): void {
    this.#begin(0, frame.settings, flag.ack, 0)
  }

  /** @param start of the eight bytes that the peer sent */
  pingAck(opaque: Buffer, start: number): void {
    this.#framed(frame.ping, flag.ack, 0, opaque, start, start + 8)
  }

  goaway(lastStream: number, code: ErrorCode): void {
    const buffer = this.#begin(8, frame.goaway, 0, 0)
    this.#length = buffer.writeUInt32BE(lastStream, this.#length)
    this.#length = buffer.writeUInt32BE(code, this.#length)
  }

  rstStream(stream: number, code: ErrorCode): void {
    const buffer = this.#begin(4, frame.rstStream, 0, stream)
    this.#length = buffer.writeUInt32BE(code, this.#length)
  }

  windowUpdate(stream: number, increment: number): void {
    const buffer = this.#begin(4, frame.windowUpdate, 0, stream)
    this.#length = buffer.writeUInt32BE(increment, this.#length)
  }

  #framed(
    type: number,
    flags: number,
    stream: number,
    from: Buffer,
    start: number,
    end: number,
  ): void {
    const buffer = this.#begin(end - start, type, flags, stream)
    this.#length += from.copy(buffer, this.#length, start, end)
    if (this.#length >= writeBound) this.flush()
  }

  /** Writes a frame's header, and makes room for its payload. */
  #begin(length: number, type: number, flags: number, stream: number): Buffer {
    const buffer = this.#room(frameHeaderLength + length)
    const at = this.#length
    buffer[at] = length >>> 16
    buffer[at + 1] = length >>> 8
    buffer[at + 2] = length
    buffer[at + 3] = type
    buffer[at + 4] = flags
    buffer[at + 5] = stream >>> 24
    buffer[at + 6] = stream >>> 16
    buffer[at + 7] = stream >>> 8
    buffer[at + 8] = stream
    this.#length = at + frameHeaderLength
    return buffer
  }

  #room(length: number): Buffer {
    if (this.#length + length > capacity) this.flush()
    if (this.#buffer !== null) return this.#buffer
    this.#buffer = spare.pop() ?? Buffer.allocUnsafeSlow(capacity)
    if (waiting.push(this) === 1) setImmediate(flushAll)
    return this.#buffer
  }
}

function endHeaders(end: number, length: number): number {
  return end === length ? flag.endHeaders : 0
}
