import {
  type GetMetricStatisticsCommandInput,
  ListMetricsCommand,
  type ListMetricsCommandInput,
  type PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import { at, minute, start, startCloudWatch } from '../../../test/support/cloudwatch.ts'

const query = (Id: string, MetricName = 'Orders', Stat = 'Sum', Period = 60) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Stat, Period },
})

test('values, values with counts and statistic sets add up, by minute and dimension', async () => {
  const { put, statistics } = await startCloudWatch()
  await put([
    { MetricName: 'Orders', Value: 3, Timestamp: new Date(start + 59_999) },
    { MetricName: 'Orders', Values: [1, 5], Counts: [2, 1], Timestamp: at(0) },
    { MetricName: 'Orders', Value: 7.5, Timestamp: at(1) },
    { MetricName: 'Orders', Value: 100, Dimensions: [{ Name: 'Shop', Value: 'one' }] },
    {
      MetricName: 'Orders',
      StatisticValues: { SampleCount: 4, Sum: 8, Minimum: 1, Maximum: 3 },
      Timestamp: at(2),
    },
  ])
  const all = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const
  const none = { Unit: 'None' }
  expect(await statistics({ Statistics: [...all] })).toEqual([
    { ...none, Timestamp: at(0), SampleCount: 4, Average: 2.5, Sum: 10, Minimum: 1, Maximum: 5 },
    {
      ...none,
      Timestamp: at(1),
      SampleCount: 1,
      Average: 7.5,
      Sum: 7.5,
      Minimum: 7.5,
      Maximum: 7.5,
    },
    { ...none, Timestamp: at(2), SampleCount: 4, Average: 2, Sum: 8, Minimum: 1, Maximum: 3 },
  ])
  expect(await statistics({ Statistics: ['Sum'], Period: 600 })).toEqual([
    { ...none, Timestamp: at(0), Sum: 25.5 },
  ])
})

test('percentiles have up to two decimals and are right within 1 %; there are none of statistic sets and negative values', async () => {
  const { put, statistics } = await startCloudWatch()
  const values = Array.from({ length: 1000 }, (_, index) => index + 1)
  for (let from = 0; from < values.length; from += 100) {
    await put([{ MetricName: 'Orders', Values: values.slice(from, from + 100), Timestamp: at(0) }])
  }
  await put([
    {
      MetricName: 'Orders',
      StatisticValues: { SampleCount: 4, Sum: 8, Minimum: 1, Maximum: 3 },
      Timestamp: at(1),
    },
    { MetricName: 'Orders', Values: [-1, 1], Timestamp: at(2) },
  ])
  const points = await statistics({ ExtendedStatistics: ['p50', 'p95.45', 'p99.99', 'p100', 'p0'] })
  expect(points).toHaveLength(1)
  const { ExtendedStatistics: found = {} } = points[0]!
  for (const [name, wanted] of [
    ['p50', 500],
    ['p95.45', 954],
    ['p99.99', 999],
    ['p0', 1],
  ] as const) {
    expect(Math.abs(found[name]! - wanted) / wanted, name).toBeLessThanOrEqual(0.011)
  }
  expect(found.p100).toBe(1000)
})

test('data points of several units are told apart, and one unit can be asked for', async () => {
  const { put, statistics } = await startCloudWatch()
  const Timestamp = at(0)
  await put([
    { MetricName: 'Orders', Value: 1, Unit: 'Count', Timestamp },
    { MetricName: 'Orders', Value: 2, Unit: 'Percent', Timestamp },
  ])
  expect(await statistics({ Statistics: ['Sum'] })).toEqual([
    { Timestamp, Sum: 1, Unit: 'Count' },
    { Timestamp, Sum: 2, Unit: 'Percent' },
  ])
  expect(await statistics({ Statistics: ['Sum'], Unit: 'Percent' })).toHaveLength(1)
})

test('metrics are listed by namespace, name and dimensions, 500 a page, for two weeks after their last data', async () => {
  const { client, clock, put } = await startCloudWatch()
  const named = (Value: string) => [{ Name: 'Shop', Value }]
  const many = Array.from({ length: 600 }, (_, index) => ({
    MetricName: 'Orders',
    Value: 1,
    Dimensions: named(`${index}`),
  }))
  await put(many)
  await put([{ MetricName: 'Visits', Value: 1, Unit: 'Count', Dimensions: named('7') }])
  const list = async (input: ListMetricsCommandInput) => {
    const { Metrics = [], NextToken } = await client.send(new ListMetricsCommand(input))
    return { Metrics, NextToken }
  }
  const first = await list({})
  const second = await list({ NextToken: first.NextToken })
  expect([first.Metrics.length, second.Metrics.length, second.NextToken]).toEqual([
    500,
    101,
    undefined,
  ])
  expect(
    new Set([...first.Metrics, ...second.Metrics].map((one) => JSON.stringify(one))).size,
  ).toBe(601)
  expect((await list({ Dimensions: [{ Name: 'Shop', Value: '7' }] })).Metrics).toEqual([
    { Namespace: 'Shop', MetricName: 'Orders', Dimensions: named('7') },
    { Namespace: 'Shop', MetricName: 'Visits', Dimensions: named('7') },
  ])
  expect((await list({ MetricName: 'Visits', Namespace: 'Shop' })).Metrics).toHaveLength(1)
  expect((await list({ Dimensions: [{ Name: 'Other' }] })).Metrics).toEqual([])
  clock.advance(4 * 60 * minute)
  expect((await list({ RecentlyActive: 'PT3H' })).Metrics).toEqual([])
  expect((await list({ MetricName: 'Visits' })).Metrics).toHaveLength(1)
  clock.advance(14 * 24 * 60 * minute)
  expect((await list({})).Metrics).toEqual([])
  await expect(list({ NextToken: 'no-token' })).rejects.toMatchObject({
    name: 'InvalidNextToken',
    message: "Invalid nextToken 'no-token'",
  })
})

test('PutMetricData makes no more metrics than the quota lets, and refuses a request as a whole', async () => {
  const { client, put } = await startCloudWatch({ customMetrics: 2 })
  const two = [
    { MetricName: 'Orders', Value: 1 },
    { MetricName: 'Visits', Value: 1 },
  ]
  await put(two)
  await put(two)
  await expect(put([...two, { MetricName: 'More', Value: 1 }])).rejects.toMatchObject({
    name: 'LimitExceededFault',
  })
  const { Metrics } = await client.send(new ListMetricsCommand({}))
  expect(Metrics).toHaveLength(2)
})

test.each<[string, PutMetricDataCommandInput['MetricData'], string, string]>([
  [
    'both value and values',
    [{ MetricName: 'm', Value: 1, Values: [1] }],
    'InvalidParameterCombinationException',
    'The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.',
  ],
  [
    'counts of another number than values',
    [{ MetricName: 'm', Values: [1, 10], Counts: [2, 4, 5] }],
    'InvalidParameterValueException',
    'The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.',
  ],
  [
    'a value that is no number',
    [{ MetricName: 'm', Value: Number.NaN }],
    'MalformedInput',
    'metricData.1.member.value is no number',
  ],
  [
    'a value beyond 2^360',
    [{ MetricName: 'm', Value: 1e200 }],
    'InvalidParameterValueException',
    'The value 1e+200 for parameter MetricData.member.1.Value is invalid.',
  ],
  [
    'no value at all',
    [{ MetricName: 'm' }],
    'MissingRequiredParameterException',
    'At least one of the parameters MetricData.member.1.Value, MetricData.member.1.Values, MetricData.member.1.StatisticValues must be specified.',
  ],
  [
    'a time too far ahead',
    [{ MetricName: 'm', Value: 1, Timestamp: at(200) }],
    'InvalidParameterValueException',
    'The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future.',
  ],
  [
    'a time too long ago',
    [{ MetricName: 'm', Value: 1, Timestamp: at(-15 * 24 * 60) }],
    'InvalidParameterValueException',
    'The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.',
  ],
  [
    'an unknown unit',
    [{ MetricName: 'm', Value: 1, Unit: 'Furlong' as never }],
    'InvalidParameterValueException',
    'The parameter MetricData.member.1.Unit must be a value in the set [',
  ],
  [
    '31 dimensions',
    [
      {
        MetricName: 'm',
        Value: 1,
        Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `${i}`, Value: 'v' })),
      },
    ],
    'InvalidParameterValueException',
    'The collection MetricData.member.1.Dimensions must not have a size greater than 30.',
  ],
  [
    'control characters in a name',
    [{ MetricName: 'a\u001b[31m', Value: 1 }],
    'InvalidParameterValueException',
    'The value "a\\u001b[31m" for parameter MetricData.member.1.MetricName is invalid.',
  ],
])('PutMetricData refuses %s', async (_, data, name, message) => {
  const { put } = await startCloudWatch()
  await expect(put(data!)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message),
  })
})

test('a namespace of AWS is not for users', async () => {
  const { put } = await startCloudWatch()
  await expect(
    put([{ MetricName: 'm', Value: 1 }], { Namespace: 'AWS/ELB' }),
  ).rejects.toMatchObject({
    message: 'The value AWS/ELB for parameter Namespace is invalid.',
  })
})

test.each<[string, Partial<GetMetricStatisticsCommandInput>, string, string]>([
  [
    'a start that is not before the end',
    { StartTime: at(10) },
    'InvalidParameterValueException',
    'The parameter StartTime must be less than the parameter EndTime.',
  ],
  [
    'a period that is no multiple of 60',
    { Period: 90 },
    'InvalidParameterValueException',
    'The parameter Period must be a value in the set [1, 5, 10, 20, 30] or a multiple of 60.',
  ],
  [
    'more than 1,440 data points',
    { StartTime: at(-14 * 24 * 60) },
    'InvalidParameterCombinationException',
    'You have requested up to 20,170 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
  ],
  [
    'no statistic',
    { Statistics: [] },
    'InvalidParameterCombinationException',
    'Must specify either Statistics or ExtendedStatistics',
  ],
  [
    'a percentile above 100',
    { Statistics: [], ExtendedStatistics: ['p101'] },
    'InvalidParameterValueException',
    'The value p101 for parameter ExtendedStatistics.member.1 is invalid.',
  ],
])('GetMetricStatistics refuses %s', async (_, input, name, message) => {
  const { statistics } = await startCloudWatch()
  await expect(statistics({ Statistics: ['Sum'], ...input })).rejects.toMatchObject({
    name,
    message,
  })
})

test('metric math reckons with series and numbers, and returns what is asked for', async () => {
  const { put, data } = await startCloudWatch()
  await put([
    { MetricName: 'Orders', Value: 10, Timestamp: at(0) },
    { MetricName: 'Orders', Value: 40, Timestamp: at(1) },
    { MetricName: 'Orders', Value: 70, Timestamp: at(4) },
    { MetricName: 'Visits', Value: 100, Timestamp: at(0) },
    { MetricName: 'Visits', Value: 0, Timestamp: at(1) },
  ])
  const value = async (Expression: string) => {
    const { MetricDataResults = [] } = await data({
      MetricDataQueries: [
        { ...query('orders'), ReturnData: false },
        { ...query('visits', 'Visits'), ReturnData: false },
        { Id: 'result', Expression },
      ],
    })
    return MetricDataResults.map(({ Timestamps = [], Values = [] }) =>
      Timestamps.map((time, index) => [(time.getTime() - start) / minute, Values[index]]),
    )
  }
  expect(await value('orders')).toEqual([
    [
      [0, 10],
      [1, 40],
      [4, 70],
    ],
  ])
  expect(await value('100 * orders / visits')).toEqual([[[0, 10]]])
  expect(await value('-(orders + 2) ^ 2')).toEqual([
    [
      [0, 144],
      [1, 1764],
      [4, 5184],
    ],
  ])
  expect(await value('orders - AVG(orders)')).toEqual([
    [
      [0, -30],
      [1, 0],
      [4, 30],
    ],
  ])
  expect(await value('SUM(METRICS())')).toEqual([
    [
      [0, 110],
      [1, 40],
      [4, 70],
    ],
  ])
  expect(await value('MAX([orders, visits])')).toEqual([
    [
      [0, 100],
      [1, 40],
      [4, 70],
    ],
  ])
  expect(await value('METRICS("vis") + 1')).toEqual([
    [
      [0, 101],
      [1, 1],
    ],
  ])
  expect(await value('RATE(orders) * PERIOD(orders)')).toEqual([
    [
      [1, 30],
      [4, 10],
    ],
  ])
  expect(await value('IF(orders > 20, orders, 0)')).toEqual([
    [
      [0, 0],
      [1, 40],
      [4, 70],
    ],
  ])
  expect(await value('IF(FILL(visits, 0) > 50, 1)')).toEqual([[[0, 1]]])
  expect((await value('FILL(orders, REPEAT)'))[0]?.slice(0, 6)).toEqual([
    [0, 10],
    [1, 40],
    [2, 40],
    [3, 40],
    [4, 70],
    [5, 70],
  ])
  expect(await value('FILL(orders, LINEAR)')).toEqual([
    [
      [0, 10],
      [1, 40],
      [2, 50],
      [3, 60],
      [4, 70],
    ],
  ])
  expect(await value('orders > 20 && visits == 0')).toEqual([
    [
      [0, 0],
      [1, 1],
    ],
  ])
  expect(await value("SEARCH('{Shop} MetricName=\"Orders\"', 'Sum', 60)")).toEqual([
    [
      [0, 10],
      [1, 40],
      [4, 70],
    ],
  ])
  expect(await value("SEARCH('{Shop} ord', 'Sum', 300)")).toEqual([[[0, 120]]])
})

test.each([
  ['1 + 1', 'The result of the expression is no time series'],
  ['orders +', 'The expression ends too early'],
  ['orders ; 1', "Unexpected character ';' at position 8"],
  ['nothing', 'Unknown identifier nothing'],
  ['result + 1', 'The expression refers to itself by result'],
  ['EVAL(orders)', "Unsupported function 'EVAL'"],
  [`${'('.repeat(500)}1`, 'The expression is nested too deeply'],
])('an expression that cannot be reckoned is refused: %s', async (Expression, message) => {
  const { data } = await startCloudWatch()
  const MetricDataQueries = [query('orders'), { Id: 'result', Expression }]
  await expect(data({ MetricDataQueries })).rejects.toMatchObject({
    name: 'ValidationException',
    message: `Error in expression 'result': ${message}`,
  })
})

test('data is given newest first unless asked otherwise, in pages of MaxDatapoints', async () => {
  const { put, data } = await startCloudWatch()
  const times = [0, 1, 2, 3, 4]
  await put(times.map((time) => ({ MetricName: 'Orders', Value: time, Timestamp: at(time) })))
  await put(times.map((time) => ({ MetricName: 'Visits', Value: 10 + time, Timestamp: at(time) })))
  const pages: [string | undefined, number[] | undefined, string | undefined][][] = []
  let NextToken: string | undefined
  do {
    const page = await data({
      MetricDataQueries: [query('orders'), query('visits', 'Visits')],
      ScanBy: 'TimestampDescending',
      MaxDatapoints: 4,
      NextToken,
    })
    pages.push(
      (page.MetricDataResults ?? []).map(({ Id, Values, StatusCode }) => [Id, Values, StatusCode]),
    )
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  expect(pages).toEqual([
    [['orders', [4, 3, 2, 1], 'PartialData']],
    [
      ['orders', [0], 'Complete'],
      ['visits', [14, 13, 12], 'PartialData'],
    ],
    [['visits', [11, 10], 'Complete']],
  ])
})

test('JSON 1.0 clients get the answers too, and the query protocol’s codes in a header', async () => {
  const { api, put } = await startCloudWatch()
  await put([{ MetricName: 'Orders', Value: 1 }])
  const ask = async (operation: string, body: object) => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `GraniteServiceVersion20100801.${operation}`,
      },
      body: JSON.stringify(body),
    })
    return { error: response.headers.get('x-amzn-query-error'), body: await response.json() }
  }
  expect(await ask('ListMetrics', { Namespace: 'Shop' })).toEqual({
    error: null,
    body: { Metrics: [{ Namespace: 'Shop', MetricName: 'Orders', Dimensions: [] }] },
  })
  expect(await ask('PutMetricData', { Namespace: 'AWS/ELB', MetricData: [] })).toEqual({
    error: 'InvalidParameterValue;Sender',
    body: {
      __type: 'InvalidParameterValueException',
      message: 'The value AWS/ELB for parameter Namespace is invalid.',
    },
  })
})

test('what clients pack because it is long is unpacked', async () => {
  const { put, client } = await startCloudWatch()
  const Dimensions = [{ Name: 'Place', Value: 'x'.repeat(1000) }]
  await put(
    Array.from({ length: 40 }, (_, index) => ({ MetricName: `m${index}`, Value: 1, Dimensions })),
  )
  const { Metrics } = await client.send(new ListMetricsCommand({}))
  expect(Metrics).toHaveLength(40)
})
