/**
 * Field names that some server may take for Transfer-Encoding or Content-Length: those whose letters and digits spell it. Wider
 * than http-desync-guardian's rule, which wants a delimiter where the hyphen is.
 */

export type FramingName = 'transfer-encoding' | 'content-length'

const spellings: Readonly<Record<string, FramingName>> = {
  transferencoding: 'transfer-encoding',
  contentlength: 'content-length',
}

/** The shortest spelling has this length. */
const shortest = 'contentlength'.length

/** @param name latin1 text. @returns the name that it is, or looks like; undefined for all others */
export function framingName(name: string): FramingName | undefined {
  if (name.length < shortest) return undefined
  // The UTF-8 bytes of ſ and ı: what Unicode's case mapping makes s and i of.
  const folded = name.replaceAll('\xc5\xbf', 's').replaceAll('\xc4\xb1', 'i')
  return spellings[folded.replace(/[^0-9A-Za-z]+/g, '').toLowerCase()]
}

/** 1: may begin a look-alike; 2: may end one; 3: both. */
const edges = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  if (!/[0-9A-Za-z]/.test(character)) return 3
  return (/[tc]/i.test(character) ? 1 : 0) + (/[gh]/i.test(character) ? 2 : 0)
})

/**
 * Whether a name of `length` token bytes at `start`, which is neither of the two, may look like one: a look at its edges, for
 * the common request. `content-encoding` is the one usual name that passes.
 */
export function mayLookAlike(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < shortest) return false
  const first = edges[bytes[start] as number] as number
  const last = edges[bytes[start + length - 1] as number] as number
  return (first & 1) !== 0 && (last & 2) !== 0
}
