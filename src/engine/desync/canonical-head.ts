/**
 * A request as it is passed on when it was not plainly compliant: written anew from its parts, in bytes that every server reads
 * in one way. The ordinary request parser reads it like any other.
 */
import { bodyField } from './body-field.ts'
import { atLeast, type Classification } from './classification.ts'
import { isToken } from './classify.ts'
import { framingName } from './look-alike.ts'
import { type Header, type ParsedRequest, withoutBlanks } from './parsed-request.ts'

/** @returns null when there is nothing that could be passed on in any mode: a malformed method, or a body without an end */
export function canonicalHead(
  request: ParsedRequest,
  classification: Classification,
): string | null {
  const framing = bodyField(request)
  if (framing === null || !isToken(request.method)) return null
  const tunnels = !atLeast(classification.tier, 'Ambiguous')
  const fields = request.headers.map((header) => fieldLine(header, tunnels)).join('')
  const uri = canonicalUri(request.uri)
  return `${request.method} ${uri} ${canonicalVersion(request.version)}\r\n${fields}${framing}\r\n`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const notInUri = /[\x00-\x20\x7f]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const notInValue = /[\x00-\x08\x0a-\x1f\x7f]/g

/** The empty URI is a path (RFC 9110, section 4.2.3); what cannot be in one is percent-encoded. */
export function canonicalUri(uri: string): string {
  if (uri === '') return '/'
  return uri.replace(
    notInUri,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/** A version that is none that we know is served as the one that asks least of the client. */
export function canonicalVersion(version: string): 'HTTP/1.0' | 'HTTP/1.1' {
  return /^HTTP\/1\.[1-9]$/.test(withoutBlanks(version)) ? 'HTTP/1.1' : 'HTTP/1.0'
}

/**
 * Empty for a field that is not passed on: its name cannot be written, or is about framing, or looks like it. Control
 * characters in a value become spaces (RFC 9110, section 5.5).
 * @param tunnels whether the request may change the protocol, after which both connections stay open
 */
function fieldLine(header: Header, tunnels: boolean): string {
  const name = withoutBlanks(header.name)
  if (!isToken(name) || framingName(name) !== undefined) return ''
  if (!tunnels && name.toLowerCase() === 'upgrade') return ''
  return `${name}: ${withoutBlanks(header.value.replace(notInValue, ' '))}\r\n`
}
