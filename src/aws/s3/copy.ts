/** Copies on the server: whole objects, and parts of multipart uploads. */

import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import type { CopyObjectCommandInput } from '@aws-sdk/client-s3'
import { namesOf } from '../../buckets/key-path.ts'
import type { ObjectFacts, OpenObject } from '../../buckets/object-files.ts'
import { ApiError } from '../wire/errors.ts'
import { decodePath } from './address.ts'
import type { ByteRange } from './conditions.ts'
import { checkReadable, checkReplaceable, preconditionFailed } from './conditions.ts'
import { invalidArgument, invalidRequest } from './errors.ts'
import { checksumMembers, factsOfInput, quoted, requireServed } from './object-headers.ts'
import type { S3Call, S3Operation } from './operation.ts'

export interface CopySourceInput {
  readonly CopySource: string | undefined
  readonly CopySourceIfMatch?: string | undefined
  readonly CopySourceIfNoneMatch?: string | undefined
  readonly CopySourceIfModifiedSince?: Date | undefined
  readonly CopySourceIfUnmodifiedSince?: Date | undefined
}

export const copyObject: S3Operation<CopyObjectCommandInput> = async (input, call) => {
  const { Bucket = '', Key = '', MetadataDirective = 'COPY' } = input
  requireServed(input)
  const replaced = MetadataDirective === 'REPLACE' ? factsOfInput(input) : {}
  await call.buckets.records.get(Bucket)
  namesOf(Key)
  await using source = await openSource(input, call)
  if (source.bucket === Bucket && source.object.key === Key && MetadataDirective === 'COPY') {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  }
  const { headers, metadata, checksums: all } = source.object
  // One that was made of parts is not that of an object in one piece.
  const checksums = Object.fromEntries(
    Object.entries(all).filter(([, value]) => !value.includes('-')),
  )
  const etag = await withCopy(call, source, null, async (file, copied) => {
    const facts: ObjectFacts = { headers, metadata, ...replaced, checksums, etag: copied }
    await call.buckets.objects.put(Bucket, Key, file, facts, (current) =>
      checkReplaceable(current, input),
    )
    return copied
  })
  const LastModified = new Date(call.clock.now())
  return { CopyObjectResult: { ETag: quoted(etag), LastModified, ...checksumMembers(checksums) } }
}

export interface CopySource extends OpenObject, AsyncDisposable {
  readonly bucket: string
}

/** @throws ApiError NoSuchBucket, NoSuchKey, PreconditionFailed, InvalidArgument */
export async function openSource(input: CopySourceInput, call: S3Call): Promise<CopySource> {
  const [bucket, key] = parseSource(input.CopySource ?? '')
  await call.buckets.records.get(bucket)
  const opened = await call.buckets.objects.open(bucket, key)
  try {
    checkReadable(opened.object, {
      IfMatch: input.CopySourceIfMatch,
      IfNoneMatch: input.CopySourceIfNoneMatch,
      IfModifiedSince: input.CopySourceIfModifiedSince,
      IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    })
  } catch (error) {
    await opened.file.close()
    const unchanged = error instanceof ApiError && error.code === 'NotModified'
    throw unchanged ? preconditionFailed('x-amz-copy-source') : error
  }
  return { ...opened, bucket, [Symbol.asyncDispose]: () => opened.file.close() }
}

/** `/BUCKET/KEY`, the slash before it optional, escaped as in a URL, and `?versionId=null` at most. */
function parseSource(header: string): [bucket: string, key: string] {
  const path = decodePath(header.replace(/\?versionId=null$/, '')).replace(/^\//, '')
  const slash = path.indexOf('/')
  if (slash > 0 && slash < path.length - 1) return [path.slice(0, slash), path.slice(slash + 1)]
  throw invalidArgument(
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
  )
}

/**
 * Copies a source, or a range of it, to a file of its own, which is gone afterwards unless `use` has made something of it.
 * @param use gets the MD5 too, hexadecimal
 */
export async function withCopy<T>(
  call: S3Call,
  { file: source }: OpenObject,
  range: ByteRange | null,
  use: (file: string, etag: string) => Promise<T>,
): Promise<T> {
  const path = await call.buckets.newFile()
  const md5 = createHash('md5')
  const bytes = source.createReadStream({ ...range, autoClose: false })
  async function* hashed() {
    for await (const chunk of bytes) {
      md5.update(chunk)
      yield chunk
    }
  }
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(hashed())
      await file.sync()
    } finally {
      await file.close()
    }
    return await use(path, md5.digest('hex'))
  } finally {
    await rm(path, { force: true })
  }
}
