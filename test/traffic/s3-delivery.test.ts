import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateLoadBalancerCommand,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import type { S3 } from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { SecretBox } from '../../src/std/secret-box.ts'
import { readEntry } from '../support/access-log.ts'
import { createLogBucket } from '../support/buckets.ts'
import { eventually } from '../support/eventually.ts'
import { S3Api } from '../support/s3-api.ts'
import { Swift, testWithSwift } from '../support/swift.ts'
import { httpListener, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'logging'
const Bucket = 'my-logs'

/** An S3 server with the bucket `my-logs`. */
interface LogServer extends AsyncDisposable {
  readonly url: string
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly s3: S3
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-s3-delivery-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A Weir that keeps its data in the folder and delivers to the server. */
function startWeir(folder: string, { url }: LogServer, key: LogServer['key']): Promise<Weir> {
  return Weir.start({
    dev: false,
    args: ['--auth', 'none', '--data', join(folder, 'data'), '--s3-endpoint', url],
    env: { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey },
  })
}

async function createLoadBalancer(weir: Weir): Promise<void> {
  const Listeners = [httpListener]
  const AvailabilityZones = ['us-west-2a']
  await weir.elb.send(
    new CreateLoadBalancerCommand({ LoadBalancerName, Listeners, AvailabilityZones }),
  )
}

async function logs(weir: Weir, AccessLog: { Enabled: boolean; S3BucketName?: string }) {
  const LoadBalancerAttributes = { AccessLog: { EmitInterval: 5, ...AccessLog } }
  const input = { LoadBalancerName, LoadBalancerAttributes }
  await weir.elb.send(new ModifyLoadBalancerAttributesCommand(input))
}

async function textOf({ s3 }: LogServer, Key: string): Promise<string> {
  const { Body } = await s3.getObject({ Bucket, Key })
  return (await Body?.transformToString()) ?? ''
}

async function loggedPaths(server: LogServer): Promise<string[]> {
  const { Contents = [] } = await server.s3.listObjectsV2({ Bucket })
  const files = Contents.flatMap(({ Key = '' }) => (Key.endsWith('.log') ? [Key] : []))
  const texts = await Promise.all(files.map((key) => textOf(server, key)))
  const entries = texts.flatMap((text) => text.split('\n').slice(0, -1).map(readEntry))
  return entries.map(({ request }) => new URL(request.split(' ')[1] ?? '').pathname).sort()
}

/** @param startAgain on the port that the server had, with what it had */
async function deliverThroughOutage(
  folder: string,
  server: LogServer,
  startAgain: (port: number) => Promise<LogServer>,
): Promise<void> {
  onTestFinished(() => server[Symbol.asyncDispose]())
  await using first = await startWeir(folder, server, server.key)
  await createLoadBalancer(first)
  await expect(logs(first, { Enabled: true, S3BucketName: 'missing' })).rejects.toThrow(
    'Access Denied for bucket: missing. Please check S3bucket permission',
  )
  await expect(first.s3.listBuckets()).rejects.toMatchObject({ name: 'NotImplemented' })
  await logs(first, { Enabled: true, S3BucketName: Bucket })
  const testFile = await textOf(server, 'AWSLogs/123456789012/ELBAccessLogTestFile')
  expect(testFile).toMatch(/^Enable AccessLog for ELB: logging/)

  const [node = ''] = await nodeAddresses(first, LoadBalancerName)
  const get = async (path: string) => (await fetch(`http://${node}:8080${path}`)).status
  const spool = join(folder, 'data/proxy/access-logs')
  await eventually('requests to be logged', async () => {
    await get('/before')
    const names = await readdir(spool, { recursive: true }).catch(() => [])
    return names.some((name) => name.endsWith('entries'))
  })
  const counted = Array.from({ length: 20 }, (_, index) => `/counted-${index}`)
  await Promise.all(counted.map(get))
  await server[Symbol.asyncDispose]()
  await logs(first, { Enabled: false })
  await eventually('a failed delivery', () =>
    first.output().includes('access log files could not be delivered'),
  )
  expect(await get('/away')).toBe(503)
  expect(await first.stop()).toBe(0)
  expect(first.output()).not.toContain(server.key.secretAccessKey)

  await using again = await startAgain(Number(new URL(server.url).port))
  await using second = await startWeir(folder, again, again.key)
  const delivered = async () =>
    (await loggedPaths(again)).filter((path) => path.startsWith('/counted'))
  await eventually('delivery', async () => (await delivered()).length >= counted.length)
  expect(await second.stop()).toBe(0)
  expect(await delivered()).toEqual(counted.sort())
  expect(await loggedPaths(again)).not.toContain('/away')
}

test('logs go to an S3 server: while it is away they wait, and traffic goes on; nothing is lost or delivered twice', async () => {
  const folder = newFolder()
  const place = { root: folder, box: new SecretBox(randomBytes(32)) }
  const server = await S3Api.start(place)
  await createLogBucket(server.buckets, Bucket)
  await deliverThroughOutage(folder, server, (port) => S3Api.start({ ...place, port }))
})

/** Python and its many modules take their time. */
const timeoutMs = 90_000

testWithSwift(
  'so they do to the S3 of OpenStack Swift, which encrypts them',
  async () => {
    const [folder, root] = [newFolder(), newFolder()]
    const server = await Swift.start({ root })
    await server.s3.createBucket({ Bucket })
    await deliverThroughOutage(folder, server, (port) => Swift.start({ root, port }))

    const names = await readdir(root, { recursive: true, withFileTypes: true })
    const objects = names.filter((entry) => entry.isFile() && entry.name.endsWith('.data'))
    const texts = objects.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'))
    expect(objects.length).toBeGreaterThan(1)
    for (const text of await Promise.all(texts)) expect(text).not.toMatch(/logging|counted/)
  },
  timeoutMs,
)

testWithSwift(
  'a server that does not know the key refuses logs when they are enabled',
  async () => {
    await using server = await Swift.start({ root: newFolder() })
    await server.s3.createBucket({ Bucket })
    await using weir = await startWeir(newFolder(), server, {
      ...server.key,
      secretAccessKey: 'another',
    })
    await createLoadBalancer(weir)
    await expect(logs(weir, { Enabled: true, S3BucketName: Bucket })).rejects.toThrow(
      `Access Denied for bucket: ${Bucket}`,
    )
    expect((await server.s3.listObjectsV2({ Bucket })).KeyCount).toBe(0)
  },
  timeoutMs,
)
