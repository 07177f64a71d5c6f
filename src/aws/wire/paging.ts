import { validationError } from './errors.ts'

/**
 * One page of `items`, which are in ascending order of their unique keys. The marker names the last key of the page before,
 * so that the next page is right even when that item is gone by then.
 * @param limit the most that the page holds
 * @throws ApiError ValidationError when the marker is none of ours
 */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { marker, limit }: { readonly marker: string | undefined; readonly limit: number },
): { items: T[]; nextMarker: string | undefined } {
  const after = marker ? decode(marker) : ''
  const rest = items.filter((item) => keyOf(item) > after)
  const taken = rest.slice(0, limit)
  const last = taken.at(-1)
  const more = last !== undefined && taken.length < rest.length
  return { items: taken, nextMarker: more ? encode(keyOf(last)) : undefined }
}

const prefix = 'after:'

function encode(key: string): string {
  return Buffer.from(`${prefix}${key}`).toString('base64url')
}

function decode(marker: string): string {
  const text = Buffer.from(marker, 'base64url').toString()
  const key = text.slice(prefix.length)
  if (encode(key) !== marker) throw validationError(`Marker '${marker}' is not valid`)
  return key
}
