/**
 * The fields of a request or of its trailers, judged by RFC 9113, section 8, and written as HTTP/1.1 writes them: from there on a
 * request is like any other, and is examined like any other. What could not be written so that everybody reads it alike
 * is malformed.
 */
import { isAllowedTrailer } from '../http1/trailers.ts'
import type { HeaderField } from './header-field.ts'
import type { FieldReceiver } from './hpack-decoder.ts'

/** A token (RFC 9110, section 9.1). */
const methodForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** A path with a query, or `*` (RFC 9113, section 8.3.1). */
const pathForm = /^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/
const schemeForm = /^[A-Za-z][A-Za-z0-9+.-]*$/

/** A head is read before the next one is written: one buffer does for all connections of a thread. */
export let headBytes: Buffer = Buffer.allocUnsafeSlow(4096)

export class RequestFields implements FieldReceiver {
  malformed = false
  /** More than `limit` bytes, as {@link HeaderField.size} counts them; the rest was left out. */
  tooLarge = false
  readonly #limit: number
  #size = 0
  #inTrailers = false
  #method = ''
  #scheme = ''
  #path = ''
  #authority = ''
  #host = ''
  #cookies = ''
  #lines = ''
  /** No pseudo-header may follow. */
  #regular = false
  #length = ''

  constructor(limit: number) {
    this.#limit = limit
  }

  begin(inTrailers: boolean): void {
    this.malformed = false
    this.tooLarge = false
    this.#inTrailers = inTrailers
    this.#size = 0
    this.#method = ''
    this.#scheme = ''
    this.#path = ''
    this.#authority = ''
    this.#host = ''
    this.#cookies = ''
    this.#lines = ''
    this.#regular = inTrailers
    this.#length = ''
  }

  field(field: HeaderField): void {
    this.#size += field.size
    if (this.#size > this.#limit) this.tooLarge = true
    if (this.malformed || this.tooLarge) return
    switch (field.kind) {
      case 'other':
        this.#regular = true
        if (!this.#inTrailers || isAllowedTrailer(field.name.text)) this.#lines += field.line
        break
      case ':method':
      case ':path':
      case ':scheme':
      case ':authority':
        this.malformed = !this.#pseudo(field.kind, field.value)
        break
      case 'malformed':
        this.malformed = true
        break
      default:
        this.#regular = true
        if (!this.#inTrailers) this.malformed = !this.#special(field)
    }
  }

  /** All fields are read. @returns false: malformed. @param endsStream no body follows */
  whole(endsStream: boolean): boolean {
    if (this.malformed || this.tooLarge || this.#inTrailers) return !this.malformed
    const told = this.#method === 'CONNECT' ? this.#isTunnel() : this.#isRequest()
    const empty = this.#length === '' || /^0+$/.test(this.#length)
    return told && (empty || !endsStream)
  }

  /** Writes the request's head as HTTP/1.1 has it to the beginning of {@link headBytes}. @returns its length */
  writeHead(endsStream: boolean): number {
    const text = this.#head(endsStream)
    if (headBytes.length < text.length) headBytes = Buffer.allocUnsafeSlow(2 * text.length)
    return headBytes.write(text, 0, 'latin1')
  }

  #head(endsStream: boolean): string {
    const host = this.#authority === '' ? this.#host : this.#authority
    const hostLine = host === '' ? '' : `host: ${host}\r\n`
    const cookieLine = this.#cookies === '' ? '' : `cookie: ${this.#cookies}\r\n`
    const target = this.#method === 'CONNECT' ? this.#authority : this.#path
    return `${this.#method} ${target} HTTP/1.1\r\n${hostLine}${this.#lines}${cookieLine}${this.#framing(endsStream)}\r\n`
  }

  /** Trailer lines that may be passed on. */
  get trailers(): string {
    return this.#lines
  }

  #framing(endsStream: boolean): string {
    if (this.#length !== '') return `content-length: ${this.#length}\r\n`
    return endsStream ? '' : 'transfer-encoding: chunked\r\n'
  }

  #isRequest(): boolean {
    if (this.#method === '' || this.#scheme === '' || this.#path === '') return false
    const { length } = this.#host
    return length === 0 || this.#authority === '' || sameHost(this.#host, this.#authority)
  }

  /** RFC 9113, section 8.5. */
  #isTunnel(): boolean {
    return this.#authority !== '' && this.#scheme === '' && this.#path === ''
  }

  /** Each comes once, before all others (section 8.3). */
  #pseudo(kind: ':method' | ':path' | ':scheme' | ':authority', value: string): boolean {
    if (this.#regular) return false
    switch (kind) {
      case ':method':
        if (this.#method !== '') return false
        this.#method = value
        return methodForm.test(value)
      case ':path':
        if (this.#path !== '') return false
        this.#path = value
        return pathForm.test(value)
      case ':scheme':
        if (this.#scheme !== '') return false
        this.#scheme = value
        return schemeForm.test(value)
      case ':authority':
        if (this.#authority !== '') return false
        this.#authority = value
        return value !== ''
    }
  }

  #special({ kind, value, line }: HeaderField): boolean {
    switch (kind) {
      case 'host':
        if (this.#host !== '' || value === '') return false
        this.#host = value
        return true
      case 'cookie':
        // Sent in pieces so that those that stay the same compress well (section 8.2.3).
        this.#cookies = this.#cookies === '' ? value : `${this.#cookies}; ${value}`
        return true
      case 'content-length':
        if (this.#length !== '') return false
        this.#length = value
        return /^[0-9]+$/.test(value)
      default:
        this.#lines += line
        return value === 'trailers'
    }
  }
}

function sameHost(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase()
}
