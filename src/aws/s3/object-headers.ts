/** What is kept of an object besides its bytes, from the input of the operations that make one, and to the output of those that show it. */
import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import type { ObjectFacts, StoredObject } from '../../buckets/object-files.ts'
import { ApiError } from '../wire/errors.ts'
import { notImplemented } from './errors.ts'

const kept = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'Expires',
] as const

type Kept = Pick<PutObjectCommandInput, (typeof kept)[number] | 'Metadata'>

/** Of all metadata of an object together ("Working with object metadata", S3 User Guide). */
const maxMetadataBytes = 2048

/** @throws ApiError MetadataTooLarge */
export function factsOfInput(input: Kept): Pick<ObjectFacts, 'headers' | 'metadata'> {
  const headers = kept.flatMap((name): [string, string][] => {
    const value = name === 'ContentEncoding' ? ownEncoding(input.ContentEncoding) : input[name]
    if (value === undefined || value === '') return []
    return [[name, value instanceof Date ? value.toUTCString() : value]]
  })
  const metadata = input.Metadata ?? {}
  if (Buffer.byteLength(Object.entries(metadata).flat().join('')) > maxMetadataBytes) {
    throw new ApiError(
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
    )
  }
  return { headers: Object.fromEntries(headers), metadata }
}

/** `aws-chunked` is the request's, not the object's. */
function ownEncoding(encoding: string | undefined): string | undefined {
  const encodings = (encoding ?? '').split(',').map((one) => one.trim())
  return encodings.filter((one) => one !== 'aws-chunked').join(',')
}

/** Members that GetObject and HeadObject share. */
export function describe(object: StoredObject) {
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(object.modified),
    ETag: quoted(object.etag),
    ContentType: 'binary/octet-stream',
    ...object.headers,
    Metadata: object.metadata,
  }
}

export function quoted(etag: string): string {
  return `"${etag}"`
}

/** As the API has them: `{ ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' }`. */
export function checksumMembers(checksums: ObjectFacts['checksums']): Record<string, string> {
  const entries = Object.entries(checksums)
  if (entries.length === 0) return {}
  const composite = entries.some(([, value]) => value.includes('-'))
  return {
    ...Object.fromEntries(entries.map(([algorithm, value]) => [`Checksum${algorithm}`, value])),
    ChecksumType: composite ? 'COMPOSITE' : 'FULL_OBJECT',
  }
}

/** Access is decided by who signs: grants are not served, as in S3's own new buckets. @throws ApiError */
export function requireNoAcl(acl: string | undefined): void {
  if (acl === undefined || acl === 'private' || acl === 'bucket-owner-full-control') return
  throw new ApiError('AccessControlListNotSupported', 'The bucket does not allow ACLs')
}

interface Unserved {
  readonly ACL?: string | undefined
  readonly SSECustomerAlgorithm?: string | undefined
  readonly ServerSideEncryption?: string | undefined
  readonly StorageClass?: string | undefined
  readonly Tagging?: string | undefined
}

/** @throws ApiError NotImplemented for what the object would not be like */
export function requireServed(input: Unserved): void {
  requireNoAcl(input.ACL)
  if (
    input.SSECustomerAlgorithm !== undefined ||
    (input.ServerSideEncryption ?? 'AES256') !== 'AES256'
  ) {
    throw notImplemented('Encryption with keys of your own is not served here')
  }
  if ((input.StorageClass ?? 'STANDARD') !== 'STANDARD') {
    throw notImplemented(`Storage class ${input.StorageClass} is not served here`)
  }
  if (input.Tagging) throw notImplemented('Tags of objects are not served here')
}
