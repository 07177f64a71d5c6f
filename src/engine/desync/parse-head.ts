/**
 * A head as the tolerant read it: lines end with LF, whatever is before it; nothing is refused. What the bytes alone show (how
 * lines end, folds, lines without a colon) is noted.
 */
import type { Reason } from './classification.ts'
import { type Header, type ParsedRequest, withoutBlanks } from './parsed-request.ts'

export interface ParsedHead {
  readonly request: ParsedRequest
  /** In the order of their lines. */
  readonly findings: readonly Reason[]
}

/** @param text the lines of a whole head as latin1, without their LF; the last two are empty */
export function parseHead(text: readonly string[]): ParsedHead {
  const findings: Reason[] = []
  const lines = text.slice(0, -1).map((line) => ended(line, findings))
  // One empty line may come before a request (RFC 9112, section 2.2).
  const first = lines[0] === '' ? 1 : 0
  const requestLine = parseRequestLine(lines[first] ?? '', findings)
  const headers = parseFields(lines.slice(first + 1, -1), findings)
  return { request: { ...requestLine, headers }, findings }
}

function ended(line: string, findings: Reason[]): string {
  if (line.endsWith('\r')) return line.slice(0, -1)
  findings.push('NonCrLfLineTermination')
  return line
}

/**
 * The version is what begins with the first ` HTTP/`: `/ HTTP/1.1 HTTP/1.1` has a malformed version, not a space in its URI.
 * Where there is none, it is what follows the last space.
 */
function parseRequestLine(line: string, findings: Reason[]): Omit<ParsedRequest, 'headers'> {
  const methodEnd = line.indexOf(' ')
  if (methodEnd < 0) {
    findings.push('MissingUri')
    return { method: line, uri: '', version: '' }
  }
  const method = line.slice(0, methodEnd)
  const named = line.indexOf(' HTTP/', methodEnd)
  const versionStart = named < 0 ? line.lastIndexOf(' ') : named
  if (named === methodEnd) findings.push('MissingUri')
  if (versionStart > methodEnd) {
    return {
      method,
      uri: line.slice(methodEnd + 1, versionStart),
      version: line.slice(versionStart + 1),
    }
  }
  const rest = line.slice(methodEnd + 1)
  return named < 0 ? { method, uri: rest, version: '' } : { method, uri: '', version: rest }
}

/** A field whose value may come in several lines. */
interface Lines {
  readonly name: string
  readonly values: string[]
}

function parseFields(lines: readonly string[], findings: Reason[]): readonly Header[] {
  const fields: Lines[] = []
  /** What a folded line belongs to: a field, or a line that is none. */
  let last: Lines | undefined
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (last !== undefined && /^[ \t]/.test(line)) {
      fold(last, withoutBlanks(line), findings)
    } else if (colon < 0) {
      last = { name: '', values: [] }
      findings.push(withoutBlanks(line) === '' ? 'EmptyHeader' : 'MissingHeaderColon')
    } else {
      last = { name: line.slice(0, colon), values: [line.slice(colon + 1)] }
      fields.push(last)
    }
  }
  return fields.map(({ name, values }) => ({ name, value: unfolded(values) }))
}

function fold({ name, values }: Lines, text: string, findings: Reason[]): void {
  values.push(text)
  if (text === '') findings.push('EmptyHeader')
  // Old multipart clients fold Content-Type; http-desync-guardian lets that be.
  else if (name.toLowerCase() !== 'content-type') findings.push('MultilineHeader')
}

/** A folded line goes on with a value, as if the break were a space (RFC 9112, section 5.2). */
function unfolded(values: readonly string[]): string {
  const [only = ''] = values
  return values.length === 1 ? only : values.map(withoutBlanks).join(' ')
}
