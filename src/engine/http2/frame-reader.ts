/**
 * Splits what comes on a connection into frames (RFC 9113, section 4.1), however it was split underway. DATA goes on piece by piece as
 * it comes; all other frames are handed over whole, and are small.
 */
import { Carry } from '../http1/carry.ts'
import { type ErrorCode, errorCode, flag, frame, frameHeaderLength } from './frames.ts'

/** The largest payload that we take and send: the least that a peer has to be allowed (section 4.2). */
export const maxPayload = 16_384

/** Each answers `noError`, or how the connection has to end; nothing is told after that. */
export interface FrameReceiver {
  /** A frame other than DATA: its payload is bytes `start` to `end`. */
  frame(
    type: number,
    flags: number,
    stream: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): ErrorCode
  /** A DATA frame begins. @param length of its payload, which flow control counts, with padding */
  dataBegins(stream: number, length: number): ErrorCode
  /** A piece of its data, not empty. */
  dataPiece(bytes: Buffer, start: number, end: number): ErrorCode
  /** It is over. @param padding bytes of its payload that were no data */
  dataEnds(endsStream: boolean, padding: number): ErrorCode
}

export class FrameReader {
  readonly #receiver: FrameReceiver
  /** A part of a frame, or of its header. */
  readonly #carry = new Carry()
  /** Where the bytes that the last step did not take begin. */
  #next = 0
  #inData = false
  /** Of the DATA frame that we are in: bytes of data, and of padding behind it, that are still to come. */
  #data = 0
  #padding = 0
  /** Bytes of its payload that are no data. */
  #padded = 0
  #needsPadLength = false
  #endsStream = false

  constructor(receiver: FrameReceiver) {
    this.#receiver = receiver
  }

  /** Whether a part of a frame waits for the rest. */
  get within(): boolean {
    return this.#inData || this.#carry.length > 0
  }

  /** Reads bytes `from` to `to`. @returns how the connection has to end; `noError`: it goes on */
  read(bytes: Buffer, from: number, to: number): ErrorCode {
    let at = from
    while (at < to) {
      const code = this.#step(bytes, at, to)
      if (code !== errorCode.noError) return code
      at = this.#next
    }
    return errorCode.noError
  }

  #step(bytes: Buffer, at: number, to: number): ErrorCode {
    if (this.#inData) return this.#readData(bytes, at, to)
    if (this.#carry.length > 0) return this.#complete(bytes, at, to)
    const code = this.#readFrame(bytes, at, to)
    if (code === errorCode.noError && this.#next === at) {
      this.#carry.append(bytes, at, to)
      this.#next = to
    }
    return code
  }

  /** Adds to the frame that is not whole what it lacks, and reads it if it is whole then. */
  #complete(bytes: Buffer, at: number, to: number): ErrorCode {
    const carry = this.#carry
    const lacking = wholeLength(carry) - carry.length
    const taken = Math.min(to - at, lacking)
    carry.append(bytes, at, at + taken)
    const { buffer, start, end } = carry
    const code = this.#readFrame(buffer, start, end)
    if (this.#next !== start) carry.clear()
    this.#next = at + taken
    return code
  }

  /** Reads one frame that begins at `start`, or the header of a DATA frame; takes nothing when that is not whole. */
  #readFrame(bytes: Buffer, start: number, end: number): ErrorCode {
    this.#next = start
    if (end - start < frameHeaderLength) return errorCode.noError
    const length = payloadLength(bytes, start)
    if (length > maxPayload) return errorCode.frameSizeError
    const type = bytes[start + 3] as number
    const flags = bytes[start + 4] as number
    const stream = bytes.readUInt32BE(start + 5) & 0x7fff_ffff
    const payload = start + frameHeaderLength
    if (type === frame.data) {
      this.#next = payload
      return this.#beginData(flags, stream, length)
    }
    if (end - payload < length) return errorCode.noError
    this.#next = payload + length
    return this.#receiver.frame(type, flags, stream, bytes, payload, payload + length)
  }

  #beginData(flags: number, stream: number, length: number): ErrorCode {
    this.#inData = true
    this.#endsStream = (flags & flag.endStream) !== 0
    this.#needsPadLength = (flags & flag.padded) !== 0
    this.#data = length
    this.#padding = 0
    this.#padded = 0
    if (this.#needsPadLength && length === 0) return errorCode.frameSizeError
    const code = this.#receiver.dataBegins(stream, length)
    return code === errorCode.noError && length === 0 ? this.#endData() : code
  }

  #readData(bytes: Buffer, from: number, to: number): ErrorCode {
    let at = from
    if (this.#needsPadLength) {
      if (!this.#readPadLength(bytes[at] as number)) return errorCode.protocolError
      at += 1
    }
    const length = Math.min(this.#data, to - at)
    this.#data -= length
    const skipped = this.#data > 0 ? 0 : Math.min(this.#padding, to - at - length)
    this.#padding -= skipped
    this.#next = at + length + skipped
    if (length > 0) {
      const code = this.#receiver.dataPiece(bytes, at, at + length)
      if (code !== errorCode.noError) return code
    }
    return this.#data === 0 && this.#padding === 0 ? this.#endData() : errorCode.noError
  }

  /** @returns false: there is more padding than payload (section 6.1) */
  #readPadLength(padding: number): boolean {
    this.#needsPadLength = false
    this.#data -= 1
    if (padding > this.#data) return false
    this.#data -= padding
    this.#padding = padding
    this.#padded = padding + 1
    return true
  }

  #endData(): ErrorCode {
    this.#inData = false
    return this.#receiver.dataEnds(this.#endsStream, this.#padded)
  }
}

function payloadLength(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
  )
}

/** How long the frame is that is waited for, as far as can be told. */
function wholeLength({ buffer, start, length }: Carry): number {
  if (length < frameHeaderLength) return frameHeaderLength
  return frameHeaderLength + payloadLength(buffer, start)
}
