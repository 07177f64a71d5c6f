import {
  type BodyLength,
  chunkedWith,
  knownLength,
  noBody,
  readTransferCodings,
  untilClose,
} from './body-length.ts'
import { CR, isDigit, isFieldValue, runEnd, SP } from './characters.ts'
import { type Field, field } from './field-names.ts'
import { type LineEnd, MessageHead } from './message-head.ts'

const version = Buffer.from('HTTP/1.')
/** `HTTP/1.1 200` */
const shortestStatusLine = 12

export class ResponseHead extends MessageHead {
  status = 0
  #codings = ''

  /** Whether the instance keeps the connection open (RFC 9112, section 9.3). */
  get keepAlive(): boolean {
    if (this.connectionHas('close')) return false
    return this.minor === 1 || this.connectionHas('keep-alive')
  }

  /** An interim answer; another head follows (RFC 9110, section 15.2). */
  get interim(): boolean {
    return this.status < 200 && this.status !== 101
  }

  /** @param toHead the response answers a HEAD request */
  bodyLength(toHead: boolean): BodyLength {
    if (toHead || this.status < 200 || this.status === 204 || this.status === 304) return noBody
    if (this.hasTransferEncoding) return chunkedWith(this.#codings)
    return this.contentLength >= 0 ? knownLength(this.contentLength) : untilClose
  }

  override reset(): void {
    super.reset()
    this.status = 0
    this.#codings = ''
  }

  protected override startLine(bytes: Uint8Array, start: number, end: number): LineEnd {
    for (let i = 0; i < version.length; i += 1) {
      if (start + i >= end) return 'incomplete'
      if (bytes[start + i] !== version[i]) return this.refuse('a status line of another protocol')
    }
    if (end - start < shortestStatusLine + 1) return 'incomplete'
    return this.#readNumbers(bytes, start + version.length)
      ? this.#reason(bytes, start, end)
      : 'refused'
  }

  #reason(bytes: Uint8Array, start: number, end: number): LineEnd {
    const limit = start + this.limits.startLine
    const stop = Math.min(end, limit)
    const codeEnd = start + shortestStatusLine
    if (bytes[codeEnd] !== SP && bytes[codeEnd] !== CR) {
      return this.refuse('a malformed status code')
    }
    const at = runEnd(isFieldValue, bytes, codeEnd, stop)
    if (at === stop)
      return stop < limit ? 'incomplete' : this.refuse('a status line over the limit')
    return this.lineEnd(bytes, at, end)
  }

  #readNumbers(bytes: Uint8Array, at: number): boolean {
    const minor = (bytes[at] as number) - 0x30
    if (minor !== 0 && minor !== 1) this.refuse('a version other than 1.0 and 1.1')
    else if (bytes[at + 1] !== SP) this.refuse('a malformed version')
    let status = 0
    for (let i = at + 2; i < at + 5; i += 1) {
      const byte = bytes[i] as number
      status = isDigit(byte) ? status * 10 + byte - 0x30 : Number.NaN
    }
    if (!(status >= 100 && status <= 999)) this.refuse('a malformed status code')
    this.minor = minor
    this.status = status
    return this.reason === ''
  }

  protected override ownField(): boolean {
    return true
  }

  protected override removes(kind: Field): boolean {
    return (
      kind === field.connection ||
      kind === field.hopByHop ||
      kind === field.te ||
      kind === field.upgrade ||
      kind === field.transferEncoding
    )
  }

  protected override judge(): boolean {
    if (!this.hasTransferEncoding) return true
    const codings = readTransferCodings(this.transferEncoding)
    if (this.minor === 0) this.refuse('Transfer-Encoding in HTTP/1.0')
    else if (codings === null) this.refuse('bad Transfer-Encoding')
    else this.#codings = codings
    return this.reason === ''
  }
}
