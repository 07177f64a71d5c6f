import { gunzipSync } from 'node:zlib'
import { ApiError } from './errors.ts'
import type { AwsRequest } from './protocol.ts'

/**
 * The body as it was before clients packed it, as they do with much data (trait `requestCompression`).
 * @param limit the most that it may have, in bytes
 * @throws ApiError
 */
export function unpackedBody({ headers, body }: AwsRequest, limit: number): Uint8Array {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip') {
    throw new ApiError('UnsupportedMediaType', `Content encoding '${encoding}' is not served`, 415)
  }
  try {
    return gunzipSync(body, { maxOutputLength: limit })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit)
    throw new ApiError('MalformedInput', 'The request is not gzip')
  }
}

export function tooLarge(limit: number): ApiError {
  return new ApiError(
    'RequestEntityTooLarge',
    `The request's body is larger than ${limit} bytes`,
    413,
  )
}

/** @throws what `refuse` makes when it is no UTF-8 */
export function utf8(bytes: Uint8Array, refuse: () => ApiError): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse()
  }
}
