import { validationError } from '../wire/errors.ts'
import { atLeast, atMost, check, reject } from './constraints.ts'

/** Both the default and the most that a page holds. */
const maxPageSize = 400

interface PageRequest {
  readonly Marker?: string | undefined
  readonly PageSize?: number | undefined
}

/**
 * One page of `items`, which are in ascending order of their unique keys. The marker names the last key of the page before,
 * so that the next page is right even when that item is gone by then.
 * @throws ApiError ValidationError when the marker is none of ours, or the page size is out of range
 */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { Marker: marker, PageSize: pageSize }: PageRequest,
): { items: T[]; nextMarker: string | undefined } {
  reject(check('pageSize', pageSize, atLeast(1), atMost(maxPageSize)))
  const after = marker ? decode(marker) : ''
  const rest = items.filter((item) => keyOf(item) > after)
  const taken = rest.slice(0, pageSize ?? maxPageSize)
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
