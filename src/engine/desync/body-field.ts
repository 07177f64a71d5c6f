/** The one field that frames a request that is passed on, whatever it had. */
import { contentLength } from './classify-framing.ts'
import type { ParsedRequest } from './parsed-request.ts'
import { transferCodings } from './transfer-codings.ts'

/**
 * Transfer-Encoding, if it can be read; else Content-Length, if it can (RFC 9112, section 6.3). Fields whose names merely look
 * like them, with white space too, frame nothing: whoever does not read them as framing would see the next request where
 * we saw a body.
 * @returns a complete line; empty: no body; null: nobody can tell where the request ends
 */
export function bodyField(request: ParsedRequest): string | null {
  const codings = valuesOf('transfer-encoding', request)
  const lengths = valuesOf('content-length', request)
  if (codings.length === 0 && lengths.length === 0) return ''
  return chunkedField(codings) ?? lengthField(lengths)
}

function valuesOf(name: string, { headers }: ParsedRequest): string[] {
  return headers.flatMap((header) => (header.name.toLowerCase() === name ? [header.value] : []))
}

/** @returns null unless chunked comes last and once; repeated at the end, it counts once */
function chunkedField(values: readonly string[]): string | null {
  const lists = values.map(transferCodings)
  const all: string[] = []
  for (const list of lists) {
    if (list === undefined) return null
    all.push(...list.filter((coding) => coding !== 'identity'))
  }
  while (all.at(-1) === 'chunked' && all.at(-2) === 'chunked') all.pop()
  const chunkedOnce = all.indexOf('chunked') === all.length - 1
  return all.length > 0 && chunkedOnce ? `Transfer-Encoding: ${all.join(', ')}\r\n` : null
}

/** @returns null unless all are the same number */
function lengthField(values: readonly string[]): string | null {
  const [length, ...others] = values.map(contentLength)
  if (length === undefined || others.some((other) => other !== length)) return null
  return `Content-Length: ${length}\r\n`
}
