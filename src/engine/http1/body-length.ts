/** Where a message's body ends (RFC 9112, section 6.3). */
export type BodyLength =
  | { readonly kind: 'none' }
  | { readonly kind: 'known'; readonly length: number }
  /** `codings`: the value of Transfer-Encoding in lower case; `chunked` is the last. */
  | { readonly kind: 'chunked'; readonly codings: string }
  /** A response that ends with its connection, or a body whose end is told apart from its bytes. */
  | { readonly kind: 'until-close' }

export const noBody: BodyLength = { kind: 'none' }
export const untilClose: BodyLength = { kind: 'until-close' }
export const plainChunked: BodyLength = { kind: 'chunked', codings: 'chunked' }

const knownCodings: ReadonlySet<string> = new Set(['chunked', 'compress', 'deflate', 'gzip'])

/** @returns the normalized list, or null unless it ends in its only `chunked` and names nothing unknown */
export function readTransferCodings(value: string): string | null {
  const codings = value.split(',').map((coding) => coding.trim().toLowerCase())
  if (codings.indexOf('chunked') !== codings.length - 1) return null
  if (!codings.every((coding) => knownCodings.has(coding))) return null
  return codings.join(', ')
}

/** Whether a value of Transfer-Encoding is well-formed, and has a coding that is not known. */
export function hasUnknownCoding(value: string): boolean {
  const codings = value.split(',').map((coding) => coding.trim().toLowerCase())
  const formed = codings.every((coding) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(coding))
  return formed && codings.some((coding) => !knownCodings.has(coding))
}

export function knownLength(length: number): BodyLength {
  return { kind: 'known', length }
}

export function chunkedWith(codings: string): BodyLength {
  return codings === 'chunked' ? plainChunked : { kind: 'chunked', codings }
}
