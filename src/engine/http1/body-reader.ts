import type { BodyLength } from './body-length.ts'
import { ChunkedDecoder } from './chunked.ts'

/** Follows one body to its end; used again for the next. */
export class BodyReader {
  /** The whole body was read. */
  done = true
  /** Where the bytes that the last `read` did not take begin: they are not the body's. */
  consumed = 0
  #kind: BodyLength['kind'] = 'none'
  #remaining = 0
  #decoder: ChunkedDecoder | null = null

  begin(length: BodyLength): void {
    this.#kind = length.kind
    this.#remaining = length.kind === 'known' ? length.length : 0
    this.done = length.kind === 'none' || (length.kind === 'known' && length.length === 0)
    if (length.kind !== 'chunked') return
    this.#decoder ??= new ChunkedDecoder()
    this.#decoder.reset()
  }

  /**
   * Reads bytes `start` to `end`, moving the data of chunks together at `start`.
   * @returns how many bytes of data lie at `start`; -1 when the body is malformed
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    switch (this.#kind) {
      case 'known':
        return this.#readKnown(start, end)
      case 'chunked':
        return this.#readChunks(bytes, start, end)
      case 'until-close':
        this.consumed = end
        return end - start
      case 'none':
        this.consumed = start
        return 0
    }
  }

  /** The trailer section of a body that is done, as it is passed on; mostly empty. */
  get trailers(): string {
    return this.#kind === 'chunked' && this.#decoder !== null ? this.#decoder.trailers : ''
  }

  /** The connection ended. @returns false when the body was not whole by then */
  end(): boolean {
    if (this.#kind === 'until-close') this.done = true
    return this.done
  }

  #readKnown(start: number, end: number): number {
    const length = Math.min(this.#remaining, end - start)
    this.#remaining -= length
    this.done = this.#remaining === 0
    this.consumed = start + length
    return length
  }

  #readChunks(bytes: Uint8Array, start: number, end: number): number {
    const decoder = this.#decoder
    if (decoder === null) return -1
    const length = decoder.decode(bytes, start, end)
    this.done = decoder.done
    this.consumed = decoder.consumed
    return length
  }
}
