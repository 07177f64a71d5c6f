import { atLeast, atMost, check, reject } from '../wire/constraints.ts'
import { page as pageAfter } from '../wire/paging.ts'

/** Both the default and the most that a page holds. */
const maxPageSize = 400

interface PageRequest {
  readonly Marker?: string | undefined
  readonly PageSize?: number | undefined
}

/**
 * One page of `items`, which are in ascending order of their unique keys.
 * @throws ApiError ValidationError when the marker is none of ours, or the page size is out of range
 */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { Marker: marker, PageSize: pageSize }: PageRequest,
): { items: T[]; nextMarker: string | undefined } {
  reject(check('pageSize', pageSize, atLeast(1), atMost(maxPageSize)))
  return pageAfter(items, keyOf, { marker, limit: pageSize ?? maxPageSize })
}
