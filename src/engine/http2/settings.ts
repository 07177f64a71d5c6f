/** What the two ends of a connection tell each other to keep to (RFC 9113, sections 6.5 and 6.9). */
import type { HttpLimits } from '../http1/limits.ts'
import { type ErrorCode, errorCode, setting } from './frames.ts'

/** Of a stream, in bytes, before anybody says otherwise. Ours stays so. */
export const initialWindow = 65_535
export const maxWindow = 2 ** 31 - 1
/** How much of all requests' bodies together may be on its way to targets, in bytes: 16 streams' windows. */
export const connectionWindow = 2 ** 20
/** Streams of a connection at once: as nginx and Envoy's guide for the edge have it. */
export const maxStreams = 128

/** RFC 9218, section 2.1: priorities of RFC 7540 are not used. */
const noPriorities = 9

export function ourSettings(limits: HttpLimits): readonly (readonly [number, number])[] {
  return [
    [setting.maxConcurrentStreams, maxStreams],
    [setting.maxHeaderListSize, limits.headers],
    [noPriorities, 1],
  ]
}

/** What the peer has set, as far as it concerns us: we push nothing, keep no table, and send no frame larger than any may be. */
export class PeerSettings {
  initialWindow = initialWindow
  /** It has set the size of the table that we could keep. */
  setsTable = false

  /** Reads a SETTINGS frame's payload. @returns how the connection has to end, if it has to */
  read(bytes: Buffer, start: number, end: number): ErrorCode {
    if ((end - start) % 6 !== 0) return errorCode.frameSizeError
    for (let at = start; at < end; at += 6) {
      const code = this.#set(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2))
      if (code !== errorCode.noError) return code
    }
    return errorCode.noError
  }

  #set(name: number, value: number): ErrorCode {
    switch (name) {
      case setting.headerTableSize:
        this.setsTable = true
        return errorCode.noError
      case setting.enablePush:
        return value > 1 ? errorCode.protocolError : errorCode.noError
      case setting.initialWindowSize:
        if (value > maxWindow) return errorCode.flowControlError
        this.initialWindow = value
        return errorCode.noError
      case setting.maxFrameSize:
        return value < 2 ** 14 || value >= 2 ** 24 ? errorCode.protocolError : errorCode.noError
      default:
        return errorCode.noError
    }
  }
}
