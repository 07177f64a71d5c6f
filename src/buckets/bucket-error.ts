/** What is wrong with a request for a bucket or an object: S3's own codes ("Error responses" of its API reference). */
const statuses = {
  AccessDenied: 403,
  BadDigest: 400,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  BucketRegionMismatch: 400,
  EntityTooSmall: 400,
  EntityTooLarge: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRequest: 400,
  KeyTooLongError: 400,
  MalformedPolicy: 400,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  PreconditionFailed: 412,
} as const

export type BucketErrorCode = keyof typeof statuses

export class BucketError extends Error {
  override readonly name = 'BucketError'
  readonly code: BucketErrorCode

  constructor(code: BucketErrorCode, message: string) {
    super(message)
    this.code = code
  }

  /** Of the HTTP answer. */
  get status(): number {
    return statuses[this.code]
  }
}
