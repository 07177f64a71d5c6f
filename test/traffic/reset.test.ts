import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import {
  CreateLoadBalancerCommand,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { expect, onTestFinished, test } from 'vitest'
import { createLogBucketOf } from '../support/buckets.ts'
import { childProcess } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { httpListener, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const name = 'logging'
const bucket = 'my-logs'

/** A load balancer that logs, and has no instances. @returns the address of its node */
async function createLogging(weir: Weir): Promise<string> {
  await weir.elb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName: name,
      Listeners: [httpListener],
      AvailabilityZones: ['us-west-2a'],
    }),
  )
  await createLogBucketOf(weir, bucket)
  const AccessLog = { Enabled: true, S3BucketName: bucket, EmitInterval: 5 }
  await weir.elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName: name,
      LoadBalancerAttributes: { AccessLog },
    }),
  )
  const [node = ''] = await nodeAddresses(weir, name)
  return node
}

async function get(node: string, path: string): Promise<number> {
  try {
    return (await fetch(`http://${node}:8080${path}`)).status
  } catch {
    return 0
  }
}

/** What is in all files below the folder. */
async function textIn(folder: string): Promise<string> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const texts = found
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8').catch(() => ''))
  return (await Promise.all(texts)).join('')
}

async function anywhere(folder: string, text: string): Promise<boolean> {
  return (await textIn(folder)).includes(text)
}

/** Of the load balancer's own answers, those that the proxy has on its disk. */
async function answersWaiting(data: string): Promise<number> {
  const counts = (await textIn(join(data, 'proxy/metrics'))).matchAll(/"engine5xx":(\d+)/g)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** Those that control has been told of. */
async function answersCounted(weir: Weir): Promise<number> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const cloudWatch = new CloudWatch({ endpoint: weir.api, region: weir.region, credentials })
  const { Datapoints = [] } = await cloudWatch.getMetricStatistics({
    Namespace: 'AWS/ELB',
    MetricName: 'HTTPCode_ELB_5XX',
    Dimensions: [{ Name: 'LoadBalancerName', Value: name }],
    Statistics: ['Sum'],
    Period: 86_400,
    StartTime: new Date(Date.now() - 86_400_000),
    EndTime: new Date(Date.now() + 86_400_000),
  })
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)
}

test('of what was logged and counted before a reset nothing is delivered or shown after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-reset-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await using weir = await Weir.start({ env: { TMPDIR: folder } })
  const data = join(folder, (await readdir(folder))[0] ?? '')

  const before = await createLogging(weir)
  await weir.s3.putObject({ Bucket: bucket, Key: 'mine', Body: 'kept' })
  await eventually('requests to be logged, and the count of them to be on the disk', async () => {
    await get(before, '/before')
    const logged = await anywhere(join(data, 'proxy/access-logs'), '/before')
    return logged && (await answersWaiting(data)) > 0
  })
  expect((await fetch(`${weir.api}/_weir/reset`, { method: 'POST' })).status).toBe(204)
  expect(await anywhere(data, '/before')).toBe(false)
  expect(await answersWaiting(data)).toBe(0)
  expect((await weir.s3.listBuckets({})).Buckets).toEqual([])

  const after = await createLogging(weir)
  expect((await weir.s3.listObjectsV2({ Bucket: bucket })).KeyCount).toBe(1)
  let answered = 0
  await eventually('a request to be answered, and logged', async () => {
    if ((await get(after, '/after')) === 503) answered += 1
    return anywhere(join(data, 'proxy/access-logs'), '/after')
  })
  const counted = async () => (await answersWaiting(data)) + (await answersCounted(weir))
  await eventually('all to be counted', async () => (await counted()) === answered)
  process.kill(childProcess(weir.process.pid ?? 0, 'proxy') ?? 0, 'SIGKILL')
  await eventually('the log to be delivered', () =>
    anywhere(join(data, 'buckets', bucket), '/after'),
  )
  await eventually('the count to be told', async () => (await answersCounted(weir)) === answered)
  expect(await anywhere(data, '/before')).toBe(false)
})
