import { atLeast, atMost, check, reject } from '../wire/constraints.ts'
import { ApiError } from '../wire/errors.ts'
import { page } from '../wire/paging.ts'
import { invalidNextToken } from './errors.ts'

/**
 * As {@link page}, with a token in CloudWatch's words.
 * @throws ApiError InvalidNextToken
 */
export function tokenPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: { token: string | undefined; limit: number; descending?: boolean },
): { items: T[]; token: { NextToken?: string } } {
  const { token, ...rest } = request
  try {
    const { items: taken, nextMarker } = page(items, keyOf, { marker: token, ...rest })
    return { items: taken, token: nextMarker === undefined ? {} : { NextToken: nextMarker } }
  } catch (error) {
    throw error instanceof ApiError ? invalidNextToken(token ?? '') : error
  }
}

/** @throws ApiError */
export function requireMaxRecords(given: number | undefined, fallback: number): number {
  reject(check('maxRecords', given, atLeast(1), atMost(100)))
  return given ?? fallback
}
