/**
 * Everything that is counted, beside what clients saw: requests of every kind and end, through real processes. The guide calls access logs "best
 * effort" (p. 98): entries that are not there have to be counted as lost.
 */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MetricStore } from '../../src/metrics/metric-store.ts'
import { readEntry } from '../support/access-log.ts'
import { CountedSystem } from '../support/counted-system.ts'
import { CountedTraffic } from '../support/counted-traffic.ts'
import { ManualClock } from '../support/manual-clock.ts'

let system: CountedSystem
let traffic: CountedTraffic
let lostEntries = 0

beforeAll(async () => {
  system = await CountedSystem.start()
  traffic = new CountedTraffic(system)
  await traffic.run()
  lostEntries = await system.counter('weir_lost_access_log_entries_total')
  expect(await system.weir.stop()).toBe(0)
}, 1_800_000)

afterAll(async () => {
  await system[Symbol.asyncDispose]()
})

/** Sum and number of samples over all time, by metric, of the series with these dimensions. */
function totals(
  store: MetricStore,
  is: (loadBalancer: string | undefined, zone: string | undefined) => boolean,
): Record<string, { sum: number; count: number }> {
  const found: Record<string, { sum: number; count: number }> = {}
  const span = { from: 0, to: Number.MAX_SAFE_INTEGER, period: Number.MAX_SAFE_INTEGER }
  for (const series of store.list('us-west-2', 'AWS/ELB')) {
    const dimensions = new Map(series.dimensions.map(({ name, value }) => [name, value]))
    if (!is(dimensions.get('LoadBalancerName'), dimensions.get('AvailabilityZone'))) continue
    const total = found[series.name] ?? { sum: 0, count: 0 }
    for (const { sum, count } of store.points([series], span)) {
      total.sum += sum
      total.count += count
    }
    found[series.name] = total
  }
  return found
}

function sumsOf(
  all: ReturnType<typeof totals>,
  metrics: readonly string[],
): Record<string, number | undefined> {
  return Object.fromEntries(metrics.map((name) => [name, all[name]?.sum]))
}

function openMetrics(): MetricStore {
  const path = join(system.data, 'metrics.db')
  return MetricStore.open({ path, maxBytes: 2 ** 30, clock: new ManualClock() })
}

const loadBalancers = ['web', 'narrow', 'refusing', 'empty']
/** One for all, two zones, and each load balancer with and without its zones, of which `web` has two. */
const dimensionSets = 1 + 2 + 4 + 5
/** Guide, p. 90–94. */
const elbMetricCount = 18

test('it was a million requests', () => {
  expect(traffic.tally.count()).toBe(1_000_000)
})

test('metrics are what clients saw, of each load balancer, of its zones, and of all', () => {
  using store = openMetrics()
  for (const name of loadBalancers) {
    const expected = traffic.tally.metrics(name)
    const whole = totals(store, (loadBalancer, zone) => loadBalancer === name && zone === undefined)
    const zones = totals(store, (loadBalancer, zone) => loadBalancer === name && zone !== undefined)
    expect(sumsOf(whole, Object.keys(expected))).toEqual(expected)
    expect(sumsOf(zones, Object.keys(expected))).toEqual(expected)
    const counted = Object.keys(whole).filter((metric) => /^(HTTPCode|RequestC)/.test(metric))
    expect(counted.sort()).toEqual(Object.keys(expected).sort())
  }
  const all = totals(
    store,
    (loadBalancer, zone) => loadBalancer === undefined && zone === undefined,
  )
  expect(all.RequestCount?.sum).toBe(traffic.tally.count(({ routed }) => routed))
  expect(all.SpilloverCount?.sum).toBe(traffic.spilled)
  expect(all.BackendConnectionErrors?.sum).toBe(traffic.refused)
  expect(all.DesyncMitigationMode_NonCompliantRequests?.sum).toBe(traffic.nonCompliant)
  const answered = traffic.tally.count(
    ({ status, targetStatus = 0, routed }) => routed && (status === '-' || targetStatus !== 0),
  )
  expect(all.Latency?.count).toBe(answered)
})

/** How many lines there are of each kind. */
async function logLines(): Promise<Record<string, number>> {
  const lines: Record<string, number> = {}
  const bucket = join(system.data, 'buckets/my-logs')
  const files = await readdir(bucket, { recursive: true, withFileTypes: true })
  for (const file of files.filter(({ name }) => name.endsWith('.log'))) {
    const input = createReadStream(join(file.parentPath, file.name))
    for await (const line of createInterface({ input })) {
      const { elb, elbStatus, backendStatus } = readEntry(line)
      const key = `${elb} ${elbStatus}/${backendStatus}`
      lines[key] = (lines[key] ?? 0) + 1
    }
  }
  return lines
}

test('access logs have a line for each, but for those that are counted as lost', async () => {
  const lines = await logLines()
  const expected = traffic.tally.lines
  const missing = Object.entries(expected).map(([key, count]) => count - (lines[key] ?? 0))
  expect(Object.keys(lines).sort()).toEqual(Object.keys(expected).sort())
  expect(Math.min(...missing)).toBeGreaterThanOrEqual(0)
  expect(missing.reduce((sum, count) => sum + count, 0)).toBe(lostEntries)
}, 120_000)

test('a million paths make no further metric', () => {
  using store = openMetrics()
  const series = store.list('us-west-2', 'AWS/ELB')
  const metrics = new Set(series.map(({ name }) => name))
  expect(metrics.size).toBeLessThanOrEqual(elbMetricCount)
  expect(series.length).toBeLessThanOrEqual(metrics.size * dimensionSets)
})
