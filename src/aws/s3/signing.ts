/** In what signatures of S3 differ: the path is escaped once, and a body need not be signed with the request. */
import { escapeUri } from '@smithy/core/protocols'
import { ApiError } from '../wire/errors.ts'
import type { SigningRules } from '../wire/sigv4.ts'
import { decodePath } from './address.ts'
import { invalidRequest } from './errors.ts'

export const unsignedPayload = 'UNSIGNED-PAYLOAD'

/** What the header may have besides a hash; chunks are verified as they come. */
const streams = /^STREAMING-(AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?|UNSIGNED-PAYLOAD-TRAILER)$/

export const s3SigningRules: SigningRules = {
  path(rawUrl) {
    const [path = ''] = rawUrl.split('?', 1)
    return escapeUri(decodePath(path === '' ? '/' : path)).replaceAll('%2F', '/')
  },
  payload({ headers }) {
    const declared = headers['x-amz-content-sha256']
    if (declared !== undefined) return requirePayloadForm(declared)
    if (headers.authorization === undefined) return unsignedPayload
    throw invalidRequest('Missing required header for this request: x-amz-content-sha256')
  },
}

function requirePayloadForm(declared: string): string {
  if (declared === unsignedPayload || /^[0-9a-f]{64}$/.test(declared) || streams.test(declared)) {
    return declared
  }
  throw new ApiError(
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.',
  )
}
