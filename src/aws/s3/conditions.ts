/** Conditional requests (RFC 9110, section 13) and ranges (section 14), as S3 evaluates them. */
import type { StoredObject } from '../../buckets/object-files.ts'
import { ApiError } from '../wire/errors.ts'

export interface ReadConditions {
  readonly IfMatch?: string | undefined
  readonly IfNoneMatch?: string | undefined
  readonly IfModifiedSince?: Date | undefined
  readonly IfUnmodifiedSince?: Date | undefined
}

/** @throws ApiError PreconditionFailed, or NotModified, which has no body */
export function checkReadable(object: StoredObject, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions
  const modified = Math.floor(object.modified / 1000) * 1000
  if (IfMatch !== undefined) {
    if (!names(IfMatch, object)) throw preconditionFailed('If-Match')
  } else if (IfUnmodifiedSince !== undefined && modified > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('If-Unmodified-Since')
  }
  const notModified =
    IfNoneMatch !== undefined
      ? names(IfNoneMatch, object)
      : IfModifiedSince !== undefined && modified <= IfModifiedSince.getTime()
  if (notModified) throw new ApiError('NotModified', 'Not Modified', 304)
}

/** @throws ApiError PreconditionFailed, NoSuchKey */
export function checkReplaceable(
  current: StoredObject | undefined,
  { IfMatch, IfNoneMatch }: Pick<ReadConditions, 'IfMatch' | 'IfNoneMatch'>,
): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') {
    throw new ApiError('NotImplemented', 'If-None-Match must be * here', 501)
  }
  if (IfNoneMatch === '*' && current !== undefined) throw preconditionFailed('If-None-Match')
  if (IfMatch === undefined) return
  if (current === undefined)
    throw new ApiError('NoSuchKey', 'The specified key does not exist.', 404)
  if (!names(IfMatch, current)) throw preconditionFailed('If-Match')
}

function names(list: string, { etag }: StoredObject): boolean {
  return list.split(',').some((one) => {
    const tag = one
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1')
    return tag === '*' || tag === etag
  })
}

export function preconditionFailed(condition: string): ApiError {
  return new ApiError(
    'PreconditionFailed',
    `At least one of the pre-conditions you specified did not hold: ${condition}`,
    412,
  )
}

export interface ByteRange {
  readonly start: number
  /** Inclusive. */
  readonly end: number
}

/**
 * Null for the whole: no range, several, or none that is one.
 * @throws ApiError InvalidRange when it begins after the end
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return null
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== '' && last !== '' && Number(last) < start) return null
  if (start < size && !(first === '' && Number(last) === 0)) return { start, end }
  throw new ApiError('InvalidRange', 'The requested range is not satisfiable', 416)
}
