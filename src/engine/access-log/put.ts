/**
 * Writes parts of an access log entry at a place in bytes that have room for them, one byte a character; each function returns the place behind.
 * An entry has some 40 parts of few characters: to call the runtime for each, or to keep the place in an object, costs more than to write them.
 */

const zero = 0x30
const space = 0x20
const dot = 0x2e
/** Beyond it, whole numbers are not as fast. */
const tooLarge = 2 ** 31

/** What is written again and again: bytes are copied twice as fast as characters. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

export function putBytes(bytes: Buffer, at: number, part: Uint8Array): number {
  const { length } = part
  for (let i = 0; i < length; i += 1) bytes[at + i] = part[i] as number
  return at + length
}

/** Text of characters that can do no harm. */
export function putText(bytes: Buffer, at: number, text: string): number {
  const { length } = text
  for (let i = 0; i < length; i += 1) bytes[at + i] = text.charCodeAt(i)
  return at + length
}

/** Text of a client, {@link escaped}. */
export function putEscaped(bytes: Buffer, at: number, text: string): number {
  const { length } = text
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i)
    if (isSafe[code] !== 1) return putText(bytes, at, escaped(text))
    bytes[at + i] = code
  }
  return at + length
}

/** A number that is whole and not negative. */
export function putWhole(bytes: Buffer, at: number, value: number): number {
  if (value >= tooLarge) return putText(bytes, at, String(value))
  return putPadded(bytes, at, value, digitsOf(value))
}

/** @param value whole, not negative, of at most `digits` digits, which are up to 9: zeros go before it */
export function putPadded(bytes: Buffer, at: number, value: number, digits: number): number {
  let rest = value | 0
  for (let i = at + digits - 1; i >= at; i -= 1) {
    const next = (rest / 10) | 0
    bytes[i] = zero + rest - next * 10
    rest = next
  }
  return at + digits
}

/** A space, and seconds with their millionths: `-1` when it never came to one of both times, in milliseconds. */
export function putSeconds(bytes: Buffer, at: number, from: number, until: number): number {
  bytes[at] = space
  if (from < 0 || until < 0) return putText(bytes, at + 1, '-1')
  const micros = Math.round((until - from) * 1000)
  const seconds = Math.floor(micros / 1_000_000)
  const end = putWhole(bytes, at + 1, seconds)
  bytes[end] = dot
  return putPadded(bytes, end + 1, micros - seconds * 1_000_000, 6)
}

function digitsOf(value: number): number {
  let digits = 1
  for (let bound = 10; value >= bound; bound *= 10) digits += 1
  return digits
}

const unsafe = /[^ !#-[\]-~]/
const everyUnsafe = new RegExp(unsafe, 'g')

/** 1 for each byte that is safe. */
const isSafe = Uint8Array.from({ length: 256 }, (_, code) =>
  unsafe.test(String.fromCharCode(code)) ? 0 : 1,
)

/** Bytes that a character takes at most. */
export const escapedLength = 4

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
