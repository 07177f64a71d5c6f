/**
 * Trailer fields (RFC 9110, section 6.5), which go on behind the last chunk. A field that could change how a message is framed,
 * routed or taken for another's must not come late, so those are left out (section 6.5.1).
 */
import { framingName } from '../desync/look-alike.ts'
import { field as known, usualNames } from './field-names.ts'

/** Beside what the engine knows: fields that say where to, for whom, or how to read the message. */
const forbidden: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'max-forwards',
  'range',
  'set-cookie',
  'trailer',
])

export class Trailers {
  /** Lines that are passed on, each with its CRLF. */
  text = ''
  #line = ''

  reset(): void {
    this.text = ''
    this.#line = ''
  }

  /** The next byte of a trailer line, before its CRLF. */
  add(byte: number): void {
    this.#line += String.fromCharCode(byte)
  }

  lineEnded(): void {
    const name = this.#line.slice(0, this.#line.indexOf(':')).toLowerCase()
    if (isAllowedTrailer(name)) this.text += `${this.#line}\r\n`
    this.#line = ''
  }
}

/** Whether a trailer field may be passed on. @param name in lower case */
export function isAllowedTrailer(name: string): boolean {
  if (forbidden.has(name) || framingName(name) !== undefined) return false
  return usualNames.of(name) === known.other
}
