/** Buckets themselves, and their policies. */
import type {
  CreateBucketCommandInput,
  CreateBucketCommandOutput,
  DeleteBucketCommandInput,
  GetBucketLocationCommandInput,
  GetBucketPolicyCommandInput,
  HeadBucketCommandInput,
  ListBucketsCommandInput,
  PutBucketPolicyCommandInput,
} from '@aws-sdk/client-s3'
import { isBucketName } from '../../buckets/bucket-name.ts'
import { checkBucketPolicy } from '../../buckets/bucket-policy.ts'
import { requireRegion } from '../wire/authentication.ts'
import { ApiError } from '../wire/errors.ts'
import { invalidArgument, invalidRequest } from './errors.ts'
import { requireNoAcl } from './object-headers.ts'
import { ownerOf, type S3Call, type S3Operation } from './operation.ts'

export const createBucket: S3Operation<
  CreateBucketCommandInput,
  Partial<CreateBucketCommandOutput>
> = async (input, call) => {
  const name = input.Bucket ?? ''
  if (!isBucketName(name)) {
    throw new ApiError('InvalidBucketName', `The specified bucket is not valid: ${name}`)
  }
  requireNoAcl(input.ACL)
  if (input.ObjectLockEnabledForBucket) {
    throw invalidRequest('Object Lock is not served here')
  }
  const region = regionOfNew(input, call)
  await call.buckets.records.create({ name, region, created: call.clock.now(), policy: null })
  return { Location: `/${name}` }
}

/** The region's endpoint makes buckets of its region only; that of us-east-1 calls its own by no name. */
function regionOfNew({ CreateBucketConfiguration }: CreateBucketCommandInput, { region }: S3Call) {
  const asked = CreateBucketConfiguration?.LocationConstraint || undefined
  if (asked === region) return region
  if (asked === undefined && region === 'us-east-1') return region
  if (asked === undefined) {
    throw illegalLocation(
      'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
    )
  }
  // What is signed for us-east-1 may ask for any.
  if (region === 'us-east-1') return requireRegion(asked)
  throw illegalLocation(
    `The ${asked} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  )
}

function illegalLocation(message: string): ApiError {
  return new ApiError('IllegalLocationConstraintException', message)
}

export const deleteBucket: S3Operation<DeleteBucketCommandInput> = async (input, { buckets }) => {
  await buckets.records.delete(input.Bucket ?? '')
  return {}
}

export const headBucket: S3Operation<HeadBucketCommandInput> = async (input, { buckets }) => {
  const { region } = await buckets.records.get(input.Bucket ?? '')
  return { BucketRegion: region, AccessPointAlias: false }
}

export const listBuckets: S3Operation<ListBucketsCommandInput> = async (input, call) => {
  const { Prefix = '', BucketRegion, ContinuationToken = '', MaxBuckets = 10_000 } = input
  if (MaxBuckets < 1 || MaxBuckets > 10_000) {
    throw invalidArgument(`max-buckets ${MaxBuckets} must be from 1 to 10000`)
  }
  const found = (await call.buckets.records.list()).filter(
    ({ name, region }) =>
      name.startsWith(Prefix) &&
      name > ContinuationToken &&
      (BucketRegion === undefined || region === BucketRegion),
  )
  const page = found.slice(0, MaxBuckets)
  return {
    Buckets: page.map(({ name, region, created }) => ({
      Name: name,
      CreationDate: new Date(created),
      BucketRegion: region,
    })),
    Owner: ownerOf(call),
    ...(Prefix !== '' && { Prefix }),
    ...(page.length < found.length && { ContinuationToken: page.at(-1)?.name }),
  }
}

/** The answer has no element within: {@link unwrappedLocation}. */
export const getBucketLocation: S3Operation<GetBucketLocationCommandInput> = async (
  input,
  { buckets },
) => {
  const { region } = await buckets.records.get(input.Bucket ?? '')
  return region === 'us-east-1' ? {} : { LocationConstraint: region }
}

/** Longest that S3 takes ("Bucket policies"). */
const maxPolicyBytes = 20 * 1024

export const putBucketPolicy: S3Operation<PutBucketPolicyCommandInput> = async (
  input,
  { buckets },
) => {
  const { Bucket = '', Policy = '' } = input
  await buckets.records.get(Bucket)
  if (Buffer.byteLength(Policy) > maxPolicyBytes) {
    throw new ApiError('PolicyTooLarge', `The policy has over ${maxPolicyBytes} bytes`)
  }
  checkBucketPolicy(Bucket, Policy)
  await buckets.records.setPolicy(Bucket, Policy)
  return {}
}

export const getBucketPolicy: S3Operation<GetBucketPolicyCommandInput> = async (
  input,
  { buckets },
) => {
  const { policy } = await buckets.records.get(input.Bucket ?? '')
  if (policy === null) {
    throw new ApiError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404)
  }
  return { Policy: policy }
}

export const deleteBucketPolicy: S3Operation<DeleteBucketCommandInput> = async (
  input,
  { buckets },
) => {
  await buckets.records.setPolicy(input.Bucket ?? '', null)
  return {}
}
