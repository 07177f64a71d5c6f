/** What a client's frames do (RFC 9113, sections 5 and 6). */
import type { FrameReceiver } from './frame-reader.ts'
import { type ErrorCode, errorCode, flag, frame } from './frames.ts'
import { HeaderBlock } from './header-block.ts'
import { type FieldReceiver, HpackDecoder } from './hpack-decoder.ts'
import type { Output } from './output.ts'
import { Patience } from './patience.ts'
import { RequestFields } from './request-fields.ts'
import { maxStreams, PeerSettings } from './settings.ts'
import type { Stream, StreamOwner } from './stream.ts'
import type { Streams } from './streams.ts'

/** Takes no notice: a block has to be decoded all the same, as those after it refer to it. */
const nobody: FieldReceiver = { field() {} }

export class Incoming implements FrameReceiver {
  readonly settings = new PeerSettings()
  /** New streams are passed over: the client was told so. */
  closing = false
  readonly #owner: StreamOwner
  readonly #streams: Streams
  readonly #output: Output
  readonly #decoder = new HpackDecoder()
  readonly #block: HeaderBlock
  readonly #fields: RequestFields
  /**
   * Requests that are given up or refused: each may have cost a connection to a target (CVE-2023-44487). Browsers leave a page with
   * hundreds of them; nghttp2 bears as many.
   */
  readonly #wasted = new Patience(1000, 33)
  /** Frames that say nothing, or want an answer and nothing else (CVE-2019-9512, -9515, -9518). */
  readonly #idleTalk = new Patience(10_000, 1000)
  #greeted = false
  /** Of the DATA frame that is being read; null: of one that is passed over. */
  #dataStream: Stream | null = null
  #dataLength = 0

  constructor(owner: StreamOwner, streams: Streams) {
    this.#owner = owner
    this.#streams = streams
    this.#output = owner.output
    const { limits } = owner.service.context
    this.#block = new HeaderBlock(limits)
    this.#fields = new RequestFields(limits.headers)
  }

  frame(
    type: number,
    flags: number,
    stream: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): ErrorCode {
    if (!this.#greeted) {
      // The preface ends with SETTINGS (section 3.4).
      if (type !== frame.settings || (flags & flag.ack) !== 0) return errorCode.protocolError
      this.#greeted = true
    }
    const within = this.#block.stream !== 0
    if (within !== (type === frame.continuation)) return errorCode.protocolError
    switch (type) {
      case frame.headers:
        return this.#headers(flags, stream, bytes, start, end)
      case frame.continuation:
        return this.#continuation(flags, stream, bytes, start, end)
      case frame.rstStream:
        return this.#rstStream(stream, end - start)
      case frame.settings:
        return this.#settings(flags, stream, bytes, start, end)
      case frame.ping:
        return this.#ping(flags, stream, bytes, start, end)
      case frame.windowUpdate:
        return this.#windowUpdate(stream, bytes, start, end)
      case frame.pushPromise:
        return errorCode.protocolError
      case frame.goaway:
        return stream === 0 ? errorCode.noError : errorCode.protocolError
      case frame.priority:
        return stream === 0 ? errorCode.protocolError : this.#talk()
      default:
        return this.#talk()
    }
  }

  dataBegins(id: number, length: number): ErrorCode {
    if (!this.#greeted || this.#block.stream !== 0 || id === 0) return errorCode.protocolError
    if (!this.#streams.take(length)) return errorCode.flowControlError
    this.#dataLength = length
    const stream = this.#streams.get(id)
    if (stream === undefined) {
      this.#dataStream = null
      return this.closing && id > this.#streams.last ? errorCode.noError : this.#streams.stray(id)
    }
    this.#dataStream = stream
    stream.receiveWindow -= length
    if (stream.remoteEnded) return this.#dropData(stream, errorCode.streamClosed)
    if (stream.receiveWindow < 0) return this.#dropData(stream, errorCode.flowControlError)
    return errorCode.noError
  }

  dataPiece(bytes: Buffer, start: number, end: number): ErrorCode {
    const stream = this.#dataStream
    if (stream === null) {
      this.#streams.credit(end - start)
      return errorCode.noError
    }
    if (stream.data(bytes, start, end)) return errorCode.noError
    this.#streams.credit(end - start)
    return this.#dropData(stream, errorCode.protocolError)
  }

  dataEnds(endsStream: boolean, padding: number): ErrorCode {
    const stream = this.#dataStream
    this.#dataStream = null
    if (stream === null) this.#streams.credit(padding)
    else if (padding > 0) stream.padding(padding)
    if (endsStream) {
      return stream === null || stream.ends('') ? errorCode.noError : this.#fail(stream)
    }
    return this.#dataLength === padding ? this.#talk() : errorCode.noError
  }

  #headers(flags: number, id: number, bytes: Buffer, start: number, end: number): ErrorCode {
    if (id % 2 === 0) return errorCode.protocolError
    const code = this.#block.begin(flags, id, bytes, start, end)
    return code === errorCode.noError && this.#block.stream === 0 ? this.#whole(id) : code
  }

  #continuation(flags: number, id: number, bytes: Buffer, start: number, end: number): ErrorCode {
    if (id !== this.#block.stream) return errorCode.protocolError
    const code = this.#block.goOn(flags, bytes, start, end)
    return code === errorCode.noError && this.#block.stream === 0 ? this.#whole(id) : code
  }

  /** A block is whole: the head of a request, or its trailers. */
  #whole(id: number): ErrorCode {
    const streams = this.#streams
    const { endsStream } = this.#block
    const stream = streams.get(id)
    if (stream !== undefined) return this.#trailers(stream, endsStream)
    if (id <= streams.last)
      return this.#decoded(nobody) ? streams.stray(id) : errorCode.compressionError
    if (this.closing) return this.#decoded(nobody) ? errorCode.noError : errorCode.compressionError
    streams.last = id
    if (streams.size >= maxStreams) {
      if (!this.#decoded(nobody)) return errorCode.compressionError
      return this.#refuse(id, endsStream, errorCode.refusedStream)
    }
    return this.#request(id, endsStream)
  }

  #request(id: number, endsStream: boolean): ErrorCode {
    const fields = this.#fields
    fields.begin(false)
    if (!this.#decoded(fields)) return errorCode.compressionError
    if (!fields.whole(endsStream)) return this.#refuse(id, endsStream, errorCode.protocolError)
    const stream = this.#streams.open(this.#owner, id, this.settings.initialWindow, endsStream)
    if (fields.tooLarge) stream.refuseTooLarge()
    else stream.start(fields)
    return errorCode.noError
  }

  #trailers(stream: Stream, endsStream: boolean): ErrorCode {
    const fields = this.#fields
    fields.begin(true)
    if (!this.#decoded(fields)) return errorCode.compressionError
    if (stream.remoteEnded) return this.#fail(stream, errorCode.streamClosed)
    const fine = endsStream && fields.whole(true) && !fields.tooLarge
    return fine && stream.ends(fields.trailers) ? errorCode.noError : this.#fail(stream)
  }

  #decoded(receiver: FieldReceiver): boolean {
    const { bytes, start, end } = this.#block
    const decoded = this.#decoder.decode(bytes, start, end, receiver)
    this.#block.drop()
    return decoded
  }

  /** A request that does not come to be a stream. */
  #refuse(id: number, endsStream: boolean, code: ErrorCode): ErrorCode {
    this.#output.rstStream(id, code)
    if (!endsStream) this.#streams.remember(id)
    return this.#waste()
  }

  /** Ends a stream for what the client sent on it. */
  #fail(stream: Stream, code: ErrorCode = errorCode.protocolError): ErrorCode {
    stream.reset(code)
    return this.#waste()
  }

  /** The same in the middle of a DATA frame, of which the rest is passed over. */
  #dropData(stream: Stream, code: ErrorCode): ErrorCode {
    this.#dataStream = null
    return this.#fail(stream, code)
  }

  #rstStream(id: number, length: number): ErrorCode {
    if (length !== 4) return errorCode.frameSizeError
    const stream = this.#streams.get(id)
    if (stream === undefined) return this.#unknown(id)
    stream.reset(null)
    return this.#waste()
  }

  /** A frame on a stream that is closed may come late; on one that is not open yet it may not come. */
  #unknown(id: number): ErrorCode {
    const idle = id === 0 || (id > this.#streams.last && !this.closing)
    return idle ? errorCode.protocolError : errorCode.noError
  }

  #settings(flags: number, id: number, bytes: Buffer, start: number, end: number): ErrorCode {
    if (id !== 0) return errorCode.protocolError
    if ((flags & flag.ack) !== 0)
      return start === end ? errorCode.noError : errorCode.frameSizeError
    const before = this.settings.initialWindow
    const code = this.settings.read(bytes, start, end)
    if (code !== errorCode.noError) return code
    this.#output.settingsAck()
    const widened = this.#streams.widenAll(this.settings.initialWindow - before)
    return widened === errorCode.noError ? this.#talk() : widened
  }

  #ping(flags: number, id: number, bytes: Buffer, start: number, end: number): ErrorCode {
    if (id !== 0) return errorCode.protocolError
    if (end - start !== 8) return errorCode.frameSizeError
    if ((flags & flag.ack) === 0) this.#output.pingAck(bytes, start)
    return this.#talk()
  }

  #windowUpdate(id: number, bytes: Buffer, start: number, end: number): ErrorCode {
    if (end - start !== 4) return errorCode.frameSizeError
    const increment = bytes.readUInt32BE(start) & 0x7fff_ffff
    if (id === 0) return this.#streams.widen(increment)
    const stream = this.#streams.get(id)
    if (stream === undefined) return this.#unknown(id)
    if (increment === 0) return this.#fail(stream)
    if (!stream.widen(increment)) return this.#fail(stream, errorCode.flowControlError)
    this.#streams.waits(stream)
    this.#streams.goOn()
    return errorCode.noError
  }

  #waste(): ErrorCode {
    return this.#bears(this.#wasted)
  }

  #talk(): ErrorCode {
    return this.#bears(this.#idleTalk)
  }

  #bears(patience: Patience): ErrorCode {
    const { now } = this.#owner.service.context.wheel
    return patience.bears(now) ? errorCode.noError : errorCode.enhanceYourCalm
  }
}
