import { expect, test } from 'vitest'
import { startTrailApi, topic } from '../../test/support/trail-api.ts'

type System = Awaited<ReturnType<typeof startTrailApi>>

async function trail(system: System, more: object = {}): Promise<void> {
  await system.cloudTrail.createTrail({ Name: 'trail', S3BucketName: 'my-bucket', ...more })
  await system.cloudTrail.startLogging({ Name: 'trail' })
}

test('events are delivered as gzipped records, under the key that CloudTrail has', async () => {
  const system = await startTrailApi()
  await trail(system, { S3KeyPrefix: 'my-prefix' })
  await system.record('CreateA')
  await system.record('DescribeB', { readOnly: true })
  await system.after(5)
  expect(system.bucket.events).toEqual(['CreateA', 'DescribeB'])
  expect(system.bucket.keys).toEqual([
    expect.stringMatching(
      /^my-bucket\/my-prefix\/AWSLogs\/123456789012\/CloudTrail\/us-west-2\/2026\/03\/01\/123456789012_CloudTrail_us-west-2_20260301T00\d\dZ_[A-Za-z0-9]{16}\.json\.gz$/,
    ),
  ])
})

test('files come every five minutes, and none when there is nothing', async () => {
  const system = await startTrailApi()
  await trail(system)
  for (let minute = 0; minute < 20; minute += 1) {
    await system.record(`Create${minute}`)
    await system.after(1)
  }
  await system.after(10)
  expect(system.bucket.keys.length).toBeGreaterThanOrEqual(4)
  expect(system.bucket.keys.length).toBeLessThanOrEqual(6)
  expect(system.bucket.events).toEqual(Array.from({ length: 20 }, (_, n) => `Create${n}`))
})

test('a trail has what its region and its selectors say, from start to stop', async () => {
  const system = await startTrailApi()
  const { cloudTrail } = system
  await system.record('BeforeStart')
  await trail(system)
  await system.record('Here')
  await system.record('Forged', { foreign: true })
  await system.record('There', { region: 'eu-west-1' })
  await system.record('Global', { region: 'us-east-1', source: 'iam' })
  const EventSelectors = [{ ReadWriteType: 'WriteOnly' } as const]
  await cloudTrail.putEventSelectors({ TrailName: 'trail', EventSelectors })
  await system.record('DescribeOnly', { readOnly: true })
  await system.record('Write')
  await cloudTrail.stopLogging({ Name: 'trail' })
  await system.record('AfterStop')
  await system.after(10)
  expect(system.bucket.events.sort()).toEqual(['Global', 'Here', 'Write'])
})

test('a trail of all regions has a file for each', async () => {
  const system = await startTrailApi()
  await trail(system, { IsMultiRegionTrail: true })
  await system.record('Here')
  await system.record('There', { region: 'eu-west-1' })
  await system.after(5)
  expect(system.bucket.keys.map((key) => key.split('/')[4])).toEqual(['eu-west-1', 'us-west-2'])
  expect(system.bucket.events).toEqual(['There', 'Here'])
})

test('a bucket that takes nothing is tried later and later, and gets everything when it takes it', async () => {
  const system = await startTrailApi()
  const { bucket, cloudTrail, clock } = system
  await trail(system)
  bucket.refusal = 'AccessDenied'
  await system.record('CreateA')
  const tried = bucket.writes
  await system.after(60)
  expect(bucket.writes - tried).toBeGreaterThan(4)
  expect(bucket.writes - tried).toBeLessThan(8)
  const failing = await cloudTrail.getTrailStatus({ Name: 'trail' })
  expect(failing).toMatchObject({ IsLogging: true, LatestDeliveryError: 'AccessDenied' })
  expect(failing.LatestDeliveryTime).toBeUndefined()
  bucket.refusal = null
  await system.record('CreateB')
  await system.after(60)
  expect(bucket.events).toEqual(['CreateA', 'CreateB'])
  const { LatestDeliveryTime, LatestDeliveryError } = await cloudTrail.getTrailStatus({
    Name: 'trail',
  })
  expect(LatestDeliveryError).toBeUndefined()
  expect(Number(LatestDeliveryTime)).toBeGreaterThan(clock.now() - 3_600_000)
})

test('one dead bucket does not hold up another trail', async () => {
  const system = await startTrailApi()
  const { bucket, cloudTrail } = system
  await trail(system)
  await cloudTrail.createTrail({ Name: 'other', S3BucketName: 'other-bucket' })
  await cloudTrail.startLogging({ Name: 'other' })
  await system.record('CreateA')
  const write = bucket.write.bind(bucket)
  bucket.write = async (place, content) => {
    if (place.bucket === 'my-bucket') throw new Error('connection refused')
    await write(place, content)
  }
  await system.after(5)
  expect(bucket.keys.map((key) => key.split('/')[0])).toEqual(['other-bucket'])
})

test('what a process leaves is delivered by the next one, once', async () => {
  const system = await startTrailApi()
  const { bucket } = system
  await trail(system)
  await system.record('CreateA')
  bucket.refusal = 'ServiceUnavailable'
  await system.after(3)
  bucket.refusal = null
  await system.restart()
  await system.restart()
  expect(bucket.events).toEqual(['CreateA'])
  expect(system.left()).toEqual([])
})

test('a crash between a file and its note puts the same file again: no event is there twice', async () => {
  const system = await startTrailApi()
  const { bucket } = system
  await trail(system)
  await system.record('CreateA')
  const write = bucket.write.bind(bucket)
  bucket.write = async (place, content) => {
    await write(place, content)
    throw new Error('the process was killed here')
  }
  await system.after(2)
  bucket.write = write
  await system.record('CreateB')
  await system.restart()
  expect(bucket.events).toEqual(['CreateA', 'CreateB'])
  expect(bucket.keys).toHaveLength(2)
})

test('many events go into several files', async () => {
  const system = await startTrailApi()
  await trail(system)
  const names = Array.from({ length: 12_000 }, (_, n) => `Create${n}`)
  await Promise.all(names.map((name) => system.record(name)))
  await system.after(5)
  expect(system.bucket.keys.length).toBe(3)
  expect(system.bucket.events.length).toBe(12_000)
  expect(new Set(system.bucket.events)).toEqual(new Set(names))
})

test('what a deleted trail had left is not delivered to the one that has its name now', async () => {
  const system = await startTrailApi()
  const { cloudTrail, bucket } = system
  await trail(system)
  await system.record('CreateA')
  await cloudTrail.deleteTrail({ Name: 'trail' })
  await trail(system)
  await system.record('CreateB')
  await system.after(5)
  expect(bucket.events).toEqual(['CreateB'])
  expect(system.left()).toEqual([])
})

test('a topic is told of each file, and a trail whose topic is gone delivers all the same', async () => {
  const system = await startTrailApi()
  const { bucket, cloudTrail, told } = system
  await system.setTopic(true)
  await trail(system, { SnsTopicName: 'deliveries' })
  await system.record('CreateA')
  await system.after(5)
  const keys = () => bucket.keys.map((key) => key.replace('my-bucket/', ''))
  expect(told).toEqual([{ s3Bucket: 'my-bucket', s3ObjectKey: keys() }])
  const { Trail } = await cloudTrail.getTrail({ Name: 'trail' })
  expect(Trail).toMatchObject({ SnsTopicARN: topic })
  const gone = topic.replace('deliveries', 'others')
  await expect(cloudTrail.updateTrail({ Name: 'trail', SnsTopicName: gone })).rejects.toMatchObject(
    { name: 'InsufficientSnsTopicPolicyException' },
  )
  await system.setTopic(false)
  await system.record('CreateB')
  await system.after(6)
  expect(keys()).toHaveLength(2)
  expect(told).toHaveLength(1)
  const status = await cloudTrail.getTrailStatus({ Name: 'trail' })
  expect(status).toMatchObject({ LatestNotificationError: 'NotFound' })
  expect(status.LatestNotificationTime?.getTime()).toBeLessThan(system.clock.now() - 60_000)
  await cloudTrail.updateTrail({ Name: 'trail', SnsTopicName: '' })
  expect((await cloudTrail.getTrail({ Name: 'trail' })).Trail?.SnsTopicARN).toBeUndefined()
})
