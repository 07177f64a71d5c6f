import { validationError } from './errors.ts'

interface PageRequest {
  readonly marker: string | undefined
  readonly limit: number
  readonly descending?: boolean
}

/**
 * One page of `items`, which are in order of their unique keys. The marker names the last key of the page before,
 * so that the next page is right even when that item is gone by then.
 * @param limit the most that the page holds
 * @param descending whether the greatest key comes first
 * @throws ApiError ValidationError when the marker is none of ours
 */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { marker, limit, descending = false }: PageRequest,
): { items: T[]; nextMarker: string | undefined } {
  const last = marker ? decode(marker) : undefined
  const follows = (key: string) => last === undefined || (descending ? key < last : key > last)
  const rest = items.filter((item) => follows(keyOf(item)))
  const taken = rest.slice(0, limit)
  const end = taken.at(-1)
  const more = end !== undefined && taken.length < rest.length
  return { items: taken, nextMarker: more ? encode(keyOf(end)) : undefined }
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
