import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createLogBucket, sender } from '../../test/support/buckets.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { S3Api } from '../../test/support/s3-api.ts'
import { systemClock } from '../std/clock.ts'
import { S3Buckets, type S3ServerOptions } from './s3-buckets.ts'

const bucket = 'my-logs'

function bucketsAt(endpoint: string, options: Partial<S3ServerOptions> = {}): S3Buckets {
  return new S3Buckets({
    ...{ endpoint, region: null, pathStyle: true, encryption: 'AES256', kmsKeyId: null },
    clock: systemClock,
    ...options,
  })
}

async function fileWith(content: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-s3-buckets-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'file')
  await writeFile(file, content)
  return file
}

/** A real S3 server, with the credentials for it in the environment. */
async function startS3(): Promise<S3Api> {
  const server = await S3Api.start()
  onTestFinished(() => server[Symbol.asyncDispose]())
  vi.stubEnv('AWS_ACCESS_KEY_ID', server.key.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.key.secretAccessKey)
  onTestFinished(() => void vi.unstubAllEnvs())
  return server
}

/** A server that is no S3. */
async function startServer(listener: RequestListener): Promise<string> {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKID')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    vi.unstubAllEnvs()
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a file goes to the server as a whole, and is gone then', async () => {
  const server = await startS3()
  await createLogBucket(server.buckets, bucket)
  const content = Buffer.alloc(3_000_000, 'entry\n')
  const file = await fileWith(content)
  await bucketsAt(server.url).put({ bucket, key: 'AWSLogs/1.log', sender }, file)
  expect((await readFile(join(server.folder, bucket, 'AWSLogs/1.log'))).equals(content)).toBe(true)
  await expect(readFile(file)).rejects.toThrow('ENOENT')
  await bucketsAt(server.url).write({ bucket, key: 'AWSLogs/test', sender }, 'text')
  expect(await readFile(join(server.folder, bucket, 'AWSLogs/test'), 'utf8')).toBe('text')
})

test('what the server refuses is said as of own buckets, and the file is still there', async () => {
  const server = await startS3()
  const file = await fileWith('entries')
  const put = (endpoint: string) =>
    bucketsAt(endpoint, { region: 'us-west-2' }).put({ bucket, key: 'a', sender }, file)
  await expect(put(server.url)).rejects.toMatchObject({ code: 'NoSuchBucket' })
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong')
  await expect(put(server.url)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  const closed = await startServer((_, outgoing) => {
    outgoing.writeHead(403, { 'content-type': 'application/xml', connection: 'close' })
    outgoing.end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>')
  })
  await expect(put(closed)).rejects.toMatchObject({ code: 'AccessDenied' })
  expect(await readFile(file, 'utf8')).toBe('entries')
})

test('a server that does not answer is given up after a while', async () => {
  const asked = Promise.withResolvers<void>()
  const endpoint = await startServer((incoming) => {
    incoming.resume()
    asked.resolve()
  })
  const clock = new ManualClock()
  const file = await fileWith('entries')
  const putting = bucketsAt(endpoint, { clock }).put({ bucket, key: 'a', sender }, file)
  const refused = expect(putting).rejects.toThrow(`${endpoint} did not take my-logs/a`)
  await asked.promise
  clock.advance(5 * 60_000)
  await refused
  expect(clock.pending).toBe(0)
  expect(await readFile(file, 'utf8')).toBe('entries')
})

test.each<[Partial<S3ServerOptions>, Record<string, string | undefined>]>([
  [{}, { encryption: 'AES256', key: undefined }],
  [{ encryption: 'none' }, { encryption: undefined, key: undefined }],
  [{ encryption: 'aws:kms' }, { encryption: 'aws:kms', key: undefined }],
  [
    { encryption: 'aws:kms', kmsKeyId: 'my-key' },
    { encryption: 'aws:kms', key: 'my-key' },
  ],
])('with %o the server is told %o', async (options, told) => {
  const seen: unknown[] = []
  const endpoint = await startServer((incoming, outgoing) => {
    const { headers, url } = incoming
    seen.push({
      url: url?.split('?')[0],
      encryption: headers['x-amz-server-side-encryption'],
      key: headers['x-amz-server-side-encryption-aws-kms-key-id'],
      region: /\/([^/]+)\/s3\/aws4_request/.exec(headers.authorization ?? '')?.[1],
    })
    incoming.resume().on('end', () => outgoing.end())
  })
  await bucketsAt(endpoint, options).write({ bucket, key: 'a/b', sender }, 'text')
  expect(seen).toEqual([{ url: '/my-logs/a/b', region: 'us-west-2', ...told }])
})
