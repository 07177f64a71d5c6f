/** What clients ask of a bucket or an object that Weir does not have: it answers as S3 does for one of which none of this was ever set. */
import { noSuchKey } from '../../buckets/object-files.ts'
import { ApiError } from '../wire/errors.ts'
import { ownerOf, type S3Call, type S3Operation } from './operation.ts'

interface OfBucket {
  readonly Bucket?: string
}

/** Of a bucket that is there. */
function fresh(answer: (call: S3Call) => object): S3Operation<OfBucket> {
  return async (input, call) => {
    await call.buckets.records.get(input.Bucket ?? '')
    return answer(call)
  }
}

function unset(code: string, message: string): S3Operation<OfBucket> {
  return fresh(() => {
    throw new ApiError(code, message, 404)
  })
}

interface OfObject extends OfBucket {
  readonly Key?: string
}

/** Of an object that is there. */
function freshObject(answer: (call: S3Call) => object): S3Operation<OfObject> {
  return async ({ Bucket = '', Key = '' }, call) => {
    await call.buckets.records.get(Bucket)
    if ((await call.buckets.objects.find(Bucket, Key)) === undefined) throw noSuchKey()
    return answer(call)
  }
}

const ofOwner = (call: S3Call) => {
  const owner = ownerOf(call)
  return {
    Owner: owner,
    Grants: [{ Grantee: { Type: 'CanonicalUser', ...owner }, Permission: 'FULL_CONTROL' }],
  }
}

export const bucketSettings: Readonly<Record<string, S3Operation<OfBucket>>> = {
  GetBucketAcl: fresh(ofOwner),
  GetBucketAccelerateConfiguration: fresh(() => ({})),
  GetBucketLogging: fresh(() => ({})),
  GetBucketNotificationConfiguration: fresh(() => ({})),
  GetBucketRequestPayment: fresh(() => ({ Payer: 'BucketOwner' })),
  GetBucketVersioning: fresh(() => ({})),
  GetBucketOwnershipControls: fresh(() => ({
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  })),
  GetBucketPolicyStatus: async (input, { buckets }) => {
    const { policy } = await buckets.records.get(input.Bucket ?? '')
    if (policy !== null) return { PolicyStatus: { IsPublic: false } }
    throw new ApiError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404)
  },
  GetBucketCors: unset('NoSuchCORSConfiguration', 'The CORS configuration does not exist'),
  GetBucketEncryption: unset(
    'ServerSideEncryptionConfigurationNotFoundError',
    'The server side encryption configuration was not found',
  ),
  GetBucketLifecycleConfiguration: unset(
    'NoSuchLifecycleConfiguration',
    'The lifecycle configuration does not exist',
  ),
  GetBucketReplication: unset(
    'ReplicationConfigurationNotFoundError',
    'The replication configuration was not found',
  ),
  GetBucketTagging: unset('NoSuchTagSet', 'The TagSet does not exist'),
  GetBucketWebsite: unset(
    'NoSuchWebsiteConfiguration',
    'The specified bucket does not have a website configuration',
  ),
  GetObjectLockConfiguration: unset(
    'ObjectLockConfigurationNotFoundError',
    'Object Lock configuration does not exist for this bucket',
  ),
  GetPublicAccessBlock: unset(
    'NoSuchPublicAccessBlockConfiguration',
    'The public access block configuration was not found',
  ),
}

export const objectSettings: Readonly<Record<string, S3Operation<OfObject>>> = {
  GetObjectAcl: freshObject(ofOwner),
  GetObjectTagging: freshObject(() => ({ TagSet: [] })),
}
