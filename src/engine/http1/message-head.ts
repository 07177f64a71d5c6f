/**
 * What request and response heads have in common: a start line and field lines, read strictly (RFC 9112, sections 2–5).
 *
 * A head is scanned once, left to right, over the bytes as they lie in the read buffer. A scan that runs out of bytes resumes
 * at the start of the line that it was in, so each byte is judged at its own place, and the verdict is the same however the
 * input was split. What is not to be passed on is noted as ranges: `kept` cuts the rest from the text of the whole, made once.
 */

import { mayLookAlike } from '../desync/look-alike.ts'
import { latin1 } from '../wire/latin1.ts'
import {
  COLON,
  CR,
  HT,
  isBlank,
  isDigit,
  isFieldValue,
  isToken,
  LF,
  runEnd,
  SP,
} from './characters.ts'
import { type Field, field, isNamed, usualNames } from './field-names.ts'
import { defaultLimits, type HttpLimits, maxLengthDigits } from './limits.ts'

export type Verdict = 'incomplete' | 'complete' | 'refused'

/** A line ended properly, or not yet, or cannot. */
export type LineEnd = 'line' | 'incomplete' | 'refused'

export abstract class MessageHead {
  /** Bytes of the whole head with its empty line, once complete. */
  length = 0
  /** The whole head with its empty line, once complete. */
  text = ''
  /** Why it was refused, in words for a log; never quotes the input. */
  reason = ''
  /** It was refused for what no other reading could change: a limit, or a malformed method. */
  final = false
  /** A field's name may look like one that frames. */
  lookAlike = false
  /** Minor version of HTTP/1. */
  minor = 1
  /** The value of Content-Length; -1 without one. */
  contentLength = -1
  /** All values of Transfer-Encoding; empty without one. */
  transferEncoding = ''
  hasTransferEncoding = false
  /** All values of Connection in lower case; empty without one. */
  connection = ''
  upgrade = ''
  /** Which names are of fields that are not just passed on. */
  names = usualNames

  protected readonly limits: HttpLimits
  /** Where the head begins in what is scanned. */
  protected base = 0
  /** Start and end of each stretch that is not passed on, in ascending order, relative to the head's start. */
  readonly #removed: number[] = []
  /** How much of `#removed` counts: an array that is made shorter gives its memory back. */
  #removedEnd = 0
  #startLineEnd = 0
  #line = 0

  constructor(limits = defaultLimits) {
    this.limits = limits
  }

  /**
   * Reads bytes `start` to `end`; after `incomplete`, the next call brings the same bytes and more.
   * After any other verdict, {@link reset} comes first.
   */
  scan(bytes: Uint8Array, start: number, end: number): Verdict {
    this.base = start
    if (this.#line === 0) {
      const outcome = this.startLine(bytes, start, end)
      if (outcome !== 'line') return outcome
      this.#startLineEnd = this.#line
    }
    return this.#fields(bytes, start, end)
  }

  reset(): void {
    this.length = 0
    this.text = ''
    this.reason = ''
    this.final = false
    this.lookAlike = false
    this.minor = 1
    this.contentLength = -1
    this.transferEncoding = ''
    this.hasTransferEncoding = false
    this.connection = ''
    this.upgrade = ''
    this.#removedEnd = 0
    this.#startLineEnd = 0
    this.#line = 0
  }

  /** Whether `token` (lower case) is in Connection. */
  connectionHas(token: string): boolean {
    if (this.connection === token) return true
    if (this.connection === '' || !this.connection.includes(',')) return false
    return this.connection.split(',').some((item) => item.trim() === token)
  }

  /**
   * What of a complete head is passed on, without the empty line.
   * @param from where to begin: 0 includes the start line
   */
  kept(from: number): string {
    const { text } = this
    if (!plainOptions.has(this.connection)) this.#removeNamedByConnection(text)
    const removed = this.#removed
    const removedEnd = this.#removedEnd
    const end = this.length - 2
    if (removedEnd === 0) return text.slice(from, end)
    let result = ''
    let at = from
    for (let i = 0; i < removedEnd; i += 2) {
      const start = removed[i] ?? 0
      if (start > at) result += text.slice(at, start)
      at = removed[i + 1] ?? 0
    }
    return at < end ? result + text.slice(at, end) : result
  }

  protected abstract startLine(bytes: Uint8Array, start: number, end: number): LineEnd

  /** A field other than the common ones. @returns false to refuse, with a reason */
  protected abstract ownField(
    kind: Field,
    bytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): boolean

  /** A field that is passed on as it is. */
  protected passedField(
    _bytes: Uint8Array,
    _line: number,
    _nameEnd: number,
    _valueEnd: number,
  ): void {
    // Nothing has to be known of most.
  }

  /** What only the whole head shows. @returns false to refuse, with a reason */
  protected abstract judge(): boolean

  protected refuse(reason: string): 'refused' {
    this.reason = reason
    return 'refused'
  }

  protected refuseFinally(reason: string): 'refused' {
    this.final = true
    return this.refuse(reason)
  }

  /** Its fields are over a limit. */
  protected refuseTooLarge(reason: string): 'refused' {
    return this.refuseFinally(reason)
  }

  /** Ends a line whose last byte is before `at`. */
  protected lineEnd(bytes: Uint8Array, at: number, end: number): LineEnd {
    if (at >= end) return 'incomplete'
    if (bytes[at] !== CR) return this.refuse('a line holds a control character')
    if (at + 1 >= end) return 'incomplete'
    if (bytes[at + 1] !== LF) return this.refuse('CR without LF')
    this.#line = at + 2 - this.base
    return 'line'
  }

  #fields(bytes: Uint8Array, start: number, end: number): Verdict {
    for (;;) {
      const line = start + this.#line
      if (this.#line - this.#startLineEnd > this.limits.headers) {
        return this.refuseTooLarge('headers over the limit')
      }
      if (line >= end) return 'incomplete'
      if (bytes[line] === CR) return this.#emptyLine(bytes, line, end)
      const outcome = this.#fieldLine(bytes, line, end)
      if (outcome !== 'line') return outcome
    }
  }

  #emptyLine(bytes: Uint8Array, at: number, end: number): Verdict {
    const outcome = this.lineEnd(bytes, at, end)
    if (outcome !== 'line') return outcome
    this.length = this.#line
    this.text = latin1(bytes, this.base, this.base + this.length)
    if (this.hasTransferEncoding && this.contentLength >= 0) {
      return this.refuse('Content-Length beside Transfer-Encoding')
    }
    return this.judge() ? 'complete' : 'refused'
  }

  #fieldLine(bytes: Uint8Array, line: number, end: number): LineEnd {
    const limit = line + this.limits.headerLine
    const stop = Math.min(end, limit)
    const nameEnd = runEnd(isToken, bytes, line, stop)
    if (nameEnd === stop) return this.#outOfBytes(stop, limit)
    // Also what begins with white space: a folded line (RFC 9112, section 5.2).
    if (bytes[nameEnd] !== COLON || nameEnd === line) {
      return this.refuse('a field name is not a token')
    }
    const valueEnd = runEnd(isFieldValue, bytes, nameEnd + 1, stop)
    if (valueEnd === stop) return this.#outOfBytes(stop, limit)
    const outcome = this.lineEnd(bytes, valueEnd, end)
    if (outcome !== 'line') return outcome
    const kind = this.names.at(bytes, line, nameEnd - line)
    if (kind === field.other) {
      if (mayLookAlike(bytes, line, nameEnd - line)) this.lookAlike = true
      this.passedField(bytes, line, nameEnd, valueEnd)
      return 'line'
    }
    const valueStart = runEnd(isBlank, bytes, nameEnd + 1, valueEnd)
    return this.#known(kind, bytes, line, valueStart, trimmed(bytes, valueStart, valueEnd))
      ? 'line'
      : 'refused'
  }

  #outOfBytes(stop: number, limit: number): LineEnd {
    return stop < limit ? 'incomplete' : this.refuseTooLarge('a header line over the limit')
  }

  /** @returns false to refuse */
  #known(kind: Field, bytes: Uint8Array, line: number, start: number, end: number): boolean {
    switch (kind) {
      case field.connection:
        this.connection = joined(this.connection, optionsText(bytes, start, end))
        break
      case field.contentLength:
        if (!this.#readContentLength(bytes, start, end)) return false
        break
      case field.transferEncoding:
        this.transferEncoding = joined(this.transferEncoding, latin1(bytes, start, end))
        this.hasTransferEncoding = true
        break
      case field.upgrade:
        this.upgrade = joined(this.upgrade, latin1(bytes, start, end))
        break
      case field.hopByHop:
        break
      default:
        if (!this.ownField(kind, bytes, start, end)) return false
    }
    if (this.removes(kind)) this.#remove(line - this.base, this.#line)
    return true
  }

  #remove(start: number, end: number): void {
    this.#removed[this.#removedEnd] = start
    this.#removed[this.#removedEnd + 1] = end
    this.#removedEnd += 2
  }

  /** Whether fields of a kind are left out of what is passed on. */
  protected removes(kind: Field): boolean {
    return kind !== field.host
  }

  #readContentLength(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.contentLength >= 0) this.refuse('Content-Length twice')
    else if (end === start || end - start > maxLengthDigits) this.refuse('bad Content-Length')
    if (this.reason !== '') return false
    let value = 0
    for (let i = start; i < end; i += 1) {
      const byte = bytes[i] as number
      if (!isDigit(byte)) {
        this.refuse('bad Content-Length')
        return false
      }
      value = value * 10 + byte - 0x30
    }
    this.contentLength = value
    return true
  }

  /** Fields that Connection names concern this hop only (RFC 9110, section 7.6.1). */
  #removeNamedByConnection(head: string): void {
    const names = this.connection.split(',').map((name) => name.trim())
    if (names.every((name) => plainOptions.has(name))) return
    const named = new Set(names)
    this.#removedEnd = 0
    let line = this.#startLineEnd
    while (line < this.length - 2) {
      const next = head.indexOf('\n', line) + 1
      const name = head.slice(line, head.indexOf(':', line)).toLowerCase()
      const kind = this.names.of(name)
      const removed = kind === field.other ? named.has(name) : this.removes(kind)
      if (removed) this.#remove(line, next)
      line = next
    }
  }
}

/** Options of Connection that name no field that could be there. */
const plainOptions: ReadonlySet<string> = new Set(['', 'close', 'keep-alive', 'upgrade', 'te'])

const keepAlive = Buffer.from('keep-alive')
const close = Buffer.from('close')

/** A value of Connection in lower case. The usual ones are not made anew. */
function optionsText(bytes: Uint8Array, start: number, end: number): string {
  if (isNamed(bytes, start, end, keepAlive)) return 'keep-alive'
  if (isNamed(bytes, start, end, close)) return 'close'
  return latin1(bytes, start, end).toLowerCase()
}

function joined(values: string, value: string): string {
  return values === '' ? value : `${values}, ${value}`
}

/** Where a value ends without the white space behind it. */
export function trimmed(bytes: Uint8Array, start: number, end: number): number {
  let at = end
  while (at > start && (bytes[at - 1] === SP || bytes[at - 1] === HT)) at -= 1
  return at
}
