import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateLoadBalancerCommand,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { expect, onTestFinished, test } from 'vitest'
import { SecretBox } from '../../src/std/secret-box.ts'
import { readEntry } from '../support/access-log.ts'
import { createLogBucket } from '../support/buckets.ts'
import { eventually } from '../support/eventually.ts'
import { S3Api } from '../support/s3-api.ts'
import { httpListener, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'logging'

async function logs(weir: Weir, AccessLog: { Enabled: boolean; S3BucketName?: string }) {
  const LoadBalancerAttributes = { AccessLog: { EmitInterval: 5, ...AccessLog } }
  const input = { LoadBalancerName, LoadBalancerAttributes }
  await weir.elb.send(new ModifyLoadBalancerAttributesCommand(input))
}

async function loggedPaths(server: S3Api): Promise<string[]> {
  const names = await readdir(server.folder, { recursive: true })
  const files = names.filter((name) => name.endsWith('.log'))
  const texts = await Promise.all(files.map((name) => readFile(join(server.folder, name), 'utf8')))
  const entries = texts.flatMap((text) => text.split('\n').slice(0, -1).map(readEntry))
  return entries.map(({ request }) => new URL(request.split(' ')[1] ?? '').pathname).sort()
}

test('logs go to an S3 server: while it is away they wait, and traffic goes on; nothing is lost or delivered twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-s3-delivery-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const place = { root: folder, box: new SecretBox(randomBytes(32)) }
  const server = await S3Api.start(place)
  onTestFinished(() => server[Symbol.asyncDispose]())
  await createLogBucket(server.buckets, 'my-logs')
  const { accessKeyId, secretAccessKey } = server.key
  const start = () =>
    Weir.start({
      dev: false,
      args: ['--auth', 'none', '--data', join(folder, 'data'), '--s3-endpoint', server.url],
      env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    })
  await using first = await start()
  const Listeners = [httpListener]
  const AvailabilityZones = ['us-west-2a']
  await first.elb.send(
    new CreateLoadBalancerCommand({ LoadBalancerName, Listeners, AvailabilityZones }),
  )
  await expect(logs(first, { Enabled: true, S3BucketName: 'missing' })).rejects.toThrow(
    'Access Denied for bucket: missing. Please check S3bucket permission',
  )
  await expect(first.s3.listBuckets()).rejects.toMatchObject({ name: 'NotImplemented' })
  await logs(first, { Enabled: true, S3BucketName: 'my-logs' })
  const testFile = join(server.folder, 'my-logs/AWSLogs/123456789012/ELBAccessLogTestFile')
  expect(await readFile(testFile, 'utf8')).toMatch(/^Enable AccessLog for ELB: logging/)

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
  const port = Number(new URL(server.url).port)
  await server[Symbol.asyncDispose]()
  await logs(first, { Enabled: false })
  await eventually('a failed delivery', () =>
    first.output().includes('access log files could not be delivered'),
  )
  expect(await get('/away')).toBe(503)
  expect(await first.stop()).toBe(0)
  expect(first.output()).not.toContain(secretAccessKey)

  await using again = await S3Api.start({ ...place, port })
  await using second = await start()
  const delivered = async () =>
    (await loggedPaths(again)).filter((path) => path.startsWith('/counted'))
  await eventually('delivery', async () => (await delivered()).length >= counted.length)
  expect(await second.stop()).toBe(0)
  expect(await delivered()).toEqual(counted.sort())
  expect(await loggedPaths(again)).not.toContain('/away')
})
