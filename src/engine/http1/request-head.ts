import { atLeast, type Classification, compliant } from '../desync/classification.ts'
import { latin1 } from '../wire/latin1.ts'
import {
  type BodyLength,
  chunkedWith,
  knownLength,
  noBody,
  readTransferCodings,
} from './body-length.ts'
import { CR, isBlank, isHost, isTarget, isToken, LF, runEnd, SLASH, SP } from './characters.ts'
import { type Field, field, isNamed } from './field-names.ts'
import { maxMethod } from './limits.ts'
import { type LineEnd, MessageHead, trimmed } from './message-head.ts'
import { type AbsoluteForm, absoluteForm, isTargetOf, originForm } from './request-target.ts'

/** How the load balancer answers a request that it does not pass on (guide, p. 112–113). */
export type RefusalStatus = 400 | 405 | 414 | 431

const version = Buffer.from('HTTP/1.')
const agentName = Buffer.from('user-agent')
const refererName = Buffer.from('referer')
/** ` HTTP/1.1\r\n` */
const requestLineTail = 11

export class RequestHead extends MessageHead {
  /** Meaningful once refused. */
  status: RefusalStatus = 400
  bodyLength: BodyLength = noBody
  /** What desync mitigation makes of the request that this is the head of. */
  classification: Classification = compliant
  hasHost = false
  /** The client takes trailers (RFC 9110, section 10.1.4). */
  takesTrailers = false
  /** All values of the field that the client's address is put behind, X-Forwarded-For; empty without one. */
  forwardedFor = ''
  #method = ''
  #target = ''
  #absolute: AbsoluteForm | null = null
  #line = 0
  #lineLength = 0
  #hostStart = 0
  #hostEnd = 0
  #agentStart = 0
  #agentEnd = 0
  #refererStart = 0
  #refererEnd = 0

  get method(): string {
    return this.#method
  }

  /** The host that is asked for, with a port if it has one; empty for none. */
  get host(): string {
    return this.#absolute?.authority ?? this.text.slice(this.#hostStart, this.#hostEnd)
  }

  /** Of the first field of that name, as the next; empty for none. */
  get userAgent(): string {
    return this.text.slice(this.#agentStart, this.#agentEnd)
  }

  get referer(): string {
    return this.text.slice(this.#refererStart, this.#refererEnd)
  }

  /** What the target asks of its host, also of one in absolute form; `*` of OPTIONS. */
  get pathAndQuery(): string {
    return this.#absolute === null ? this.#target : originForm(this.#method, this.#absolute)
  }

  /** The request target, as it came. */
  get target(): string {
    return this.#target
  }

  /**
   * What of a complete head is passed on, as HTTP/1.1. The host of a target in absolute form is the one that counts, whatever Host says
   * (RFC 9112, section 3.2.2).
   * @param host the Host field, if it has none
   */
  passed(host: string): string {
    if (this.#absolute !== null) {
      return `${this.#method} ${this.pathAndQuery} HTTP/1.1\r\nHost: ${this.#absolute.authority}\r\n${this.kept(this.#lineLength)}`
    }
    if (this.minor === 1 && this.hasHost) return this.kept(this.#line)
    const lacking = this.hasHost ? '' : `Host: ${host}\r\n`
    return `${this.#method} ${this.#target} HTTP/1.1\r\n${lacking}${this.kept(this.#lineLength)}`
  }

  /** Well-formed, and yet not beyond doubt: it has a body where none is expected, or a field that looks like framing. */
  get suspect(): boolean {
    if (this.lookAlike || (this.hasTransferEncoding && this.minor === 0)) return true
    const framed = this.hasTransferEncoding || this.contentLength >= 0
    return framed && (this.#method === 'GET' || this.#method === 'HEAD')
  }

  /** Its connections must serve nothing after it: others could see another end of it (guide, p. 84). */
  get isolated(): boolean {
    return this.classification !== compliant && atLeast(this.classification.tier, 'Ambiguous')
  }

  /** Whether the client wants to use the connection again (RFC 9112, section 9.3). */
  get keepAlive(): boolean {
    if (this.isolated || this.connectionHas('close')) return false
    return this.minor === 1 || this.connectionHas('keep-alive')
  }

  /**
   * The protocol that the client asks to change to; empty for none. h2c is left out: it would carry further requests past
   * everything that the load balancer checks.
   */
  get upgradeTo(): string {
    if (this.minor === 0 || this.upgrade === '' || !this.connectionHas('upgrade')) return ''
    return /(?:^|[\s,])h2c?(?:[\s,]|$)/i.test(this.upgrade) ? '' : this.upgrade
  }

  override reset(): void {
    super.reset()
    this.status = 400
    this.bodyLength = noBody
    this.classification = compliant
    this.hasHost = false
    this.takesTrailers = false
    this.forwardedFor = ''
    this.#method = ''
    this.#target = ''
    this.#absolute = null
    this.#lineLength = 0
    this.#hostStart = 0
    this.#hostEnd = 0
    this.#agentStart = 0
    this.#agentEnd = 0
    this.#refererStart = 0
    this.#refererEnd = 0
  }

  protected override startLine(bytes: Uint8Array, start: number, end: number): LineEnd {
    // One empty line may come before a request (RFC 9112, section 2.2): old clients send it after a body.
    if (start < end && bytes[start] === CR) {
      if (start + 1 >= end) return 'incomplete'
      if (bytes[start + 1] !== LF) return this.refuse('CR without LF')
      return this.#requestLine(bytes, start, start + 2, end)
    }
    return this.#requestLine(bytes, start, start, end)
  }

  #requestLine(bytes: Uint8Array, start: number, line: number, end: number): LineEnd {
    const limit = line + this.limits.startLine
    const stop = Math.min(end, limit)
    const methodEnd = runEnd(isToken, bytes, line, Math.min(stop, line + maxMethod + 1))
    if (methodEnd - line > maxMethod) return this.#refuseAs(405, 'a method over 127 characters')
    if (methodEnd === stop) return this.#outOfBytes(stop, limit)
    if (bytes[methodEnd] !== SP) return this.#noMethod(bytes[methodEnd] as number)
    if (methodEnd === line) return this.#noMethod(SP)
    const targetEnd = runEnd(isTarget, bytes, methodEnd + 1, stop)
    if (targetEnd === stop) return this.#outOfBytes(stop, limit)
    if (bytes[targetEnd] !== SP) return this.refuse('a malformed request target')
    const outcome = this.#version(bytes, targetEnd + 1, end, limit)
    if (outcome !== 'line') return outcome
    this.#method = methodText(bytes, line, methodEnd)
    this.#target = latin1(bytes, methodEnd + 1, targetEnd)
    this.#absolute = bytes[methodEnd + 1] === SLASH ? null : absoluteForm(this.#target)
    this.#line = line - start
    this.#lineLength = targetEnd + requestLineTail - start
    return 'line'
  }

  #version(bytes: Uint8Array, at: number, end: number, limit: number): LineEnd {
    const stop = Math.min(end, limit)
    for (let i = 0; i < version.length; i += 1) {
      if (at + i >= stop) return this.#outOfBytes(stop, limit)
      if (bytes[at + i] !== version[i]) return this.refuse('a malformed version')
    }
    const digit = at + version.length
    if (digit >= stop) return this.#outOfBytes(stop, limit)
    const minor = (bytes[digit] as number) - 0x30
    if (minor !== 0 && minor !== 1) return this.refuse('a version other than 1.0 and 1.1')
    this.minor = minor
    return digit + 1 < limit ? this.lineEnd(bytes, digit + 1, end) : this.#outOfBytes(limit, limit)
  }

  protected override ownField(kind: Field, bytes: Uint8Array, start: number, end: number): boolean {
    switch (kind) {
      case field.host:
        return this.#readHost(bytes, start, end)
      case field.te:
        this.takesTrailers ||= /(?:^|,)\s*trailers\s*(?:,|$)/i.test(latin1(bytes, start, end))
        return true
      case field.forwardedFor: {
        const value = latin1(bytes, start, end)
        this.forwardedFor = this.forwardedFor === '' ? value : `${this.forwardedFor}, ${value}`
        return true
      }
      default:
        return true
    }
  }

  /** Where those are that logs have: most requests are not logged. */
  protected override passedField(
    bytes: Uint8Array,
    line: number,
    nameEnd: number,
    valueEnd: number,
  ): void {
    if (this.#agentEnd === 0 && isNamed(bytes, line, nameEnd, agentName)) {
      const start = runEnd(isBlank, bytes, nameEnd + 1, valueEnd)
      this.#agentStart = start - this.base
      this.#agentEnd = trimmed(bytes, start, valueEnd) - this.base
    } else if (this.#refererEnd === 0 && isNamed(bytes, line, nameEnd, refererName)) {
      const start = runEnd(isBlank, bytes, nameEnd + 1, valueEnd)
      this.#refererStart = start - this.base
      this.#refererEnd = trimmed(bytes, start, valueEnd) - this.base
    }
  }

  protected override removes(kind: Field): boolean {
    return this.#absolute !== null || super.removes(kind)
  }

  protected override judge(): boolean {
    if (this.minor === 1 && !this.hasHost) this.refuse('no Host')
    else if (this.#method === 'CONNECT') this.refuse('CONNECT')
    else if (!isTargetOf(this.#method, this.#target)) this.refuse('a malformed request target')
    else if (this.hasTransferEncoding) this.#readTransferEncoding()
    else if (this.contentLength >= 0) this.bodyLength = knownLength(this.contentLength)
    return this.reason === ''
  }

  #readTransferEncoding(): void {
    const codings = readTransferCodings(this.transferEncoding)
    if (codings === null) this.refuse('bad Transfer-Encoding')
    else this.bodyLength = chunkedWith(codings)
  }

  #readHost(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.hasHost) this.refuse('Host twice')
    this.hasHost = true
    this.#hostStart = start - this.base
    this.#hostEnd = end - this.base
    for (let at = start; at < end; at += 1) {
      if (isHost[bytes[at] as number] === 0) this.refuse('a malformed Host')
    }
    return this.reason === ''
  }

  #outOfBytes(stop: number, limit: number): LineEnd {
    return stop < limit ? 'incomplete' : this.#refuseAs(414, 'a request line over the limit')
  }

  /** What is no method (guide, p. 112: 400); a line that ends before its method does may yet be read. */
  #noMethod(byte: number): 'refused' {
    if (byte === CR || byte === LF) return this.refuse('a line without a request')
    this.classification = { tier: 'Severe', reason: 'BadMethod' }
    return this.refuseFinally('a malformed method')
  }

  /** RFC 6585, section 5. */
  protected override refuseTooLarge(reason: string): 'refused' {
    return this.#refuseAs(431, reason)
  }

  #refuseAs(status: RefusalStatus, reason: string): 'refused' {
    this.status = status
    return this.refuseFinally(reason)
  }
}

/** GET, which most are, is not made anew. */
function methodText(bytes: Uint8Array, start: number, end: number): string {
  const isGet =
    end - start === 3 &&
    bytes[start] === 0x47 &&
    bytes[start + 1] === 0x45 &&
    bytes[start + 2] === 0x54
  return isGet ? 'GET' : latin1(bytes, start, end)
}
