/**
 * The chunked coding (RFC 9112, section 7.1), decoded as it comes and in place: the data of all chunks of a read are moved
 * together, so that they go on in one write, framed anew. Extensions are checked and dropped (section 7.1.1), trailers are
 * kept. Line ends are CRLF and nothing else.
 */
import { COLON, CR, HT, hexValue, isFieldValue, isToken, LF, SEMICOLON, SP } from './characters.ts'
import { maxChunkExtension, maxChunkSizeDigits, maxTrailers } from './limits.ts'
import { Trailers } from './trailers.ts'

/** What the next byte belongs to. */
type Part =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer-start'
  | 'trailer-name'
  | 'trailer-value'
  | 'trailer-lf'
  | 'end-lf'
  | 'done'
  | 'malformed'

export class ChunkedDecoder {
  #part: Part = 'size'
  /** Of the size: its value so far; of the data: the bytes still to come. */
  #size = 0
  /** Bytes of the size's digits, of the extensions, or of the trailers so far. */
  #count = 0
  /** Where the bytes that the last call did not take begin. */
  consumed = 0
  readonly #trailers = new Trailers()

  get done(): boolean {
    return this.#part === 'done'
  }

  /** The trailer section that is passed on; complete once done. */
  get trailers(): string {
    return this.#trailers.text
  }

  reset(): void {
    this.#trailers.reset()
    this.#part = 'size'
    this.#size = 0
    this.#count = 0
  }

  /**
   * Decodes bytes `start` to `end` and moves the data to `start`.
   * @returns how many bytes of data there are now at `start`; -1 for malformed coding, after which nothing can follow
   */
  decode(bytes: Uint8Array, start: number, end: number): number {
    let to = start
    let at = start
    while (at < end && this.#part !== 'done') {
      if (this.#part === 'data') {
        const length = Math.min(this.#size, end - at)
        if (to !== at) bytes.copyWithin(to, at, at + length)
        to += length
        at += length
        this.#size -= length
        if (this.#size === 0) this.#part = 'data-cr'
        continue
      }
      this.#part = this.#frame(bytes[at] as number)
      if (this.#part === 'malformed') return -1
      at += 1
    }
    this.consumed = at
    return to - start
  }

  #frame(byte: number): Part {
    switch (this.#part) {
      case 'size':
        return this.#sizeByte(byte)
      case 'extension':
        return this.#extensionByte(byte)
      case 'size-lf':
        return this.#sizeEnd(byte)
      case 'data-cr':
        return byte === CR ? 'data-lf' : 'malformed'
      case 'data-lf':
        return byte === LF ? this.#startOf('size') : 'malformed'
      case 'end-lf':
        return byte === LF ? 'done' : 'malformed'
      default:
        return this.#trailer(byte)
    }
  }

  #trailer(byte: number): Part {
    this.#count += 1
    if (this.#count > maxTrailers) return 'malformed'
    if (byte !== CR && byte !== LF) this.#trailers.add(byte)
    switch (this.#part) {
      case 'trailer-start':
        return byte === CR ? 'end-lf' : memberOf(isToken, byte, 'trailer-name')
      case 'trailer-name':
        return byte === COLON ? 'trailer-value' : memberOf(isToken, byte, 'trailer-name')
      case 'trailer-value':
        return byte === CR ? 'trailer-lf' : memberOf(isFieldValue, byte, 'trailer-value')
      case 'trailer-lf':
        return this.#trailerEnd(byte)
      default:
        return 'malformed'
    }
  }

  #trailerEnd(byte: number): Part {
    if (byte !== LF) return 'malformed'
    this.#trailers.lineEnded()
    return 'trailer-start'
  }

  #sizeByte(byte: number): Part {
    const digit = hexValue(byte)
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit
      this.#count += 1
      return this.#count > maxChunkSizeDigits ? 'malformed' : 'size'
    }
    if (this.#count === 0) return 'malformed'
    this.#count = 0
    if (byte === CR) return 'size-lf'
    return byte === SEMICOLON || byte === SP || byte === HT ? 'extension' : 'malformed'
  }

  #extensionByte(byte: number): Part {
    if (byte === CR) return 'size-lf'
    this.#count += 1
    return isFieldValue[byte] === 0 || this.#count > maxChunkExtension ? 'malformed' : 'extension'
  }

  #sizeEnd(byte: number): Part {
    if (byte !== LF) return 'malformed'
    return this.#size > 0 ? 'data' : this.#startOf('trailer-start')
  }

  #startOf(part: 'size' | 'trailer-start'): Part {
    this.#size = 0
    this.#count = 0
    return part
  }
}

function memberOf(members: Uint8Array, byte: number, part: Part): Part {
  return members[byte] === 1 ? part : 'malformed'
}
