import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bucketsIn, createLogBucket, sender } from '../../test/support/buckets.ts'
import { eventually } from '../../test/support/eventually.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { keepTidy } from '../cli/buckets.ts'
import { createLogger } from '../telemetry/logger.ts'
import { maxUploads } from './uploads.ts'

const bucket = 'my-logs'

async function setUp() {
  const root = await mkdtemp(join(tmpdir(), 'weir-buckets-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const buckets = bucketsIn(root)
  await createLogBucket(buckets, bucket)
  const objects = join(root, 'buckets', bucket)
  /** Delivers a file with that text. */
  const put = async (key: string, text = key) => {
    await writeFile(join(root, 'file'), text)
    await buckets.put({ bucket, key, sender }, join(root, 'file'))
  }
  const read = async (key: string) => {
    const { file } = await buckets.objects.open(bucket, key)
    try {
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  }
  return { root, buckets, objects, put, read }
}

test('a file is put under its bucket and key, and takes the place of the one before', async () => {
  const { root, objects, put } = await setUp()
  await put('my-app/AWSLogs/1.log', 'old')
  await put('my-app/AWSLogs/1.log', 'new')
  expect(await readFile(join(objects, 'my-app/AWSLogs/1.log'), 'utf8')).toBe('new')
  expect((await readdir(root)).sort()).toEqual(['buckets', 's3'])
})

test.each([
  '../../escaped',
  '..',
  '.',
  '/absolute',
  'a//b',
  './a',
  'a/',
  '%2E%2E/a',
  'a\0b',
  '%',
  'a%',
])('the key %j stays in its bucket, and is found again', async (key) => {
  const { root, objects, put, read } = await setUp()
  await put(key)
  expect((await readdir(root)).sort()).toEqual(['buckets', 's3'])
  expect(await readdir(join(root, 'buckets'))).toEqual([bucket])
  const found = await readdir(objects, { recursive: true, withFileTypes: true })
  expect(found.filter((entry) => entry.isFile())).toHaveLength(1)
  expect(await read(key)).toBe(key)
})

test.each([
  ['a', 'a/b', 'a/b/c'],
  ['a/b/c', 'a/b', 'a'],
  ['a/', 'a//', 'a'],
  ['a%', 'a', 'a/b'],
])(
  'keys that begin with one another are objects beside each other: %j, %j, %j',
  async (...keys) => {
    const { buckets, put, read } = await setUp()
    for (const key of keys) await put(key)
    for (const key of keys) expect(await read(key)).toBe(key)
    for (const key of keys) {
      await buckets.objects.delete(bucket, key)
      await expect(read(key)).rejects.toMatchObject({ code: 'NoSuchKey' })
    }
    await buckets.records.delete(bucket)
  },
)

test('a bucket that is deleted does not come back with the next file', async () => {
  const { root, buckets, put } = await setUp()
  await buckets.records.delete(bucket)
  await expect(put('a/b')).rejects.toMatchObject({ code: 'NoSuchBucket' })
  expect(await readdir(join(root, 'buckets'))).toEqual([])
})

test('a file that cannot be put is still there', async () => {
  const { root, put } = await setUp()
  await expect(put('x'.repeat(300), 'text')).rejects.toMatchObject({ code: 'KeyTooLongError' })
  expect(await readFile(join(root, 'file'), 'utf8')).toBe('text')
})

test('what processes that were killed left half written is removed an hour later', async () => {
  const { root, buckets } = await setUp()
  await writeFile(await buckets.newFile(), 'half')
  await buckets.tidy(Date.now())
  expect(await readdir(join(root, 's3/.incoming'))).toHaveLength(1)
  await buckets.tidy(Date.now() + 2 * 3_600_000)
  expect(await readdir(join(root, 's3/.incoming'))).toEqual([])
})

test('an upload that nobody ends is there for a week, and then gone with its parts', async () => {
  const { root, buckets, objects } = await setUp()
  const clock = new ManualClock()
  const create = (key: string) =>
    buckets.uploads.create(bucket, {
      key,
      created: clock.now(),
      facts: { headers: {}, metadata: {} },
      checksum: null,
    })
  const tidying = await keepTidy(buckets, clock, createLogger('silent'))
  onTestFinished(() => tidying.cancel())
  const old = await create('old')
  await writeFile(join(root, 'part'), 'part')
  const part = { number: 1, size: 4, etag: '', checksums: {} }
  await buckets.uploads.putPart(bucket, old, part, join(root, 'part'))
  const hour = 3_600_000
  clock.advance(2 * hour)
  const young = await create('young')
  clock.advance(7 * 24 * hour - 3 * hour)
  expect((await buckets.uploads.list(bucket)).map(({ key }) => key)).toEqual(['old', 'young'])
  clock.advance(hour)
  const uploads = join(root, 's3', bucket, 'uploads')
  await eventually('the old one to be gone', async () => (await readdir(uploads)).length === 1)
  await expect(buckets.uploads.get(bucket, 'old', old.id)).rejects.toMatchObject({
    code: 'NoSuchUpload',
  })
  expect(await buckets.uploads.get(bucket, 'young', young.id)).toEqual(young)
  expect(await readdir(objects)).toEqual([])
})

test('a bucket has no more than a thousand uploads at once', async () => {
  const { root, buckets } = await setUp()
  const upload = { created: 0, facts: { headers: {}, metadata: {} }, checksum: null }
  const uploads = join(root, 's3', bucket, 'uploads')
  await mkdir(uploads)
  await Promise.all(
    Array.from({ length: maxUploads - 1 }, (_, n) => mkdir(join(uploads, String(n)))),
  )
  const last = await buckets.uploads.create(bucket, { ...upload, key: 'last' })
  const another = buckets.uploads.create(bucket, { ...upload, key: 'one too many' })
  await expect(another).rejects.toMatchObject({ code: 'InvalidRequest', status: 400 })
  await buckets.uploads.end(bucket, last, async () => undefined)
  await buckets.uploads.create(bucket, { ...upload, key: 'in its place' })
})
