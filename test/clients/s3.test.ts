/** Clients of S3 as people have them, with no setting but where it is and who asks. */
import { execFile } from 'node:child_process'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { S3 } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { testWithPython } from '../support/needs.ts'
import { S3Api } from '../support/s3-api.ts'

const script = new URL('boto3-s3.py', import.meta.url).pathname

testWithPython('boto3', 'python3-boto3')(
  'boto3 puts, reads, lists, copies and deletes objects',
  async () => {
    await using api = await S3Api.start()
    const { accessKeyId, secretAccessKey } = api.key
    const options = [script, api.url, accessKeyId, secretAccessKey]
    const { stdout } = await promisify(execFile)('/usr/bin/python3', options)
    expect(JSON.parse(stdout)).toEqual({
      large: true,
      copied: true,
      part: 'el',
      owner: 'me',
      keys: ['a/large', 'a/ä b+c.txt', 'b/copy'],
      folders: ['a/', 'b/'],
      link: 'hello',
      deleted: 2,
      gone: 'NoSuchKey',
      buckets: [],
    })
  },
)

test('the AWS SDK for JavaScript does, with the checksums that it sends and verifies by itself', async () => {
  await using api = await S3Api.start()
  const s3 = new S3({ endpoint: api.url, region: 'us-west-2', credentials: api.key })
  const sent: (string | undefined)[] = []
  s3.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      sent.push(headers['x-amz-trailer'] ?? headers['x-amz-checksum-crc32'])
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  const Bucket = 'my-bucket'
  await s3.createBucket({
    Bucket,
    CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
  })
  sent.length = 0
  await s3.putObject({ Bucket, Key: 'text', Body: 'hello' })
  const pieces = Array.from({ length: 30 }, () => Buffer.alloc(10_000, 'x'))
  const ContentLength = 300_000
  await s3.putObject({ Bucket, Key: 'stream', Body: Readable.from(pieces), ContentLength })
  expect(sent).toEqual(['NhCmhg==', 'x-amz-checksum-crc32'])

  await s3.copyObject({ Bucket, Key: 'copy', CopySource: `${Bucket}/stream` })
  const copy = await s3.getObject({ Bucket, Key: 'copy' })
  expect(copy.ChecksumCRC32).toBeDefined()
  expect(await copy.Body?.transformToString()).toBe('x'.repeat(ContentLength))
  const { Contents = [] } = await s3.listObjectsV2({ Bucket })
  expect(Contents.map(({ Key, Size }) => [Key, Size])).toEqual([
    ['copy', ContentLength],
    ['stream', ContentLength],
    ['text', 5],
  ])
  const { Deleted } = await s3.deleteObjects({
    Bucket,
    Delete: { Objects: Contents.map(({ Key }) => ({ Key })) },
  })
  expect(Deleted).toHaveLength(3)
  await expect(s3.getObject({ Bucket, Key: 'text' })).rejects.toThrow('does not exist')
  await s3.deleteBucket({ Bucket })
  s3.destroy()
})
