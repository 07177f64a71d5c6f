/**
 * The tier of a request: a pure function of its parts. Reasons are found in the order findings of the parser, header fields,
 * framing, method, version, URI; only a worse one replaces an earlier one. The rules are those of http-desync-guardian,
 * except where it has holes.
 */
import { type Classification, type Reason, Ruling } from './classification.ts'
import { classifyFraming } from './classify-framing.ts'
import { framingName } from './look-alike.ts'
import { type Header, type ParsedRequest, withoutBlanks } from './parsed-request.ts'

export type HeaderTier = 'Compliant' | 'NonCompliant' | 'Bad'

export interface Verdict {
  readonly classification: Classification
  /** Of each header, in order. */
  readonly headerTiers: readonly HeaderTier[]
}

/** @param findings what only the bytes showed, in their order */
export function classify(request: ParsedRequest, findings: readonly Reason[] = []): Verdict {
  const ruling = new Ruling()
  for (const finding of findings) ruling.add(finding)
  const headerTiers = request.headers.map((header) => classifyHeader(header, ruling))
  classifyFraming(request, headerTiers, ruling)
  if (!isToken(request.method)) ruling.add('BadMethod')
  classifyVersion(request.version, ruling)
  classifyUri(request.uri, ruling)
  return { classification: ruling.classification, headerTiers }
}

/** What a method and a field name are made of (RFC 9110, section 5.6.2). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)
}

const endsText = /[\0\r\n]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\x00-\x1f\x7f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const controlInValue = /[\x00-\x08\x0a-\x1f\x7f]/

function classifyHeader({ name, value }: Header, ruling: Ruling): HeaderTier {
  if (endsText.test(name) || endsText.test(value)) {
    ruling.add('BadHeader')
    return 'Bad'
  }
  if (name.startsWith(':') || withoutBlanks(name) === '') {
    ruling.add('EmptyHeader')
    return 'Bad'
  }
  const malformed = !isToken(name) || controlInValue.test(value)
  if (malformed) ruling.add('NonCompliantHeader')
  const looksAlike = framingName(name)
  const suspicious = looksAlike !== undefined && looksAlike !== name.toLowerCase()
  if (suspicious) ruling.add('SuspiciousHeader')
  return malformed || suspicious ? 'NonCompliant' : 'Compliant'
}

function classifyVersion(version: string, ruling: Ruling): void {
  const text = withoutBlanks(version)
  if (text === '' || text === 'HTTP/0.9') ruling.add('NonCompliantVersion')
  else if (!/^HTTP\/1\.\d$/.test(text)) ruling.add('BadVersion')
  else if (text !== version || !/[01]$/.test(text)) ruling.add('NonCompliantVersion')
}

function classifyUri(uri: string, ruling: Ruling): void {
  if (endsText.test(uri)) ruling.add('BadUri')
  else if (control.test(uri)) ruling.add('AmbiguousUri')
  else if (uri.includes(' ')) ruling.add('SpaceInUri')
}
