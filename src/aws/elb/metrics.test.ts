import { expect, test } from 'vitest'
import { Histogram } from '../../metrics/histogram.ts'
import type { MetricDatum } from '../../metrics/metric-datum.ts'
import type { NodeFigures } from '../../snapshot/figures.ts'
import { Distribution, type Samples } from '../../std/distribution.ts'
import { elbMetrics } from './metrics.ts'

const minute = Date.parse('2026-01-01T00:00:00Z')

function node(zone: string, figures: Partial<NodeFigures>, name = 'my-lb'): NodeFigures {
  return { loadBalancer: `aws/us-west-2/${name}/1234`, zone, counts: {}, ...figures }
}

function samples(...values: number[]): Samples {
  const distribution = new Distribution()
  for (const value of values) distribution.add(value)
  return distribution.take() as Samples
}

function metrics(...nodes: NodeFigures[]): MetricDatum[] {
  return [...elbMetrics({ source: 's', sequence: 1, minute, nodes })]
}

/** The statistics of one metric by its dimensions: `lb zone`. */
function byDimensions(data: readonly MetricDatum[], metric: string): Record<string, unknown> {
  const chosen = data.filter(({ name }) => name === metric)
  return Object.fromEntries(
    chosen.map(({ dimensions, count, sum, minimum, maximum }) => [
      dimensions.map(({ value }) => value).join(' '),
      [count, sum, minimum, maximum],
    ]),
  )
}

test('requests are a sample of 1 each, by load balancer, by zone, by both, and in all', () => {
  const data = metrics(
    node('us-west-2a', { counts: { routed: 60 } }),
    node('us-west-2b', { counts: { routed: 40 } }),
    node('us-west-2a', { counts: { routed: 5 } }, 'other'),
  )
  expect(byDimensions(data, 'RequestCount')).toEqual({
    '': [105, 105, 1, 1],
    'us-west-2a': [65, 65, 1, 1],
    'us-west-2b': [40, 40, 1, 1],
    'my-lb': [100, 100, 1, 1],
    other: [5, 5, 1, 1],
    'my-lb us-west-2a': [60, 60, 1, 1],
    'my-lb us-west-2b': [40, 40, 1, 1],
    'other us-west-2a': [5, 5, 1, 1],
  })
  for (const datum of data) {
    expect(datum).toMatchObject({
      region: 'us-west-2',
      namespace: 'AWS/ELB',
      unit: 'Count',
      minute,
    })
    expect(datum.sketch).toBeUndefined()
  }
})

test('connection errors are a sample of each node', () => {
  const data = metrics(
    node('us-west-2a', { counts: { targetConnectErrors: 7 } }),
    node('us-west-2b', { counts: { targetConnectErrors: 1 } }),
  )
  expect(byDimensions(data, 'BackendConnectionErrors')).toMatchObject({
    'my-lb': [2, 8, 1, 7],
    'my-lb us-west-2a': [1, 7, 7, 7],
  })
})

test('healthy hosts of a load balancer are those that its nodes reach, those of a zone are in it', () => {
  const inZone = { healthy: 1, unhealthy: 1 }
  const inReach = { healthy: 3, unhealthy: 1 }
  const state = { openConnections: 0, targets: { inZone, inReach } }
  const data = metrics(node('us-west-2a', { state }))
  expect(byDimensions(data, 'HealthyHostCount')).toEqual({
    '': [1, 3, 3, 3],
    'my-lb': [1, 3, 3, 3],
    'us-west-2a': [1, 1, 1, 1],
    'my-lb us-west-2a': [1, 1, 1, 1],
  })
  expect(byDimensions(data, 'UnHealthyHostCount')).toMatchObject({ 'my-lb': [1, 1, 1, 1] })
})

test('no healthy host is reported as 0, and what is not counted is not reported', () => {
  const none = { healthy: 0, unhealthy: 0 }
  const state = { openConnections: 0, targets: { inZone: none, inReach: none } }
  const data = metrics(node('us-west-2a', { state }))
  expect(new Set(data.map(({ name }) => name))).toEqual(
    new Set(['HealthyHostCount', 'UnHealthyHostCount']),
  )
  expect(byDimensions(data, 'HealthyHostCount')).toMatchObject({ 'my-lb': [1, 0, 0, 0] })
})

test('percentiles of latency are within 1 %, over all nodes', () => {
  const fast = Array.from({ length: 900 }, (_, i) => 0.001 + i / 1e6)
  const slow = Array.from({ length: 100 }, (_, i) => 0.1 + i / 1e3)
  const data = metrics(
    node('us-west-2a', { latency: samples(...fast) }),
    node('us-west-2b', { latency: samples(...slow) }),
  )
  const datum = data.find(({ name, dimensions }) => name === 'Latency' && dimensions.length === 0)
  expect(datum).toMatchObject({ unit: 'Seconds', count: 1000, minimum: 0.001, maximum: 0.199 })
  const histogram = new Histogram()
  histogram.merge(datum?.sketch ?? new Uint8Array())
  const all = [...fast, ...slow]
  for (const share of [0.1, 0.5, 0.9, 0.95, 0.99, 1]) {
    const exact = all[Math.floor(share * (all.length - 1))] as number
    expect(Math.abs(histogram.quantile(share) - exact) / exact).toBeLessThan(0.011)
  }
})

test('the surge queue has a sample for each second in which anyone waited', () => {
  const data = metrics(node('us-west-2a', { surgeQueue: samples(3, 1024) }))
  expect(byDimensions(data, 'SurgeQueueLength')).toMatchObject({ 'my-lb': [2, 1027, 3, 1024] })
})

test('capacity units are those of the measure that takes the most', () => {
  const units = (figures: Partial<NodeFigures>) =>
    byDimensions(metrics(node('us-west-2a', figures)), 'EstimatedALBConsumedLCUs')['my-lb']
  expect(units({ counts: { newConnections: 3000, bytes: 1 } })).toEqual([1, 2, 2, 2])
  expect(units({ counts: { bytes: 1e9 / 60 } })).toEqual([1, 1, 1, 1])
  expect(units({ state: { openConnections: 9000 } })).toEqual([1, 3, 3, 3])
  expect(units({})).toBeUndefined()
})

test('nodes of another dialect have no metrics here', () => {
  expect(metrics({ loadBalancer: 'huawei/p/x', zone: 'a', counts: { routed: 1 } })).toEqual([])
})
