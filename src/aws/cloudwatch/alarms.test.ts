import {
  type AlarmHistoryItem,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  type DescribeAlarmHistoryCommandInput,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
  type StateValue,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import {
  at,
  minute,
  startCloudWatch,
  type TestCloudWatch,
} from '../../../test/support/cloudwatch.ts'
import { atomically, reader } from '../../store/transaction.ts'
import { type DeliveryRecord, type NotificationRecord, queueKeys } from '../sns/queue-records.ts'
import { type SubscriptionRecord, snsKeys, type TopicRecord } from '../sns/records.ts'
import { newSettings } from '../sns/topic-settings.ts'

const topic = 'arn:aws:sns:us-west-2:123456789012:alarms'

const onOrders: PutMetricAlarmCommandInput = {
  AlarmName: 'many',
  MetricName: 'Orders',
  Namespace: 'Shop',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 10,
  ComparisonOperator: 'GreaterThanThreshold',
}

async function putAlarm(
  { client }: TestCloudWatch,
  change: Partial<PutMetricAlarmCommandInput> = {},
) {
  await client.send(new PutMetricAlarmCommand({ ...onOrders, ...change }))
}

async function describe({ client }: TestCloudWatch, input: DescribeAlarmsCommandInput = {}) {
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand(input))
  return MetricAlarms
}

async function history(
  { client }: TestCloudWatch,
  input: DescribeAlarmHistoryCommandInput = {},
): Promise<AlarmHistoryItem[]> {
  const { AlarmHistoryItems = [] } = await client.send(new DescribeAlarmHistoryCommand(input))
  return AlarmHistoryItems
}

/** The value of the minute that has just begun; then its end is evaluated. */
async function pass(cloudWatch: TestCloudWatch, value: number | null) {
  const { clock, put, evaluator } = cloudWatch
  if (value !== null) {
    await put([{ MetricName: 'Orders', Value: value, Timestamp: new Date(clock.now()) }])
  }
  clock.advance(minute)
  await evaluator.evaluate()
  const [alarm] = await describe(cloudWatch)
  return alarm!
}

/** A topic with two subscribers. */
async function addTopic({ api }: TestCloudWatch) {
  const record: TopicRecord = {
    arn: topic,
    region: 'us-west-2',
    name: 'alarms',
    accountId: '123456789012',
    ...newSettings,
    tags: [],
  }
  await atomically(api.store, async (tx) => {
    tx.put(snsKeys.topic('us-west-2', 'alarms'), record)
    for (const id of ['a', 'b']) {
      const subscription: SubscriptionRecord = {
        arn: `${topic}:${id}`,
        id,
        topicArn: topic,
        accountId: '123456789012',
        protocol: 'http',
        endpoint: `http://${id}.example.com/`,
        confirmed: true,
        authenticateOnUnsubscribe: false,
        confirmationWasAuthenticated: true,
        rawMessageDelivery: false,
        filterPolicy: null,
        deliveryPolicy: null,
        requestedAt: 0,
      }
      tx.put(snsKeys.subscription('us-west-2', 'alarms', id), subscription)
    }
  })
}

const messages = ({ api }: TestCloudWatch) =>
  reader(api.store).list<NotificationRecord>(queueKeys.message(''))
const deliveries = ({ api }: TestCloudWatch) =>
  reader(api.store).list<DeliveryRecord>(queueKeys.allDeliveries)

test('an alarm goes to ALARM and back with its metric, and says why', async () => {
  const cloudWatch = await startCloudWatch()
  await putAlarm(cloudWatch, { DatapointsToAlarm: 1 })
  expect(await describe(cloudWatch)).toMatchObject([
    { StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation' },
  ])
  const seen: [StateValue | undefined, string | undefined][] = []
  for (const value of [4, 11.5, 12, 10]) {
    const { StateValue, StateReason } = await pass(cloudWatch, value)
    seen.push([StateValue, StateReason])
  }
  const high =
    'Threshold Crossed: 1 out of the last 1 datapoints [11.5 (01/01/26 00:11:00)] was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition).'
  expect(seen).toEqual([
    [
      'OK',
      'Threshold Crossed: 1 out of the last 1 datapoints [4.0 (01/01/26 00:10:00)] was not greater than the threshold (10.0) (minimum 1 datapoint for ALARM -> OK transition).',
    ],
    ['ALARM', high],
    ['ALARM', high],
    [
      'OK',
      'Threshold Crossed: 1 out of the last 1 datapoints [10.0 (01/01/26 00:13:00)] was not greater than the threshold (10.0) (minimum 1 datapoint for ALARM -> OK transition).',
    ],
  ])
  const [{ StateReasonData = '', StateUpdatedTimestamp } = {}] = await describe(cloudWatch)
  expect(StateUpdatedTimestamp).toEqual(at(14))
  expect(JSON.parse(StateReasonData)).toEqual({
    version: '1.0',
    queryDate: '2026-01-01T00:14:00.000+0000',
    startDate: '2026-01-01T00:13:00.000+0000',
    statistic: 'Sum',
    period: 60,
    recentDatapoints: [10],
    threshold: 10,
    evaluatedDatapoints: [{ timestamp: '2026-01-01T00:13:00.000+0000', sampleCount: 1, value: 10 }],
  })
})

test('without data an alarm goes to INSUFFICIENT_DATA, or where TreatMissingData sends it', async () => {
  const reasons: Record<string, [StateValue | undefined, string | undefined]> = {}
  for (const TreatMissingData of ['missing', 'breaching', 'notBreaching', 'ignore']) {
    const cloudWatch = await startCloudWatch()
    await putAlarm(cloudWatch, { TreatMissingData, EvaluationPeriods: 2 })
    let last = await pass(cloudWatch, 1)
    for (let passed = 0; passed < 4; passed += 1) last = await pass(cloudWatch, null)
    reasons[TreatMissingData] = [last.StateValue, last.StateReason]
  }
  expect(reasons).toEqual({
    missing: ['INSUFFICIENT_DATA', 'Insufficient Data: 2 datapoints were unknown.'],
    breaching: [
      'ALARM',
      'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
    ],
    notBreaching: [
      'OK',
      'Threshold Crossed: 1 datapoint was received for 2 periods and 1 missing datapoint was treated as [NonBreaching].',
    ],
    ignore: [
      'OK',
      'Threshold Crossed: 1 datapoint [1.0 (01/01/26 00:10:00)] was not greater than the threshold (10.0).',
    ],
  })
})

test('M out of N periods decide, whichever they are', async () => {
  const cloudWatch = await startCloudWatch()
  await putAlarm(cloudWatch, { EvaluationPeriods: 7, DatapointsToAlarm: 6 })
  const states: (string | undefined)[] = []
  let last = await pass(cloudWatch, 11)
  for (const value of [12, 13, 1, 15, 16, 17, 18]) {
    last = await pass(cloudWatch, value)
    states.push(last.StateValue)
  }
  expect(states).toEqual([
    ...Array(2).fill('INSUFFICIENT_DATA'),
    'OK',
    'OK',
    'OK',
    'ALARM',
    'ALARM',
  ])
  expect(last.StateReason).toBe(
    'Threshold Crossed: 6 out of the last 7 datapoints were greater than the threshold (10.0). The most recent datapoints which crossed the threshold: [17.0 (01/01/26 00:16:00), 16.0 (01/01/26 00:15:00), 15.0 (01/01/26 00:14:00), 13.0 (01/01/26 00:12:00), 12.0 (01/01/26 00:11:00)] (minimum 6 datapoints for OK -> ALARM transition).',
  )
})

test('periods longer than a minute end with the last whole minute', async () => {
  const cloudWatch = await startCloudWatch()
  await putAlarm(cloudWatch, { Period: 300 })
  await pass(cloudWatch, 6)
  const { StateValue, StateReason } = await pass(cloudWatch, 7)
  expect([StateValue, StateReason]).toEqual([
    'ALARM',
    'Threshold Crossed: 1 datapoint [13.0 (01/01/26 00:07:00)] was greater than the threshold (10.0).',
  ])
})

test('an alarm that looks back more than a day is evaluated once an hour', async () => {
  const cloudWatch = await startCloudWatch()
  await putAlarm(cloudWatch, { Period: 3600, EvaluationPeriods: 25, DatapointsToAlarm: 1 })
  expect((await pass(cloudWatch, 11)).StateValue).toBe('INSUFFICIENT_DATA')
  cloudWatch.clock.advance(at(60).getTime() - cloudWatch.clock.now() - minute)
  expect((await pass(cloudWatch, null)).StateValue).toBe('ALARM')
})

test('an alarm on a percentile can leave its state when there are too few samples', async () => {
  const states = async (EvaluateLowSampleCountPercentile: string) => {
    const { Statistic: _, ...common } = onOrders
    const cloudWatch = await startCloudWatch()
    await cloudWatch.client.send(
      new PutMetricAlarmCommand({
        ...common,
        ExtendedStatistic: 'p90',
        EvaluateLowSampleCountPercentile,
      }),
    )
    const few = (await pass(cloudWatch, 100)).StateValue
    const many = { MetricName: 'Orders', Values: [20, 30], Counts: [60, 60] }
    await cloudWatch.put([{ ...many, Timestamp: new Date(cloudWatch.clock.now()) }])
    return [few, (await pass(cloudWatch, null)).StateValue]
  }
  expect(await states('evaluate')).toEqual(['ALARM', 'ALARM'])
  expect(await states('ignore')).toEqual(['INSUFFICIENT_DATA', 'ALARM'])
})

test('an alarm can watch metric math', async () => {
  const cloudWatch = await startCloudWatch()
  const stat = (MetricName: string) => ({
    Metric: { Namespace: 'Shop', MetricName },
    Stat: 'Sum',
    Period: 60,
  })
  const { MetricName: _, Namespace: __, Statistic: ___, Period: ____, ...common } = onOrders
  await cloudWatch.client.send(
    new PutMetricAlarmCommand({
      ...common,
      Threshold: 5,
      Metrics: [
        { Id: 'rate', Expression: '100 * FILL(failed, 0) / orders', Label: 'Failed of all' },
        { Id: 'failed', MetricStat: stat('Failed'), ReturnData: false },
        { Id: 'orders', MetricStat: stat('Orders'), ReturnData: false },
      ],
    }),
  )
  expect((await pass(cloudWatch, 50)).StateValue).toBe('OK')
  await cloudWatch.put([
    { MetricName: 'Failed', Value: 3, Timestamp: new Date(cloudWatch.clock.now()) },
  ])
  const alarm = await pass(cloudWatch, 50)
  expect(alarm).toMatchObject({
    StateValue: 'ALARM',
    StateReason:
      'Threshold Crossed: 1 datapoint [6.0 (01/01/26 00:11:00)] was greater than the threshold (5.0).',
    Metrics: [{ Id: 'rate', Label: 'Failed of all' }, { Id: 'failed' }, { Id: 'orders' }],
  })
})

test('each subscriber is told of each transition once, in the alarm’s words, and history says so', async () => {
  const cloudWatch = await startCloudWatch()
  await addTopic(cloudWatch)
  await putAlarm(cloudWatch, {
    AlarmDescription: 'Too many',
    AlarmActions: [topic],
    OKActions: [topic, `${topic}-gone`],
    Dimensions: [],
    DatapointsToAlarm: 1,
  })
  for (const value of [11, 12]) await pass(cloudWatch, value)
  await Promise.all([cloudWatch.evaluator.evaluate(), cloudWatch.evaluator.evaluate()])
  expect(await deliveries(cloudWatch)).toHaveLength(2)
  const [message] = await messages(cloudWatch)
  expect(message).toMatchObject({ topicArn: topic, subject: 'ALARM: "many" in US West (Oregon)' })
  expect(JSON.parse(message!.text)).toEqual({
    AlarmName: 'many',
    AlarmDescription: 'Too many',
    AWSAccountId: '123456789012',
    AlarmConfigurationUpdatedTimestamp: '2026-01-01T00:10:00.000+0000',
    NewStateValue: 'ALARM',
    NewStateReason:
      'Threshold Crossed: 1 out of the last 1 datapoints [11.0 (01/01/26 00:10:00)] was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition).',
    StateChangeTime: '2026-01-01T00:11:00.000+0000',
    Region: 'US West (Oregon)',
    AlarmArn: 'arn:aws:cloudwatch:us-west-2:123456789012:alarm:many',
    OldStateValue: 'INSUFFICIENT_DATA',
    OKActions: [topic, `${topic}-gone`],
    AlarmActions: [topic],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'Orders',
      Namespace: 'Shop',
      StatisticType: 'Statistic',
      Statistic: 'SUM',
      Unit: null,
      Dimensions: [],
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 10,
      TreatMissingData: '',
      EvaluateLowSampleCountPercentile: '',
    },
  })
  await pass(cloudWatch, 1)
  expect(await deliveries(cloudWatch)).toHaveLength(4)
  expect((await history(cloudWatch)).map(({ HistorySummary }) => HistorySummary)).toEqual([
    expect.stringMatching(/^(Successfully executed|Failed to execute) action/),
    expect.stringMatching(/^(Successfully executed|Failed to execute) action/),
    'Alarm updated from ALARM to OK',
    `Successfully executed action ${topic}`,
    'Alarm updated from INSUFFICIENT_DATA to ALARM',
    'Alarm "many" created',
  ])
  const failed = (await history(cloudWatch, { HistoryItemType: 'Action' })).filter(
    ({ HistorySummary }) => HistorySummary?.startsWith('Failed'),
  )
  expect(failed).toMatchObject([{ HistorySummary: `Failed to execute action ${topic}-gone` }])
})

test('alarms whose actions are disabled change their state and tell nobody', async () => {
  const cloudWatch = await startCloudWatch()
  await addTopic(cloudWatch)
  await putAlarm(cloudWatch, { AlarmActions: [topic], OKActions: [topic] })
  await cloudWatch.client.send(new DisableAlarmActionsCommand({ AlarmNames: ['many', 'other'] }))
  expect(await pass(cloudWatch, 11)).toMatchObject({ StateValue: 'ALARM', ActionsEnabled: false })
  expect(await deliveries(cloudWatch)).toEqual([])
  await cloudWatch.client.send(new EnableAlarmActionsCommand({ AlarmNames: ['many'] }))
  await pass(cloudWatch, 1)
  expect(await deliveries(cloudWatch)).toHaveLength(2)
})

test('SetAlarmState tells the subscribers, and lasts until the next evaluation', async () => {
  const cloudWatch = await startCloudWatch()
  await addTopic(cloudWatch)
  await putAlarm(cloudWatch, { AlarmActions: [topic] })
  await pass(cloudWatch, 1)
  const set = (change: object) =>
    cloudWatch.client.send(
      new SetAlarmStateCommand({
        AlarmName: 'many',
        StateValue: 'ALARM',
        StateReason: 'testing purposes',
        ...change,
      }),
    )
  await set({ StateReasonData: '{"by":"me"}' })
  expect(await describe(cloudWatch)).toMatchObject([
    { StateValue: 'ALARM', StateReason: 'testing purposes', StateReasonData: '{"by":"me"}' },
  ])
  expect(await deliveries(cloudWatch)).toHaveLength(2)
  expect((await pass(cloudWatch, 1)).StateValue).toBe('OK')
  const [item] = await history(cloudWatch, { HistoryItemType: 'StateUpdate' })
  expect(JSON.parse(item?.HistoryData ?? '')).toMatchObject({
    version: '1.0',
    oldState: {
      stateValue: 'ALARM',
      stateReason: 'testing purposes',
      stateReasonData: { by: 'me' },
    },
    newState: { stateValue: 'OK' },
  })
  await expect(set({ AlarmName: 'other' })).rejects.toMatchObject({ name: 'ResourceNotFound' })
  await expect(set({ StateReasonData: '{' })).rejects.toMatchObject({ name: 'InvalidFormatFault' })
})

test('putting an alarm again changes all its settings and leaves its state', async () => {
  const cloudWatch = await startCloudWatch()
  await putAlarm(cloudWatch, { AlarmDescription: 'first', Tags: [{ Key: 'team', Value: 'shop' }] })
  await pass(cloudWatch, 11)
  await putAlarm(cloudWatch, { Threshold: 20, Tags: [{ Key: 'other', Value: '' }] })
  const [alarm] = await describe(cloudWatch)
  expect(alarm).toMatchObject({ Threshold: 20, StateValue: 'ALARM' })
  expect(alarm).not.toHaveProperty('AlarmDescription')
  const { Tags } = await cloudWatch.client.send(
    new ListTagsForResourceCommand({ ResourceARN: alarm?.AlarmArn }),
  )
  expect(Tags).toEqual([{ Key: 'team', Value: 'shop' }])
})

test('alarms are found by name, prefix, state, action and metric, in pages', async () => {
  const cloudWatch = await startCloudWatch()
  for (const AlarmName of ['b/2', 'a 1', 'c:3']) await putAlarm(cloudWatch, { AlarmName })
  await putAlarm(cloudWatch, { AlarmName: 'd', MetricName: 'Visits', AlarmActions: [topic] })
  const names = async (input: DescribeAlarmsCommandInput) =>
    (await describe(cloudWatch, input)).map(({ AlarmName }) => AlarmName)
  expect(await names({})).toEqual(['a 1', 'b/2', 'c:3', 'd'])
  expect(await names({ AlarmNames: ['c:3', 'none'] })).toEqual(['c:3'])
  expect(await names({ AlarmNamePrefix: 'b/' })).toEqual(['b/2'])
  expect(await names({ StateValue: 'ALARM' })).toEqual([])
  expect(await names({ ActionPrefix: 'arn:aws:sns' })).toEqual(['d'])
  expect(await names({ AlarmTypes: ['CompositeAlarm'] })).toEqual([])
  const { MetricAlarms = [] } = await cloudWatch.client.send(
    new DescribeAlarmsForMetricCommand({ MetricName: 'Visits', Namespace: 'Shop' }),
  )
  expect(MetricAlarms.map(({ AlarmName }) => AlarmName)).toEqual(['d'])
  const pages: number[] = []
  let NextToken: string | undefined
  do {
    const page = await cloudWatch.client.send(
      new DescribeAlarmsCommand({ MaxRecords: 3, NextToken }),
    )
    pages.push(page.MetricAlarms?.length ?? 0)
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  expect(pages).toEqual([3, 1])
})

test('alarms are deleted all or none, and their history stays for 30 days', async () => {
  const cloudWatch = await startCloudWatch()
  await putAlarm(cloudWatch)
  const remove = (AlarmNames: string[]) =>
    cloudWatch.client.send(new DeleteAlarmsCommand({ AlarmNames }))
  await expect(remove(['many', 'none'])).rejects.toMatchObject({
    name: 'ResourceNotFound',
    message: 'Could not find alarm none',
  })
  expect(await describe(cloudWatch)).toHaveLength(1)
  cloudWatch.clock.advance(1)
  await remove(['many'])
  expect(await describe(cloudWatch)).toEqual([])
  expect(
    await history(cloudWatch, { AlarmName: 'many', ScanBy: 'TimestampAscending' }),
  ).toMatchObject([
    { HistorySummary: 'Alarm "many" created' },
    { HistorySummary: 'Alarm "many" deleted' },
  ])
  cloudWatch.clock.advance(30 * 24 * 60 * minute + 50 * minute)
  await cloudWatch.evaluator.evaluate()
  expect(await history(cloudWatch)).toEqual([])
})

test('tags of alarms can be added, changed and removed', async () => {
  const cloudWatch = await startCloudWatch()
  await putAlarm(cloudWatch)
  const ResourceARN = 'arn:aws:cloudwatch:us-west-2:123456789012:alarm:many'
  const { client } = cloudWatch
  await client.send(
    new TagResourceCommand({
      ResourceARN,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  )
  await client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'a', Value: '3' }] }))
  await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['b', 'none'] }))
  const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }))
  expect(Tags).toEqual([{ Key: 'a', Value: '3' }])
  await expect(
    client.send(new ListTagsForResourceCommand({ ResourceARN: `${ResourceARN}x` })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test.each<[string, Partial<PutMetricAlarmCommandInput>, string]>([
  [
    'more datapoints to alarm than periods',
    { DatapointsToAlarm: 2 },
    'DatapointsToAlarm must be less than or equal to EvaluationPeriods',
  ],
  [
    'more than a day',
    { EvaluationPeriods: 1441 },
    'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)',
  ],
  [
    'a period that is no multiple of 60',
    { Period: 61 },
    'The parameter Period must be a value in the set [1, 5, 10, 20, 30] or a multiple of 60.',
  ],
  ['a period of high resolution', { Period: 10 }, 'The parameter Period must be a multiple of 60.'],
  [
    'an unknown treatment of missing data',
    { TreatMissingData: 'hide' },
    'The parameter TreatMissingData must be a value in the set [missing, notBreaching, breaching, ignore].',
  ],
  [
    'actions of other services',
    { AlarmActions: ['arn:aws:lambda:us-west-2:123456789012:function:f'] },
    'The action arn:aws:lambda:us-west-2:123456789012:function:f is not available here: actions are topics of SNS',
  ],
  [
    'topics of another region',
    { OKActions: ['arn:aws:sns:us-east-1:123456789012:t'] },
    'Invalid region us-east-1 specified. Only us-west-2 is supported.',
  ],
  ['what is no ARN', { OKActions: ['email me'] }, 'Invalid arn syntax: email me'],
  [
    'two statistics',
    { ExtendedStatistic: 'p9' },
    'The parameters Statistic and ExtendedStatistic are mutually exclusive and you have specified both.',
  ],
  [
    'control characters in its name',
    { AlarmName: 'a\n' },
    'The value "a\\n" for parameter AlarmName is invalid.',
  ],
])('PutMetricAlarm refuses %s', async (_, change, message) => {
  const cloudWatch = await startCloudWatch()
  await expect(putAlarm(cloudWatch, change)).rejects.toMatchObject({ message })
})

test('a region has no more alarms than the quota lets', async () => {
  const cloudWatch = await startCloudWatch({ alarms: 1 })
  await putAlarm(cloudWatch)
  await putAlarm(cloudWatch)
  await expect(putAlarm(cloudWatch, { AlarmName: 'more' })).rejects.toMatchObject({
    name: 'LimitExceededFault',
  })
})

test('alarms are evaluated by themselves every minute, shortly after its end', async () => {
  const cloudWatch = await startCloudWatch()
  await putAlarm(cloudWatch)
  await cloudWatch.put([{ MetricName: 'Orders', Value: 11, Timestamp: at(10) }])
  cloudWatch.evaluator.start()
  cloudWatch.clock.advance(minute)
  expect(await describe(cloudWatch)).toMatchObject([{ StateValue: 'INSUFFICIENT_DATA' }])
  cloudWatch.clock.advance(5000)
  await expect.poll(async () => (await describe(cloudWatch))[0]?.StateValue).toBe('ALARM')
})
