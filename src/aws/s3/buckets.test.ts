import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BucketLocationConstraint } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { S3Api } from '../../../test/support/s3-api.ts'

let api: S3Api
beforeAll(async () => {
  api = await S3Api.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const create = (Bucket: string, LocationConstraint: BucketLocationConstraint = 'us-west-2') =>
  api.s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint } })

test('a bucket is made, found, listed, and deleted when it is empty', async () => {
  await create('one')
  await create('two')
  await expect(create('one')).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' })
  expect(await api.s3.headBucket({ Bucket: 'one' })).toMatchObject({ BucketRegion: 'us-west-2' })
  expect((await api.s3.getBucketLocation({ Bucket: 'one' })).LocationConstraint).toBe('us-west-2')
  const { Buckets, Owner } = await api.s3.listBuckets()
  expect(Buckets).toMatchObject([
    { Name: 'one', BucketRegion: 'us-west-2', CreationDate: expect.any(Date) },
    { Name: 'two' },
  ])
  expect(Owner?.ID).toBe('123456789012')
  await api.s3.putObject({ Bucket: 'one', Key: 'a/b', Body: '' })
  await expect(api.s3.deleteBucket({ Bucket: 'one' })).rejects.toMatchObject({
    name: 'BucketNotEmpty',
  })
  await api.s3.deleteObject({ Bucket: 'one', Key: 'a/b' })
  await mkdir(join(api.folder, 'one/an/empty/folder'), { recursive: true })
  await api.s3.deleteBucket({ Bucket: 'one' })
  await expect(api.s3.headBucket({ Bucket: 'one' })).rejects.toMatchObject({ name: 'NotFound' })
  await expect(api.s3.listObjectsV2({ Bucket: 'one' })).rejects.toMatchObject({
    name: 'NoSuchBucket',
  })
  expect(await readdir(api.folder)).toEqual(['two'])
})

test('a bucket belongs to the region that it is made in', async () => {
  await expect(create('elsewhere', 'eu-west-1')).rejects.toMatchObject({
    name: 'IllegalLocationConstraintException',
  })
  const virginia = api.client({ region: 'us-east-1' })
  onTestFinished(() => virginia.destroy())
  await virginia.createBucket({ Bucket: 'in-virginia' })
  expect(await api.s3.headBucket({ Bucket: 'in-virginia' })).toMatchObject({
    BucketRegion: 'us-east-1',
  })
  const { LocationConstraint } = await api.s3.getBucketLocation({ Bucket: 'in-virginia' })
  expect(LocationConstraint || undefined).toBeUndefined()
})

test.each(['My-Bucket', 'ab', 'a..b', '192.168.0.1', '-a-'])(
  '%j is no name of a bucket',
  async (name) => {
    await expect(create(name)).rejects.toMatchObject({ name: 'InvalidBucketName' })
  },
)

test('a policy is kept as it was put, and can be removed', async () => {
  const Bucket = 'with-policy'
  await create(Bucket)
  const none = { name: 'NoSuchBucketPolicy', $metadata: { httpStatusCode: 404 } }
  await expect(api.s3.getBucketPolicy({ Bucket })).rejects.toMatchObject(none)
  const Policy = `{"Version":"2012-10-17", "Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::${Bucket}/*"}]}`
  await api.s3.putBucketPolicy({ Bucket, Policy })
  expect((await api.s3.getBucketPolicy({ Bucket })).Policy).toBe(Policy)
  await expect(api.s3.putBucketPolicy({ Bucket, Policy: '{}' })).rejects.toMatchObject({
    name: 'MalformedPolicy',
  })
  await api.s3.deleteBucketPolicy({ Bucket })
  await expect(api.s3.getBucketPolicy({ Bucket })).rejects.toMatchObject(none)
})

test('what was never set is answered as S3 does', async () => {
  const Bucket = 'unset'
  await create(Bucket)
  const acl = await api.s3.getBucketAcl({ Bucket })
  expect(acl.Grants).toMatchObject([
    { Grantee: { Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' },
  ])
  expect((await api.s3.getBucketVersioning({ Bucket })).Status).toBeUndefined()
  expect((await api.s3.getBucketRequestPayment({ Bucket })).Payer).toBe('BucketOwner')
  await expect(api.s3.getBucketTagging({ Bucket })).rejects.toMatchObject({ name: 'NoSuchTagSet' })
  await expect(api.s3.getBucketEncryption({ Bucket })).rejects.toMatchObject({
    name: 'ServerSideEncryptionConfigurationNotFoundError',
  })
  await expect(api.s3.getBucketCors({ Bucket: 'missing' })).rejects.toMatchObject({
    name: 'NoSuchBucket',
  })
})

test('what is not served says so', async () => {
  const VersioningConfiguration = { Status: 'Enabled' } as const
  const put = api.s3.putBucketVersioning({ Bucket: 'unset', VersioningConfiguration })
  await expect(put).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'Operation PutBucketVersioning of S3 is not available here',
    $metadata: { httpStatusCode: 501 },
  })
})
