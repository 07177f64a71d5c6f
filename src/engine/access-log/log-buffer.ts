/**
 * Where entries of access logs are gathered, as the bytes of the file that they are for: nothing is made on the way that has to be
 * collected. Everything is text of one byte a character.
 */

import { writeLatin1 } from '../wire/latin1.ts'

const firstSize = 4096

export class LogBuffer {
  /** How much of the bytes is entries. Less than it was: what was written last is taken back. */
  length = 0
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstSize)

  /** What it holds, until something else is written. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  /** Bytes that it takes up. */
  get size(): number {
    return this.#bytes.length
  }

  /** All bytes, with room for so many more behind those that are {@link written}. */
  withRoom(length: number): Buffer {
    if (this.length + length > this.#bytes.length) this.#grow(length)
    return this.#bytes
  }

  text(text: string): void {
    writeLatin1(this.withRoom(text.length), text, this.length)
    this.length += text.length
  }

  #grow(length: number): void {
    const size = Math.max(this.length + length, this.#bytes.length * 2)
    const bytes = Buffer.allocUnsafeSlow(size)
    bytes.set(this.written)
    this.#bytes = bytes
  }
}
