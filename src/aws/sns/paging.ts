import { ApiError } from '../wire/errors.ts'
import { page } from '../wire/paging.ts'
import { invalidParameter } from './errors.ts'

/** What a page of a list holds. */
const pageSize = 100

/** @throws ApiError InvalidParameter when the token is none of ours */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  token: string | undefined,
): { items: T[]; next: { NextToken?: string } } {
  try {
    const { items: taken, nextMarker } = page(items, keyOf, { marker: token, limit: pageSize })
    return { items: taken, next: nextMarker === undefined ? {} : { NextToken: nextMarker } }
  } catch (error) {
    if (error instanceof ApiError) throw invalidParameter('NextToken')
    throw error
  }
}
