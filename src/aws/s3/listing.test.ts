import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { S3Api } from '../../../test/support/s3-api.ts'

let api: S3Api
beforeAll(async () => {
  api = await S3Api.start()
})
afterAll(() => api[Symbol.asyncDispose]())

let made = 0

async function bucketWith(keys: readonly string[]): Promise<string> {
  made += 1
  const Bucket = `list-${made}`
  await api.s3.createBucket({
    Bucket,
    CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
  })
  for (const Key of keys) await api.s3.putObject({ Bucket, Key, Body: Key })
  return Bucket
}

/** What S3 would list, by its rules alone. */
function expected(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const found = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
      return at < 0 ? key : `${key.slice(0, at + delimiter.length)}*`
    })
  return [...new Set(found)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

async function listed(Bucket: string, options: object): Promise<string[]> {
  const found: string[] = []
  let ContinuationToken: string | undefined
  do {
    const page = await api.s3.listObjectsV2({
      ...{ Bucket, ...options },
      ...(ContinuationToken && { ContinuationToken }),
    })
    const keys = (page.Contents ?? []).map(({ Key = '' }) => Key)
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => `${Prefix}*`)
    expect(page.KeyCount).toBe(keys.length + prefixes.length)
    found.push(
      ...[...keys, ...prefixes].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined)
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken !== undefined)
  return found
}

test('objects are listed in the order of their bytes, by prefix and delimiter, in pages of any size', async () => {
  const key = fc.stringMatching(/^[ab.%é/-]{1,6}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 12 }),
      fc.stringMatching(/^[ab/]{0,2}$/),
      fc.constantFrom('', '/', 'b'),
      fc.integer({ min: 1, max: 4 }),
      async (keys, Prefix, Delimiter, MaxKeys) => {
        const Bucket = await bucketWith(keys)
        expect(await listed(Bucket, { Prefix, Delimiter, MaxKeys })).toEqual(
          expected(keys, Prefix, Delimiter),
        )
      },
    ),
    { numRuns: 25 },
  )
})

test('a list begins after a key, in both versions', async () => {
  const Bucket = await bucketWith(['a', 'b/1', 'b/2', 'c'])
  expect(await listed(Bucket, { StartAfter: 'b/1' })).toEqual(['b/2', 'c'])
  const { Contents } = await api.s3.listObjects({ Bucket, Marker: 'b/1' })
  expect(Contents?.map(({ Key }) => Key)).toEqual(['b/2', 'c'])
  const page = await api.s3.listObjects({ Bucket, Delimiter: '/', MaxKeys: 2 })
  expect(page).toMatchObject({ IsTruncated: true, NextMarker: 'b/' })
  const rest = await api.s3.listObjects({ Bucket, Delimiter: '/', Marker: 'b/' })
  expect(rest.Contents?.map(({ Key }) => Key)).toEqual(['c'])
})

test('keys are escaped for who asks, since XML cannot carry all of them', async () => {
  const Bucket = await bucketWith(['a\u0001b c/ü'])
  const { Contents } = await api.s3.listObjectsV2({ Bucket, EncodingType: 'url' })
  expect(Contents).toMatchObject([{ Key: 'a%01b%20c/%C3%BC', Size: 8, StorageClass: 'STANDARD' }])
})
