/** Single objects: put, shown, read, deleted. */
import { open, rm } from 'node:fs/promises'
import type {
  DeleteObjectCommandInput,
  DeleteObjectsCommandInput,
  GetObjectCommandInput,
  HeadObjectCommandInput,
  PutObjectCommandInput,
} from '@aws-sdk/client-s3'
import { BucketError } from '../../buckets/bucket-error.ts'
import { namesOf } from '../../buckets/key-path.ts'
import { noSuchKey, type StoredObject } from '../../buckets/object-files.ts'
import { checkReadable, checkReplaceable, rangeOf } from './conditions.ts'
import { invalidArgument, malformedXml } from './errors.ts'
import { checksumMembers, describe, factsOfInput, quoted, requireServed } from './object-headers.ts'
import type { S3Call, S3Operation } from './operation.ts'

export const putObject: S3Operation<PutObjectCommandInput> = async (input, call) => {
  const { Bucket = '', Key = '' } = input
  requireServed(input)
  const facts = factsOfInput(input)
  await call.buckets.records.get(Bucket)
  namesOf(Key)
  const { etag, checksums } = await withBody(call, async (file) => {
    const { received } = call.payload
    await call.buckets.objects.put(Bucket, Key, file, { ...facts, ...received }, (current) =>
      checkReplaceable(current, input),
    )
    return received
  })
  return { ETag: quoted(etag), ...checksumMembers(checksums) }
}

/** Writes the request's body to a file of its own, which is gone afterwards unless `use` has made something of it. */
export async function withBody<T>(call: S3Call, use: (file: string) => Promise<T>): Promise<T> {
  const path = await call.buckets.newFile()
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(call.payload.bytes())
      await file.sync()
    } finally {
      await file.close()
    }
    return await use(path)
  } finally {
    await rm(path, { force: true })
  }
}

export const getObject: S3Operation<GetObjectCommandInput> = async (input, call) => {
  const { Bucket = '', Key = '' } = input
  requirePresentVersion(input)
  await call.buckets.records.get(Bucket)
  const { object, file } = await call.buckets.objects.open(Bucket, Key)
  try {
    checkReadable(object, input)
    const { from, ...members } = shown(object, input)
    const { ContentLength } = members
    if (ContentLength === 0) await file.close()
    return {
      ...members,
      ...overrides(input),
      ...(ContentLength > 0 && {
        Body: file.createReadStream({ start: from, end: from + ContentLength - 1 }),
      }),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

export const headObject: S3Operation<HeadObjectCommandInput> = async (input, call) => {
  const { Bucket = '', Key = '' } = input
  requirePresentVersion(input)
  await call.buckets.records.get(Bucket)
  const object = await call.buckets.objects.find(Bucket, Key)
  if (object === undefined) throw noSuchKey()
  checkReadable(object, input)
  const { from: _, ...members } = shown(object, input)
  return { ...members, ...overrides(input) }
}

type Reading = GetObjectCommandInput | HeadObjectCommandInput

function shown(object: StoredObject, { Range, ChecksumMode, PartNumber }: Reading) {
  if (PartNumber !== undefined && PartNumber !== 1) {
    throw invalidArgument('Objects are kept as a whole here: partNumber can only be 1')
  }
  const range = rangeOf(Range, object.size)
  if (range !== null) {
    return {
      ...describe(object),
      from: range.start,
      ContentLength: range.end - range.start + 1,
      ContentRange: `bytes ${range.start}-${range.end}/${object.size}`,
    }
  }
  return {
    ...describe(object),
    ...(ChecksumMode === 'ENABLED' && checksumMembers(object.checksums)),
    from: 0,
    ContentLength: object.size,
  }
}

/** What a presigned URL may say about the answer. */
function overrides(input: Reading): Record<string, string> {
  const asked = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires?.toUTCString(),
  }
  return Object.fromEntries(
    Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** Without versioning there is one, called null. */
function requirePresentVersion({ VersionId }: { VersionId?: string | undefined }): void {
  if (VersionId === undefined || VersionId === 'null') return
  throw invalidArgument('Invalid version id specified')
}

export const deleteObject: S3Operation<DeleteObjectCommandInput> = async (input, call) => {
  const { Bucket = '', Key = '' } = input
  requirePresentVersion(input)
  await call.buckets.records.get(Bucket)
  await call.buckets.objects.delete(Bucket, Key)
  return {}
}

/** Of one request (DeleteObjects, S3 API reference). */
const maxDeletes = 1000

export const deleteObjects: S3Operation<DeleteObjectsCommandInput> = async (input, call) => {
  const { Bucket = '', Delete } = input
  await call.buckets.records.get(Bucket)
  const keys = (Delete?.Objects ?? []).map(({ Key }) => Key)
  if (keys.length === 0 || keys.length > maxDeletes || keys.includes(undefined)) {
    throw malformedXml()
  }
  const deleted: object[] = []
  const errors: object[] = []
  for (const Key of keys as string[]) {
    try {
      await call.buckets.objects.delete(Bucket, Key)
      deleted.push({ Key })
    } catch (error) {
      if (!(error instanceof BucketError)) throw error
      errors.push({ Key, Code: error.code, Message: error.message })
    }
  }
  return { Deleted: Delete?.Quiet ? [] : deleted, Errors: errors }
}
