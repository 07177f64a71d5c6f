/**
 * Where entries of access logs are gathered, as the bytes of the file that they are for: nothing is made on the way that has to be
 * collected. Everything is text of one byte a character.
 */

import { writeLatin1 } from '../wire/latin1.ts'

const firstSize = 4096
/** From here on the runtime writes a text faster than a loop. */
const longText = 12

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

  /** Text of characters that can do no harm. */
  text(text: string): void {
    const { length } = text
    if (this.length + length > this.#bytes.length) this.#grow(length)
    const bytes = this.#bytes
    if (length >= longText) writeLatin1(bytes, text, this.length)
    else for (let i = 0; i < length; i += 1) bytes[this.length + i] = text.charCodeAt(i)
    this.length += length
  }

  /** Text of a client. */
  escaped(text: string): void {
    this.text(escaped(text))
  }

  /** One character. */
  character(code: number): void {
    if (this.length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.length] = code
    this.length += 1
  }

  /** A number that is whole and not negative. */
  whole(value: number): void {
    if (value < 10) this.character(zero + value)
    else if (value < tooLarge) this.padded(value, digitsOf(value))
    else this.text(String(value))
  }

  /** @param value whole, not negative, of at most `digits` digits, which are up to 9: zeros go before it */
  padded(value: number, digits: number): void {
    if (this.length + digits > this.#bytes.length) this.#grow(digits)
    const bytes = this.#bytes
    let rest = value | 0
    for (let at = this.length + digits - 1; at >= this.length; at -= 1) {
      const next = (rest / 10) | 0
      bytes[at] = zero + rest - next * 10
      rest = next
    }
    this.length += digits
  }

  #grow(length: number): void {
    const size = Math.max(this.length + length, this.#bytes.length * 2)
    const bytes = Buffer.allocUnsafeSlow(size)
    bytes.set(this.written)
    this.#bytes = bytes
  }
}

const zero = 0x30
/** Beyond it, whole numbers are not as fast. */
const tooLarge = 2 ** 31

function digitsOf(value: number): number {
  let digits = 2
  for (let bound = 100; value >= bound; bound *= 10) digits += 1
  return digits
}

const unsafe = /[^ !#-[\]-~]/
const everyUnsafe = new RegExp(unsafe, 'g')

/**
 * What a client sent, so that it stays in its field: what could end one is written `\xNN`, as the Application Load Balancers of AWS write it.
 * @param text of one byte a character
 */
export function escaped(text: string): string {
  if (!unsafe.test(text)) return text
  return text.replace(
    everyUnsafe,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
