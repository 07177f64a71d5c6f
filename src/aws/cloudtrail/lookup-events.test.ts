import { expect, test } from 'vitest'
import { startTrailApi } from '../../../test/support/trail-api.ts'

test('an event is answered with what it can be found by', async () => {
  const { clock, cloudTrail, record } = await startTrailApi()
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
  const { clock, cloudTrail, record } = await startTrailApi()
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
  const { cloudTrail, record } = await startTrailApi()
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
  const { cloudTrail, record } = await startTrailApi()
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
  const { cloudTrail } = await startTrailApi()
  await expect(cloudTrail.lookupEvents(input)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message),
  })
})

test('there are no insights', async () => {
  const { cloudTrail, record } = await startTrailApi()
  await record('CreateA')
  expect((await cloudTrail.lookupEvents({ EventCategory: 'insight' })).Events).toEqual([])
})
