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
  if (!fits(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length)) return undefined
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
  return fits(bytes[start] as number, bytes[start + length - 1] as number, length)
}

/** Whether a name that begins and ends with these bytes, and has that length, may be or look like one of the two. */
function fits(first: number, last: number, length: number): boolean {
  if (length < shortest) return false
  return ((edges[first] as number) & 1) !== 0 && ((edges[last] as number) & 2) !== 0
}
