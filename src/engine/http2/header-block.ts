/**
 * Header blocks as they come: in a HEADERS frame and, where that is not enough, CONTINUATION frames right behind it (RFC 9113, section
 * 4.3). Bounded both in bytes and in frames, as each could be endless (CVE-2024-27316).
 */
import { Carry } from '../http1/carry.ts'
import type { HttpLimits } from '../http1/limits.ts'
import { type ErrorCode, errorCode, flag } from './frames.ts'

const nothing: Buffer = Buffer.alloc(0)

/** More frames than a block that is as large as may be needs by so many: nobody cuts it smaller but attackers. */
const spareFrames = 16

export class HeaderBlock {
  /** What is known of it lies from `start` to `end` in `bytes`. */
  bytes = nothing
  start = 0
  end = 0
  /** Of which stream; 0 while there is none that is not whole. */
  stream = 0
  endsStream = false
  readonly #bound: number
  readonly #carry = new Carry()
  #frames = 0

  constructor(limits: HttpLimits) {
    this.#bound = 2 * limits.headers
  }

  /** A HEADERS frame came. @returns how the connection has to end, if it has to */
  begin(flags: number, stream: number, bytes: Buffer, start: number, end: number): ErrorCode {
    const before = (flags & flag.padded) === 0 ? 0 : 1
    const from = start + before + ((flags & flag.priority) === 0 ? 0 : 5)
    const to = end - (before === 0 || start === end ? 0 : (bytes[start] as number))
    if (from > end) return errorCode.frameSizeError
    if (from > to) return errorCode.protocolError
    this.endsStream = (flags & flag.endStream) !== 0
    this.#place(bytes, from, to)
    if ((flags & flag.endHeaders) !== 0) return errorCode.noError
    this.stream = stream
    this.#frames = 0
    this.#carry.clear()
    this.#carry.append(bytes, from, to)
    return errorCode.noError
  }

  /** A CONTINUATION frame came; the block is whole when `stream` is 0 then. @returns as `begin` */
  goOn(flags: number, bytes: Buffer, start: number, end: number): ErrorCode {
    this.#frames += 1
    const size = this.#carry.length + end - start
    if (size > this.#bound || this.#frames > spareFrames + this.#bound / 16_384) {
      return errorCode.enhanceYourCalm
    }
    this.#carry.append(bytes, start, end)
    if ((flags & flag.endHeaders) === 0) return errorCode.noError
    this.stream = 0
    this.#place(this.#carry.buffer, this.#carry.start, this.#carry.end)
    return errorCode.noError
  }

  /** It is read. */
  drop(): void {
    this.#carry.clear()
    this.bytes = nothing
  }

  #place(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes
    this.start = start
    this.end = end
  }
}
