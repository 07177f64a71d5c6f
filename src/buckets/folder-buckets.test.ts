import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FolderBuckets } from './folder-buckets.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'weir-buckets-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

test('a file is put under its bucket and key, and takes the place of the one before', async () => {
  const root = await folder()
  const buckets = new FolderBuckets(join(root, 'buckets'))
  for (const text of ['old', 'new']) {
    await writeFile(join(root, 'file'), text)
    await buckets.put('my-logs', 'my-app/AWSLogs/1.log', join(root, 'file'))
  }
  expect(await readFile(join(root, 'buckets/my-logs/my-app/AWSLogs/1.log'), 'utf8')).toBe('new')
  expect(await readdir(root)).toEqual(['buckets'])
})

test.each(['../../escaped', '..', '/absolute', 'a//b', './a', '%2E%2E/a', 'a\0b'])(
  'the key %j stays in its bucket',
  async (key) => {
    const root = await folder()
    await mkdir(join(root, 'buckets'))
    const file = join(root, 'file')
    await writeFile(file, key)
    await new FolderBuckets(join(root, 'buckets')).put('b', key, file)
    expect(await readdir(root)).toEqual(['buckets'])
    expect(await readdir(join(root, 'buckets'))).toEqual(['b'])
    const found = await readdir(join(root, 'buckets/b'), { recursive: true, withFileTypes: true })
    const files = found.filter((entry) => entry.isFile())
    expect(files).toHaveLength(1)
  },
)

test('a file that cannot be put is still there', async () => {
  const root = await folder()
  const file = join(root, 'file')
  await writeFile(file, 'text')
  const buckets = new FolderBuckets(join(root, 'buckets'))
  await expect(buckets.put('b', 'x'.repeat(300), file)).rejects.toThrow('ENAMETOOLONG')
  expect(await readFile(file, 'utf8')).toBe('text')
})
