import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudTrail } from '@aws-sdk/client-cloudtrail'
import { expect, onTestFinished, test } from 'vitest'
import { startApi } from '../../../test/support/api.ts'
import { madeEvent } from '../../../test/support/api-events.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { EventHistory } from '../../trail/event-history.ts'
import { createCloudTrailService } from './service.ts'

/** CloudTrail behind a real server, with what is recorded by hand. */
async function system() {
  const clock = new ManualClock(Date.parse('2026-03-01T00:00:00Z'))
  const folder = mkdtempSync(join(tmpdir(), 'weir-trail-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const history = new EventHistory({
    path: join(folder, 'events.db'),
    patience: 0,
    maxBytes: 10 ** 9,
    clock,
    logger: createLogger('silent'),
    trailsFor: () => [],
  })
  onTestFinished(() => history[Symbol.dispose]())
  const api = await startApi({ services: [createCloudTrailService({ events: history })], clock })
  onTestFinished(() => api[Symbol.asyncDispose]())
  const cloudTrail = new CloudTrail({
    endpoint: api.url,
    region: 'us-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  onTestFinished(() => cloudTrail.destroy())
  const record = (name: string, details: Parameters<typeof madeEvent>[1] = {}) =>
    history.record(madeEvent(name, { time: clock.now(), ...details }))
  return { clock, cloudTrail, record }
}

test('an event is answered with what it can be found by', async () => {
  const { clock, cloudTrail, record } = await system()
  const type = 'AWS::ElasticLoadBalancing::LoadBalancer'
  await record('CreateLoadBalancer', { resources: [{ type, name: 'web' }] })
  const { Events = [] } = await cloudTrail.lookupEvents({})
  const [event] = Events
  expect(Events).toEqual([
    {
      EventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      EventName: 'CreateLoadBalancer',
      ReadOnly: 'false',
      AccessKeyId: 'AKIAEXAMPLE',
      EventTime: new Date(clock.now()),
      EventSource: 'elasticloadbalancing.amazonaws.com',
      Username: 'root',
      Resources: [{ ResourceType: type, ResourceName: 'web' }],
      CloudTrailEvent: expect.any(String),
    },
  ])
  expect(JSON.parse(event?.CloudTrailEvent ?? '')).toMatchObject({ eventID: event?.EventId })
  const byId = { AttributeKey: 'EventId', AttributeValue: event?.EventId } as const
  expect((await cloudTrail.lookupEvents({ LookupAttributes: [byId] })).Events).toEqual(Events)
})

test('start and end belong to the time that is looked up', async () => {
  const { clock, cloudTrail, record } = await system()
  for (let n = 0; n < 5; n += 1) {
    await record(`Create${n}`, { time: clock.now() + n * 1000 + 500 })
  }
  const { Events = [] } = await cloudTrail.lookupEvents({
    StartTime: new Date(clock.now() + 1000),
    EndTime: new Date(clock.now() + 3000),
  })
  expect(Events.map(({ EventName }) => EventName)).toEqual(['Create3', 'Create2', 'Create1'])
})

test('pages have each event once, also when more are recorded meanwhile', async () => {
  const { cloudTrail, record } = await system()
  for (let n = 0; n < 120; n += 1) await record(`Create${n}`, { source: n % 2 ? 'ec2' : 'iam' })
  const LookupAttributes = [
    { AttributeKey: 'EventSource', AttributeValue: 'ec2.amazonaws.com' } as const,
  ]
  const names: (string | undefined)[] = []
  const sizes: number[] = []
  let NextToken: string | undefined
  do {
    const page = await cloudTrail.lookupEvents({ LookupAttributes, MaxResults: 25, NextToken })
    await record('CreateLater', { source: 'ec2' })
    names.push(...(page.Events ?? []).map(({ EventName }) => EventName))
    sizes.push(page.Events?.length ?? 0)
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  expect(names).toEqual(Array.from({ length: 60 }, (_, n) => `Create${119 - 2 * n}`))
  expect(sizes).toEqual([25, 25, 10])
})

test('a token is good for the question that it was the answer to', async () => {
  const { cloudTrail, record } = await system()
  await record('CreateA')
  await record('CreateA')
  const LookupAttributes = [{ AttributeKey: 'EventName', AttributeValue: 'CreateA' } as const]
  const { NextToken } = await cloudTrail.lookupEvents({ LookupAttributes, MaxResults: 1 })
  const name = 'InvalidNextTokenException'
  await expect(cloudTrail.lookupEvents({ NextToken })).rejects.toMatchObject({ name })
  await expect(cloudTrail.lookupEvents({ NextToken: 'x' })).rejects.toMatchObject({ name })
})

const named = (AttributeKey: string, AttributeValue: string) =>
  ({ AttributeKey, AttributeValue }) as never

test.each([
  [{ MaxResults: 0 }, 'InvalidMaxResultsException', 'MaxResults 0'],
  [{ MaxResults: 51 }, 'InvalidMaxResultsException', 'from 1 to 50'],
  [
    { LookupAttributes: [named('EventName', 'a'), named('EventName', 'b')] },
    'InvalidLookupAttributesException',
    'maximum number of lookup attributes is 1',
  ],
  [
    { LookupAttributes: [named('__proto__', 'a')] },
    'InvalidLookupAttributesException',
    "AttributeKey '__proto__' is not valid",
  ],
  [
    { LookupAttributes: [named('EventName', '')] },
    'InvalidLookupAttributesException',
    'must have 1 to 2000 characters',
  ],
  [
    { StartTime: new Date(2000), EndTime: new Date(1000) },
    'InvalidTimeRangeException',
    'is after EndTime',
  ],
  [{ EventCategory: 'data' as never }, 'InvalidEventCategoryException', "'data'"],
])('%j is refused: %s', async (input, name, message) => {
  const { cloudTrail } = await system()
  await expect(cloudTrail.lookupEvents(input)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message),
  })
})

test('there are no insights', async () => {
  const { cloudTrail, record } = await system()
  await record('CreateA')
  expect((await cloudTrail.lookupEvents({ EventCategory: 'insight' })).Events).toEqual([])
})
