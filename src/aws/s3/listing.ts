/** Lists of objects: version 2, and 1 for old clients. */
import type { ListObjectsCommandInput, ListObjectsV2CommandInput } from '@aws-sdk/client-s3'
import type { StoredObject } from '../../buckets/object-files.ts'
import { type ObjectList, listObjects as readList } from '../../buckets/object-listing.ts'
import { invalidArgument } from './errors.ts'
import { quoted } from './object-headers.ts'
import { ownerOf, type S3Call, type S3Operation } from './operation.ts'

/** Keys and common prefixes of one answer; who asks for more gets as many. */
const maxKeys = 1000

export const listObjectsV2: S3Operation<ListObjectsV2CommandInput> = async (input, call) => {
  const { ContinuationToken, StartAfter = '', FetchOwner = false } = input
  const after = ContinuationToken === undefined ? StartAfter : decodeToken(ContinuationToken)
  const { list, common, encode } = await listed(input, call, after)
  return {
    ...common,
    Contents: list.objects.map((object) =>
      entry(object, encode, FetchOwner ? ownerOf(call) : undefined),
    ),
    KeyCount: list.objects.length + list.commonPrefixes.length,
    ...(ContinuationToken !== undefined && { ContinuationToken }),
    ...(list.next !== null && { NextContinuationToken: encodeToken(list.next) }),
    ...(StartAfter !== '' && { StartAfter: encode(StartAfter) }),
  }
}

export const listObjects: S3Operation<ListObjectsCommandInput> = async (input, call) => {
  const { Marker = '', Delimiter } = input
  const { list, common, encode } = await listed(input, call, Marker)
  return {
    ...common,
    Contents: list.objects.map((object) => entry(object, encode, ownerOf(call))),
    Marker: encode(Marker),
    // Without a delimiter clients take the last key.
    ...(list.next !== null && Delimiter && { NextMarker: encode(list.next) }),
  }
}

type Input = Pick<
  ListObjectsV2CommandInput,
  'Bucket' | 'Prefix' | 'Delimiter' | 'MaxKeys' | 'EncodingType'
>

async function listed(input: Input, { buckets }: S3Call, after: string) {
  const { Bucket = '', Prefix = '', Delimiter = '', MaxKeys = maxKeys, EncodingType } = input
  if (MaxKeys < 0)
    throw invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647')
  const encode = encoder(EncodingType)
  const options = {
    prefix: Prefix,
    delimiter: Delimiter,
    after,
    limit: Math.min(MaxKeys, maxKeys),
  }
  const { records, objects } = buckets
  const list: ObjectList = await readList(records, objects, Bucket, options)
  const common = {
    Name: Bucket,
    Prefix: encode(Prefix),
    ...(Delimiter !== '' && { Delimiter: encode(Delimiter) }),
    MaxKeys: options.limit,
    IsTruncated: list.next !== null,
    ...(EncodingType !== undefined && { EncodingType }),
    CommonPrefixes: list.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  }
  return { list, common, encode }
}

/** Keys may have characters that XML cannot carry: clients that know ask for them as in a URL. */
function encoder(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request')
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/')
}

function entry(object: StoredObject, encode: (text: string) => string, owner: object | undefined) {
  const algorithms = Object.keys(object.checksums)
  return {
    Key: encode(object.key),
    LastModified: new Date(object.modified),
    ETag: quoted(object.etag),
    ...(algorithms.length > 0 && { ChecksumAlgorithm: algorithms }),
    Size: object.size,
    StorageClass: 'STANDARD',
    ...(owner && { Owner: owner }),
  }
}

function encodeToken(next: string): string {
  return Buffer.from(next).toString('base64url')
}

function decodeToken(token: string): string {
  if (/^[\w-]+$/.test(token)) return Buffer.from(token, 'base64url').toString()
  throw invalidArgument('The continuation token provided is incorrect')
}
