/** S3's words: "Error responses", S3 API reference. */
import { BucketError } from '../../buckets/bucket-error.ts'
import { ApiError } from '../wire/errors.ts'

/** Of what all services share, where S3 has other words. */
const ownWords: Readonly<Record<string, { code: string; status: number; message?: string }>> = {
  IncompleteSignature: { code: 'AuthorizationHeaderMalformed', status: 400 },
  InternalFailure: {
    code: 'InternalError',
    status: 500,
    message: 'We encountered an internal error. Please try again.',
  },
  InvalidClientTokenId: {
    code: 'InvalidAccessKeyId',
    status: 403,
    message: 'The AWS Access Key Id you provided does not exist in our records.',
  },
  MissingAuthenticationToken: { code: 'AccessDenied', status: 403, message: 'Access Denied' },
  RequestExpired: { code: 'RequestTimeTooSkewed', status: 403 },
}

/** Undefined for what is no fault of the caller's. */
export function toS3Error(thrown: unknown, presigned: boolean): ApiError | undefined {
  if (thrown instanceof BucketError) {
    return new ApiError(thrown.code, thrown.message, thrown.status)
  }
  if (!(thrown instanceof ApiError)) return undefined
  if (presigned && thrown.code === 'RequestExpired') {
    return new ApiError('AccessDenied', 'Request has expired', 403)
  }
  const own = ownWords[thrown.code]
  return own === undefined
    ? thrown
    : new ApiError(own.code, own.message ?? thrown.message, own.status)
}

export function invalidArgument(message: string): ApiError {
  return new ApiError('InvalidArgument', message)
}

export function invalidRequest(message: string): ApiError {
  return new ApiError('InvalidRequest', message)
}

export function notImplemented(message: string): ApiError {
  return new ApiError('NotImplemented', message, 501)
}

export function malformedXml(): ApiError {
  return new ApiError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  )
}
