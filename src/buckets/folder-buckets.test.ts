import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bucketsIn, createLogBucket, sender } from '../../test/support/buckets.ts'

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
