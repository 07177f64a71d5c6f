/** Multipart uploads ("Uploading and copying objects using multipart upload", S3 User Guide). */
import type {
  AbortMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
  ListMultipartUploadsCommandInput,
  ListPartsCommandInput,
  UploadPartCommandInput,
  UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3'
import type { Upload } from '../../buckets/uploads.ts'
import { checksumAlgorithms } from '../wire/checksums.ts'
import { rangeOf } from './conditions.ts'
import { openSource, withCopy } from './copy.ts'
import { invalidArgument, invalidRequest } from './errors.ts'
import { checksumMembers, factsOfInput, quoted, requireServed } from './object-headers.ts'
import { withBody } from './objects.ts'
import { ownerOf, type S3Operation } from './operation.ts'

export const createMultipartUpload: S3Operation<CreateMultipartUploadCommandInput> = async (
  input,
  call,
) => {
  const { Bucket = '', Key = '' } = input
  requireServed(input)
  const checksum = checksumOf(input)
  const upload = await call.buckets.uploads.create(Bucket, {
    key: Key,
    created: call.clock.now(),
    facts: factsOfInput(input),
    checksum,
  })
  return { Bucket, Key, UploadId: upload.id, ...checksumView(upload) }
}

/** CRC-64 is never made of those of the parts, the SHAs always are. */
function checksumOf(input: CreateMultipartUploadCommandInput): Upload['checksum'] {
  const { ChecksumAlgorithm: algorithm, ChecksumType } = input
  if (algorithm === undefined) return null
  if (!(checksumAlgorithms as readonly string[]).includes(algorithm)) {
    throw invalidRequest(`Checksums of the algorithm ${algorithm} are not served here`)
  }
  const only = { CRC64NVME: 'FULL_OBJECT', SHA1: 'COMPOSITE', SHA256: 'COMPOSITE' } as const
  const must = only[algorithm as keyof typeof only]
  if (ChecksumType !== undefined && must !== undefined && ChecksumType !== must) {
    throw invalidRequest(
      `The ${ChecksumType} checksum type cannot be used with the ${algorithm} algorithm.`,
    )
  }
  return { algorithm, type: must ?? ChecksumType ?? 'COMPOSITE' }
}

function checksumView({ checksum }: Upload) {
  return checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }
}

export const uploadPart: S3Operation<UploadPartCommandInput> = async (input, call) => {
  const { Bucket = '', Key = '', UploadId = '' } = input
  const number = requirePartNumber(input.PartNumber)
  const { uploads } = call.buckets
  const upload = await uploads.get(Bucket, Key, UploadId)
  const { etag, checksums } = await withBody(call, async (file) => {
    const { received } = call.payload
    await uploads.putPart(Bucket, upload, { number, ...received }, file)
    return received
  })
  const { ChecksumType: _, ...members } = checksumMembers(checksums)
  return { ETag: quoted(etag), ...members }
}

export const uploadPartCopy: S3Operation<UploadPartCopyCommandInput> = async (input, call) => {
  const { Bucket = '', Key = '', UploadId = '', CopySourceRange } = input
  const number = requirePartNumber(input.PartNumber)
  const { uploads } = call.buckets
  const upload = await uploads.get(Bucket, Key, UploadId)
  await using source = await openSource(input, call)
  const range = rangeOf(CopySourceRange, source.object.size)
  const size = range === null ? source.object.size : range.end - range.start + 1
  const etag = await withCopy(call, source, range, async (file, copied) => {
    await uploads.putPart(Bucket, upload, { number, size, etag: copied, checksums: {} }, file)
    return copied
  })
  return { CopyPartResult: { ETag: quoted(etag), LastModified: new Date(call.clock.now()) } }
}

function requirePartNumber(number = 0): number {
  if (number >= 1 && number <= 10_000) return number
  throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive')
}

export const abortMultipartUpload: S3Operation<AbortMultipartUploadCommandInput> = async (
  input,
  { buckets },
) => {
  const { Bucket = '', Key = '', UploadId = '' } = input
  const upload = await buckets.uploads.get(Bucket, Key, UploadId)
  await buckets.uploads.end(Bucket, upload, async () => undefined)
  return {}
}

export const listParts: S3Operation<ListPartsCommandInput> = async (input, call) => {
  const { Bucket = '', Key = '', UploadId = '', PartNumberMarker = '0', MaxParts = 1000 } = input
  const upload = await call.buckets.uploads.get(Bucket, Key, UploadId)
  const all = await call.buckets.uploads.parts(Bucket, UploadId)
  const after = all.filter(({ number }) => number > Number(PartNumberMarker))
  const page = after.slice(0, Math.min(MaxParts, 1000))
  const owner = ownerOf(call)
  return {
    Bucket,
    Key,
    UploadId,
    PartNumberMarker,
    ...(page.length < after.length && { NextPartNumberMarker: String(page.at(-1)?.number ?? 0) }),
    MaxParts,
    IsTruncated: page.length < after.length,
    Parts: page.map(({ number, size, etag, checksums, modified }) => ({
      PartNumber: number,
      LastModified: new Date(modified),
      ETag: quoted(etag),
      Size: size,
      ...checksumMembers(checksums),
    })),
    Initiator: owner,
    Owner: owner,
    StorageClass: 'STANDARD',
    ...checksumView(upload),
  }
}

/** All of them in one answer: there are as many as clients have left behind. */
export const listMultipartUploads: S3Operation<ListMultipartUploadsCommandInput> = async (
  input,
  call,
) => {
  const { Bucket = '', Prefix = '' } = input
  await call.buckets.records.get(Bucket)
  const uploads = await call.buckets.uploads.list(Bucket)
  const owner = ownerOf(call)
  return {
    Bucket,
    Prefix,
    KeyMarker: '',
    UploadIdMarker: '',
    MaxUploads: 1000,
    IsTruncated: false,
    Uploads: uploads
      .filter(({ key }) => key.startsWith(Prefix))
      .map((upload) => ({
        UploadId: upload.id,
        Key: upload.key,
        Initiated: new Date(upload.created),
        Initiator: owner,
        Owner: owner,
        StorageClass: 'STANDARD',
        ...checksumView(upload),
      })),
  }
}
