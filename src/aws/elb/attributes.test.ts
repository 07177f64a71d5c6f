import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadBalancerAttributes } from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi, type TestRegion } from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const LoadBalancerName = 'my-loadbalancer'

async function withLoadBalancer(): Promise<TestRegion> {
  const region = api.region()
  await region.create(LoadBalancerName)
  return region
}

function modify({ elb }: TestRegion, attributes: LoadBalancerAttributes) {
  return elb.modifyLoadBalancerAttributes({ LoadBalancerName, LoadBalancerAttributes: attributes })
}

async function attributesOf({ elb }: TestRegion) {
  return (await elb.describeLoadBalancerAttributes({ LoadBalancerName })).LoadBalancerAttributes
}

test.each<LoadBalancerAttributes>([
  { ConnectionSettings: { IdleTimeout: 4000 } },
  { CrossZoneLoadBalancing: { Enabled: true } },
  { ConnectionDraining: { Enabled: true, Timeout: 3600 } },
  { AdditionalAttributes: [{ Key: 'elb.http.desyncmitigationmode', Value: 'strictest' }] },
  { AccessLog: { Enabled: true, S3BucketPrefix: 'my-app', EmitInterval: 5 } },
])('%o is answered alone and changes nothing else', async (sent) => {
  const region = await withLoadBalancer()
  const S3BucketName = await region.logBucket()
  const changes = sent.AccessLog ? { AccessLog: { ...sent.AccessLog, S3BucketName } } : sent
  const before = await attributesOf(region)
  const answer = await modify(region, changes)
  expect(answer.LoadBalancerName).toBe(LoadBalancerName)
  expect(answer.LoadBalancerAttributes).toEqual(changes)
  expect(await attributesOf(region)).toEqual({ ...before, ...changes })
})

test('draining without a timeout keeps the timeout', async () => {
  const region = await withLoadBalancer()
  await modify(region, { ConnectionDraining: { Enabled: true, Timeout: 400 } })
  const on = { Enabled: true, Timeout: 400 }
  const again = await modify(region, { ConnectionDraining: { Enabled: true } })
  expect(again.LoadBalancerAttributes).toEqual({ ConnectionDraining: on })
  await modify(region, { ConnectionDraining: { Enabled: false } })
  expect((await attributesOf(region))?.ConnectionDraining).toEqual({ ...on, Enabled: false })
})

test('access logs are emitted hourly unless told otherwise, and keep their settings when they are off', async () => {
  const region = await withLoadBalancer()
  const S3BucketName = await region.logBucket()
  await modify(region, { AccessLog: { Enabled: true, S3BucketName } })
  const log = { S3BucketName, EmitInterval: 60 }
  expect((await attributesOf(region))?.AccessLog).toEqual({ Enabled: true, ...log })
  await modify(region, { AccessLog: { Enabled: false } })
  expect((await attributesOf(region))?.AccessLog).toEqual({ Enabled: false, ...log })
})

test('an empty prefix of access logs takes the place of the old one, and is described', async () => {
  const region = await withLoadBalancer()
  const log = { Enabled: true, S3BucketName: await region.logBucket(), EmitInterval: 60 }
  await modify(region, { AccessLog: { ...log, S3BucketPrefix: 'my-app' } })
  await modify(region, { AccessLog: { ...log, S3BucketPrefix: '' } })
  expect((await attributesOf(region))?.AccessLog).toEqual({ ...log, S3BucketPrefix: '' })
})

test.each([
  ['weir.maxConnectionsPerInstance', '100', '0'],
  ['weir.slowStartSeconds', '30', '900'],
  ['weir.spareConnectionsPerInstance', '4', '100'],
  ['weir.http2', 'true', 'false'],
  ['weir.accessLogJson', 'true', 'false'],
])('%s is told once it is set', async (Key, ...values) => {
  const region = await withLoadBalancer()
  const [mode] = (await attributesOf(region))?.AdditionalAttributes ?? []
  for (const Value of values) {
    await modify(region, { AdditionalAttributes: [{ Key, Value }] })
    expect((await attributesOf(region))?.AdditionalAttributes).toEqual([mode, { Key, Value }])
  }
})

test('when access logs are enabled, a test file shows that they can be written (guide, p. 105–106)', async () => {
  const region = await withLoadBalancer()
  const S3BucketName = await region.logBucket()
  await modify(region, { AccessLog: { Enabled: true, S3BucketName, S3BucketPrefix: 'my-app' } })
  const folder = api.folderOf(S3BucketName)
  const file = join(folder, 'my-app/AWSLogs/123456789012/ELBAccessLogTestFile')
  expect(await readFile(file, 'utf8')).toMatch(
    /^Enable AccessLog for ELB: my-loadbalancer at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  )
  await modify(region, { AccessLog: { Enabled: true, S3BucketName } })
  expect(await readdir(folder)).toEqual(['AWSLogs', 'my-app'])
})

test('access logs are not enabled when the bucket is missing, does not allow it, or is in another region (guide, p. 101)', async () => {
  const region = await withLoadBalancer()
  const before = await attributesOf(region)
  const { records } = api.api.buckets
  const bucket = { region: region.name, created: 0, policy: null }
  await records.create({ ...bucket, name: `closed-${region.name}` })
  const elsewhere = await api.region().logBucket()
  const refusals = [
    ['missing', 'Access Denied for bucket: missing. Please check S3bucket permission'],
    [
      `closed-${region.name}`,
      `Access Denied for bucket: closed-${region.name}. Please check S3bucket permission`,
    ],
    [elsewhere, `Bucket ${elsewhere} is in ${elsewhere.slice(8)}; it must be in ${region.name}`],
  ]
  for (const [S3BucketName, message] of refusals) {
    const enabling = modify(region, { AccessLog: { Enabled: true, S3BucketName } })
    await expect(enabling).rejects.toMatchObject({ name: conflict, message })
  }
  expect(await attributesOf(region)).toEqual(before)
})

const conflict = 'InvalidConfigurationRequestException'

test.each<[LoadBalancerAttributes, string, string]>([
  [{ ConnectionSettings: { IdleTimeout: 0 } }, 'ValidationError', 'greater than or equal to 1'],
  [{ ConnectionSettings: { IdleTimeout: 4001 } }, 'ValidationError', 'less than or equal to 4000'],
  [{ ConnectionDraining: { Enabled: true, Timeout: 0 } }, conflict, 'between 1 and 3600'],
  [{ ConnectionDraining: { Enabled: true, Timeout: 3601 } }, conflict, 'between 1 and 3600'],
  [{ AccessLog: { Enabled: true } }, conflict, 'S3BucketName must be specified'],
  ...['My-Logs', 'ab', '-logs', '192.168.0.1', 'a..b', '../up', 'a'.repeat(64)].map(
    (S3BucketName): [LoadBalancerAttributes, string, string] => [
      { AccessLog: { Enabled: true, S3BucketName } },
      conflict,
      `'${S3BucketName}' is not a valid bucket name`,
    ],
  ),
  [
    { AccessLog: { Enabled: true, S3BucketName: 'my-logs', S3BucketPrefix: 'a\nb' } },
    conflict,
    'printable ASCII',
  ],
  [
    { AccessLog: { Enabled: true, S3BucketName: 'my-logs', EmitInterval: 10 } },
    conflict,
    'must be one of 5, 60',
  ],
  [
    { AdditionalAttributes: [{ Key: 'elb.http.desyncmitigationmode', Value: 'lax' }] },
    conflict,
    'must be one of monitor, defensive, strictest',
  ],
  ...['-1', '1.5', 'many', '901'].map((Value): [LoadBalancerAttributes, string, string] => [
    { AdditionalAttributes: [{ Key: 'weir.slowStartSeconds', Value }] },
    Value === '-1' ? 'ValidationError' : conflict,
    Value === '-1' ? 'regular expression' : 'must be a whole number from 0 to 900',
  ]),
  [
    { AdditionalAttributes: [{ Key: 'weir.http2', Value: 'on' }] },
    conflict,
    'must be one of true, false',
  ],
  [
    { AdditionalAttributes: [{ Key: 'elb.unknown', Value: 'x' }] },
    'LoadBalancerAttributeNotFoundException',
    "'elb.unknown' is not recognized",
  ],
  [
    { AdditionalAttributes: [{ Key: 'constructor', Value: 'x' }] },
    'LoadBalancerAttributeNotFoundException',
    "'constructor' is not recognized",
  ],
  [
    { AdditionalAttributes: [{ Key: 'not/allowed', Value: 'x' }] },
    'ValidationError',
    "Value 'not/allowed' at 'loadBalancerAttributes.additionalAttributes.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9.]+$",
  ],
])('%o is refused with %s, whatever comes with it', async (changes, name, message) => {
  const region = await withLoadBalancer()
  const before = await attributesOf(region)
  await expect(
    modify(region, { CrossZoneLoadBalancing: { Enabled: true }, ...changes }),
  ).rejects.toMatchObject({ name, message: expect.stringContaining(message) })
  expect(await attributesOf(region)).toEqual(before)
})

test('a request without attributes is told so', async () => {
  const region = await withLoadBalancer()
  await expect(modify(region, {})).rejects.toMatchObject({
    name: 'ValidationError',
    message:
      "1 validation error detected: Value null at 'loadBalancerAttributes' failed to satisfy constraint: Member must not be null",
  })
})

test('concurrent changes of different attributes are all kept', async () => {
  const region = await withLoadBalancer()
  await Promise.all([
    modify(region, { ConnectionSettings: { IdleTimeout: 30 } }),
    modify(region, { CrossZoneLoadBalancing: { Enabled: true } }),
    modify(region, { ConnectionDraining: { Enabled: true, Timeout: 10 } }),
  ])
  expect(await attributesOf(region)).toMatchObject({
    ConnectionSettings: { IdleTimeout: 30 },
    CrossZoneLoadBalancing: { Enabled: true },
    ConnectionDraining: { Enabled: true, Timeout: 10 },
  })
})
