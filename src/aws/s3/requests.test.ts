import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { S3Api } from '../../../test/support/s3-api.ts'

const Bucket = 'my-bucket'
let api: S3Api
beforeAll(async () => {
  api = await S3Api.start()
  const CreateBucketConfiguration = { LocationConstraint: 'us-west-2' } as const
  await api.s3.createBucket({ Bucket, CreateBucketConfiguration })
})
afterAll(() => api[Symbol.asyncDispose]())

/** A request as a client of S3 signs it; `headers` are signed with it. */
async function signed(method: string, path: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(api.url)
  const signer = new SignatureV4({
    ...{ service: 's3', region: 'us-west-2', credentials: api.key, sha256: Sha256 },
    uriEscapePath: false,
    applyChecksum: false,
  })
  const host = `${hostname}:${port}`
  const request = await signer.sign({
    ...{ method, protocol: 'http:', hostname, path, query: {} },
    headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers },
  })
  const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}`
}

async function send(text: string, half = false): Promise<string> {
  const { hostname, port } = new URL(api.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  socket.write(text)
  if (half) socket.end()
  await once(socket, 'close')
  return answer
}

test.each([
  ['x-amz-content-sha256', 'a'.repeat(64), 'XAmzContentSHA256Mismatch'],
  ['content-md5', 'AAAAAAAAAAAAAAAAAAAAAA==', 'BadDigest'],
  ['content-md5', 'no', 'InvalidDigest'],
  ['x-amz-checksum-crc32', 'AAAAAA==', 'BadDigest'],
  ['x-amz-checksum-xxhash64', 'AAAAAA==', 'NotImplemented'],
])('a body that is not as %s %s says is not taken', async (name, value, code) => {
  const head = await signed('PUT', `/${Bucket}/wrong`, { [name]: value })
  const answer = await send(`${head}content-length: 5\r\nconnection: close\r\n\r\nhello`)
  expect(answer).toContain(`<Code>${code}</Code>`)
  await expect(api.s3.headObject({ Bucket, Key: 'wrong' })).rejects.toThrow()
})

test('an upload that ends in its middle leaves nothing', async () => {
  const head = await signed('PUT', `/${Bucket}/half`)
  await send(`${head}content-length: 100\r\n\r\nhalf`, true)
  await expect(api.s3.headObject({ Bucket, Key: 'half' })).rejects.toThrow()
  const incoming = join(api.folder, '../s3/.incoming')
  await eventually('the half to be removed', async () => (await readdir(incoming)).length === 0)
})

test('a client that waits is told what is wrong before it sends anything', async () => {
  const expecting = 'expect: 100-continue\r\ncontent-length: 1000000\r\n\r\n'
  const missing = await send(`${await signed('PUT', '/missing/a')}${expecting}`)
  expect(missing).toMatch(/^HTTP\/1\.1 404 /)
  expect(missing).toContain('<Code>NoSuchBucket</Code>')
  const large = (await signed('PUT', `/${Bucket}/a`)).concat('content-length: 6000000000\r\n\r\n')
  expect(await send(large)).toContain('<Code>EntityTooLarge</Code>')
})

test('what is not signed, or not by who may, is refused in the words of S3', async () => {
  const unsigned = await fetch(`${api.url}/${Bucket}/a`)
  expect([unsigned.status, await unsigned.text()]).toEqual([
    403,
    expect.stringContaining('<Code>AccessDenied</Code>'),
  ])
  const credentials = { ...api.key, secretAccessKey: 'wrong' }
  const wrong = api.client({ credentials })
  await expect(wrong.listBuckets()).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  wrong.destroy()
  const nobody = api.client({ credentials: { accessKeyId: 'AKIDNOBODY', secretAccessKey: 'x' } })
  await expect(nobody.listBuckets()).rejects.toMatchObject({ name: 'InvalidAccessKeyId' })
  nobody.destroy()
})

test.each(['/my-bucket/%2e%2e/%2e%2e/escaped', '/../../etc/passwd', '/my-bucket/..%2f..%2fup'])(
  'the path %s does not leave the buckets',
  async (path) => {
    const head = await signed('GET', path)
    const answer = await send(`${head}connection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 (403|404) /)
  },
)

test('the bucket may be in the name of the host', async () => {
  await api.s3.putObject({ Bucket, Key: 'in/host', Body: 'found' })
  const host = `${Bucket}.localhost:${new URL(api.url).port}`
  const head = await signed('GET', '/in/host', { host })
  expect(await send(`${head}connection: close\r\n\r\n`)).toMatch(/found$/)
})
