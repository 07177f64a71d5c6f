import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ChecksumAlgorithm, CompletedPart } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { S3Api } from '../../../test/support/s3-api.ts'

const Bucket = 'my-bucket'
let api: S3Api
beforeAll(async () => {
  api = await S3Api.start()
  await api.s3.createBucket({
    Bucket,
    CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
  })
})
afterAll(() => api[Symbol.asyncDispose]())

const text = async (Key: string) => {
  const { Body } = await api.s3.getObject({ Bucket, Key })
  return (await Body?.transformToString()) ?? ''
}

test('an object is read as it was put, with its headers and metadata, and is a plain file of the same name', async () => {
  const Key = 'my-app/ä b+c.txt'
  const put = await api.s3.putObject({
    ...{ Bucket, Key, Body: 'hello', ContentType: 'text/plain', CacheControl: 'no-store' },
    Metadata: { Owner: 'me' },
  })
  expect(put.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"')
  expect(await readFile(join(api.folder, Bucket, Key), 'utf8')).toBe('hello')
  const got = await api.s3.getObject({ Bucket, Key, ChecksumMode: 'ENABLED' })
  expect(await got.Body?.transformToString()).toBe('hello')
  const described = {
    ContentType: 'text/plain',
    CacheControl: 'no-store',
    ContentLength: 5,
    ETag: put.ETag,
    Metadata: { owner: 'me' },
    ChecksumCRC32: put.ChecksumCRC32,
  }
  expect(got).toMatchObject(described)
  expect(await api.s3.headObject({ Bucket, Key, ChecksumMode: 'ENABLED' })).toMatchObject(described)
})

test('a file that somebody else put into the folder is an object too', async () => {
  await writeFile(join(api.folder, Bucket, 'by-hand'), 'mine')
  expect(await text('by-hand')).toBe('mine')
  await api.s3.putObject({ Bucket, Key: 'changed', Body: 'before', ContentType: 'text/plain' })
  await writeFile(join(api.folder, Bucket, 'changed'), 'afterwards')
  const head = await api.s3.headObject({ Bucket, Key: 'changed' })
  expect(head).toMatchObject({ ContentLength: 10, ContentType: 'binary/octet-stream' })
  expect(head.ETag).toMatch(/^"[0-9a-f]{32}-1"$/)
})

test.each<ChecksumAlgorithm>(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'])(
  'a stream with a %s checksum behind it is verified and kept',
  async (ChecksumAlgorithm) => {
    const Body = Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(10_000, 'x')))
    const ContentLength = 500_000
    const put = { Bucket, Key: ChecksumAlgorithm, Body, ContentLength, ChecksumAlgorithm }
    const answer = await api.s3.putObject(put)
    const name = `Checksum${ChecksumAlgorithm}` as const
    const got = await api.s3.getObject({ Bucket, Key: ChecksumAlgorithm, ChecksumMode: 'ENABLED' })
    expect(got[name as 'ChecksumCRC32']).toBe(answer[name as 'ChecksumCRC32'])
    expect((await got.Body?.transformToString())?.length).toBe(ContentLength)
  },
)

test('ranges and conditions are honoured', async () => {
  const Key = 'conditions'
  const { ETag } = await api.s3.putObject({ Bucket, Key, Body: '0123456789' })
  const part = await api.s3.getObject({ Bucket, Key, Range: 'bytes=2-4' })
  expect(part).toMatchObject({ ContentRange: 'bytes 2-4/10', ContentLength: 3 })
  expect(part.$metadata.httpStatusCode).toBe(206)
  expect(await part.Body?.transformToString()).toBe('234')
  const last = await api.s3.getObject({ Bucket, Key, Range: 'bytes=-3' })
  expect(await last.Body?.transformToString()).toBe('789')
  const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } })
  const get = (conditions: object) => api.s3.getObject({ Bucket, Key, ...conditions })
  await expect(get({ Range: 'bytes=10-' })).rejects.toMatchObject(status(416))
  await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject(status(304))
  await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject(status(412))
  const later = new Date(Date.now() + 60_000)
  await expect(get({ IfModifiedSince: later })).rejects.toMatchObject(status(304))
  await expect(get({ IfUnmodifiedSince: new Date(0) })).rejects.toMatchObject(status(412))
  const put = (conditions: object) => api.s3.putObject({ Bucket, Key, Body: 'new', ...conditions })
  await expect(put({ IfNoneMatch: '*' })).rejects.toMatchObject(status(412))
  await expect(put({ IfMatch: '"other"' })).rejects.toMatchObject(status(412))
  expect(await text(Key)).toBe('0123456789')
  await put({ IfMatch: ETag })
  expect(await text(Key)).toBe('new')
})

test('a copy has the metadata of its source, or its own', async () => {
  const CopySource = `${Bucket}/source%20of%20it`
  await api.s3.putObject({ Bucket, Key: 'source of it', Body: 'copied', Metadata: { a: '1' } })
  await api.s3.copyObject({ Bucket, Key: 'copy', CopySource })
  expect(await api.s3.headObject({ Bucket, Key: 'copy' })).toMatchObject({ Metadata: { a: '1' } })
  const replaced = { MetadataDirective: 'REPLACE', Metadata: { b: '2' } } as const
  await api.s3.copyObject({ Bucket, Key: 'copy', CopySource, ...replaced })
  const head = await api.s3.headObject({ Bucket, Key: 'copy' })
  expect(head.Metadata).toEqual({ b: '2' })
  expect(await text('copy')).toBe('copied')
  const missing = api.s3.copyObject({ Bucket, Key: 'copy', CopySource: `${Bucket}/missing` })
  await expect(missing).rejects.toMatchObject({ name: 'NoSuchKey' })
})

test('deleted objects are gone, with folders that nothing is in any more, and deleting again is no error', async () => {
  for (const Key of ['gone/deep/a', 'gone/deep/b', 'gone/c'])
    await api.s3.putObject({ Bucket, Key, Body: '' })
  const Objects = ['gone/deep/a', 'gone/deep/b', 'gone/never'].map((Key) => ({ Key }))
  const { Deleted } = await api.s3.deleteObjects({ Bucket, Delete: { Objects } })
  expect(Deleted).toEqual(Objects)
  expect(await readdir(join(api.folder, Bucket, 'gone'))).toEqual(['c'])
  for (let time = 1; time <= 2; time += 1) await api.s3.deleteObject({ Bucket, Key: 'gone/c' })
  expect(await readdir(join(api.folder, Bucket))).not.toContain('gone')
  await expect(text('gone/c')).rejects.toMatchObject({ name: 'NoSuchKey' })
  await expect(api.s3.headObject({ Bucket, Key: 'gone/c' })).rejects.toMatchObject({
    name: 'NotFound',
  })
})

test('an upload in parts becomes one object when it is complete, and not before', async () => {
  const Key = 'parts'
  const MiB = 1024 * 1024
  const bodies = [Buffer.alloc(5 * MiB, 'a'), Buffer.alloc(5 * MiB, 'b'), Buffer.from('end')]
  const { UploadId } = await api.s3.createMultipartUpload({
    ...{ Bucket, Key, ContentType: 'text/plain', ChecksumAlgorithm: 'CRC32' },
  })
  const Parts: CompletedPart[] = []
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1
    const put = await api.s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body })
    Parts.push({ PartNumber, ETag: put.ETag, ChecksumCRC32: put.ChecksumCRC32 })
  }
  expect((await api.s3.listParts({ Bucket, Key, UploadId })).Parts).toMatchObject(Parts)
  expect((await api.s3.listMultipartUploads({ Bucket })).Uploads).toMatchObject([{ Key, UploadId }])
  await expect(text(Key)).rejects.toMatchObject({ name: 'NoSuchKey' })
  const complete = (parts: typeof Parts) =>
    api.s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } })
  await expect(complete(Parts.toReversed())).rejects.toMatchObject({ name: 'InvalidPartOrder' })
  const forged = Parts.map((part) => ({ ...part, ETag: '"0"' }))
  await expect(complete(forged)).rejects.toMatchObject({ name: 'InvalidPart' })
  const { ETag } = await complete(Parts)
  expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/)
  const file = await readFile(join(api.folder, Bucket, Key))
  expect(file.equals(Buffer.concat(bodies))).toBe(true)
  const head = await api.s3.headObject({ Bucket, Key, ChecksumMode: 'ENABLED' })
  expect(head).toMatchObject({ ContentType: 'text/plain', ChecksumType: 'COMPOSITE', ETag })
  await expect(complete(Parts)).rejects.toMatchObject({ name: 'NoSuchUpload' })
  expect((await api.s3.listMultipartUploads({ Bucket })).Uploads).toBeUndefined()
})

test('an upload that is aborted leaves nothing', async () => {
  const { UploadId } = await api.s3.createMultipartUpload({ Bucket, Key: 'aborted' })
  const part = { Bucket, Key: 'aborted', UploadId, PartNumber: 1, Body: 'part' }
  await api.s3.uploadPart(part)
  await api.s3.abortMultipartUpload({ Bucket, Key: 'aborted', UploadId })
  await expect(api.s3.uploadPart(part)).rejects.toMatchObject({ name: 'NoSuchUpload' })
})

test('keys that are too long for a file name, or for S3, are refused', async () => {
  for (const Key of ['x'.repeat(255), 'a/'.repeat(513)]) {
    const put = api.s3.putObject({ Bucket, Key, Body: '' })
    await expect(put).rejects.toMatchObject({ name: 'KeyTooLongError' })
  }
})

test.each([
  [{ ServerSideEncryption: 'aws:kms' } as const, 'NotImplemented'],
  [{ StorageClass: 'GLACIER' } as const, 'NotImplemented'],
  [{ ACL: 'public-read' } as const, 'AccessControlListNotSupported'],
  [{ Metadata: { long: 'x'.repeat(2100) } }, 'MetadataTooLarge'],
])('%o is refused rather than ignored', async (members, name) => {
  const put = api.s3.putObject({ Bucket, Key: 'refused', Body: 'x', ...members })
  await expect(put).rejects.toMatchObject({ name })
})
