import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { Histogram } from './histogram.ts'
import type { MetricDatum } from './metric-datum.ts'
import { MetricStore } from './metric-store.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start = Date.parse('2026-01-01T00:00:00Z')

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-metrics-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'metrics.db')
}

function open(
  options: { path?: string; maxBytes?: number; clock?: ManualClock } = {},
): MetricStore {
  const { path = newPath(), maxBytes = 2 ** 30, clock = new ManualClock(start) } = options
  const store = MetricStore.open({ path, maxBytes, clock })
  onTestFinished(() => store[Symbol.dispose]())
  return store
}

const latency = {
  region: 'us-west-2',
  namespace: 'AWS/ELB',
  name: 'Latency',
  dimensions: [
    { name: 'LoadBalancerName', value: 'my-loadbalancer' },
    { name: 'AvailabilityZone', value: 'us-west-2a' },
  ],
  unit: 'Seconds',
}

function datum(at: number, samples: readonly number[], series = latency): MetricDatum {
  const histogram = new Histogram()
  for (const sample of samples) histogram.accept(sample)
  const minimum = Math.min(...samples)
  const maximum = Math.max(...samples)
  return {
    ...series,
    minute: at,
    count: samples.length,
    sum: samples.reduce((sum, sample) => sum + sample, 0),
    minimum,
    maximum,
    ...(minimum === maximum ? {} : { sketch: histogram.serialise() }),
  }
}

/** Of the only series, in periods of a minute. */
function pointsOf(store: MetricStore, { from = start, to = start + day, period = minute } = {}) {
  const [series, ...others] = store.list('us-west-2')
  expect(others).toEqual([])
  return series === undefined ? [] : store.points([series], { from, to, period })
}

async function percentile(
  store: MetricStore,
  share: number,
  periods = { from: start, to: start + day, period: day },
): Promise<[number, number][]> {
  return [...(await store.percentiles(store.list('us-west-2'), periods, share))]
}

test('data add to what their minute has, whatever the order of their dimensions', async () => {
  const store = open()
  const turned = { ...latency, dimensions: latency.dimensions.toReversed() }
  store.add({ source: 'a', sequence: 1, data: [datum(start, [1, 3])] })
  store.add({ source: 'b', sequence: 1, data: [datum(start, [8], turned)] })
  expect(pointsOf(store)).toEqual([{ time: start, count: 3, sum: 12, minimum: 1, maximum: 8 }])
  expect((await percentile(store, 0.5))[0]?.[1]).toBeCloseTo(3, 1)
})

test('a batch that a source gives again counts once, also after a restart', () => {
  const path = newPath()
  const batch = { source: 'a', sequence: 7, data: [datum(start, [2])] }
  {
    using store = MetricStore.open({ path, maxBytes: 2 ** 30, clock: new ManualClock(start) })
    store.add(batch)
    store.add(batch)
  }
  const store = open({ path })
  store.add(batch)
  store.add({ ...batch, sequence: 6 })
  store.add({ ...batch, source: 'b' })
  expect(pointsOf(store)).toMatchObject([{ count: 2, sum: 4 }])
})

test('a batch is added as a whole or not at all, and can then be given again', () => {
  const store = open()
  const broken = { ...datum(start, [2]), sum: Number.NaN }
  const good = datum(start, [2])
  expect(() => store.add({ source: 'a', sequence: 1, data: [good, broken] })).toThrow()
  expect(pointsOf(store)).toEqual([])
  store.add({ source: 'a', sequence: 1, data: [good] })
  expect(pointsOf(store)).toMatchObject([{ count: 1 }])
})

test('periods begin where the reader says, and those without samples have no point', () => {
  const store = open()
  for (const at of [3, 4, 8, 20]) store.addOnce([datum(start + at * minute, [at])])
  const from = start + 3 * minute
  expect(pointsOf(store, { from, to: start + 20 * minute, period: 5 * minute })).toEqual([
    { time: from, count: 2, sum: 7, minimum: 3, maximum: 4 },
    { time: from + 5 * minute, count: 1, sum: 8, minimum: 8, maximum: 8 },
  ])
})

test('series are read together: the units of a metric', async () => {
  const store = open()
  const { dimensions } = latency
  store.addOnce([datum(start, [1]), datum(start, [3], { ...latency, unit: 'Milliseconds' })])
  store.addOnce([datum(start, [5], { ...latency, dimensions: dimensions.slice(1) })])
  const units = store.find(latency)
  expect(units.map(({ unit }) => unit)).toEqual(['Milliseconds', 'Seconds'])
  const periods = { from: start, to: start + minute, period: minute }
  expect(store.points(units, periods)).toMatchObject([{ count: 2, sum: 4 }])
  for (const [share, sample] of [
    [0, 1],
    [1, 3],
  ] as const) {
    expect((await store.percentiles(units, periods, share)).get(start)).toBeCloseTo(sample, 1)
  }
})

test('percentiles are known where it is known how samples lie, and no longer when others are added', async () => {
  const store = open()
  store.addOnce([datum(start, [1, 2, 3]), datum(start + minute, [5])])
  expect((await percentile(store, 1))[0]?.[1]).toBeCloseTo(5, 1)
  const { sketch: _, ...unknown } = datum(start + minute, [4, 6])
  store.addOnce([unknown])
  expect(await percentile(store, 1)).toEqual([])
  const { time } = pointsOf(store)[0]!
  const first = { from: time, to: time + minute, period: minute }
  expect((await percentile(store, 0, first))[0]?.[1]).toBeCloseTo(1, 1)
})

test('minutes are kept for 15 days, five minutes for 63, hours for 455, and sums and percentiles survive it', async () => {
  const clock = new ManualClock(start + 2 * hour)
  const store = open({ clock })
  for (let at = 0; at < 120; at += 1) {
    store.addOnce([datum(start + at * minute, [at + 1, 2 * at + 1])])
  }
  const all = { from: start, to: start + day, period: day }
  const [sum] = pointsOf(store, all)
  const [median] = await percentile(store, 0.5)
  const times = async (after: number) => {
    clock.advance(start + after - clock.now())
    await store.tidy()
    if (after < 455 * day) {
      expect(pointsOf(store, all)).toEqual([sum])
      expect(await percentile(store, 0.5)).toEqual([median])
    }
    return pointsOf(store).map(({ time }) => (time - start) / minute)
  }
  const every = (step: number) => Array.from({ length: 120 / step }, (_, at) => at * step)
  expect(await times(15 * day)).toEqual(every(1))
  expect(await times(15 * day + 2 * hour)).toEqual(every(5))
  expect(await times(63 * day)).toEqual(every(5))
  expect(await times(63 * day + 2 * hour)).toEqual(every(60))
  expect(await times(455 * day)).toEqual(every(60))
  expect(await times(455 * day + 2 * hour)).toEqual([])
  expect(store.list('us-west-2')).toEqual([])
})

test('the file holds no more than its limit: the oldest points of all series go first', () => {
  const path = newPath()
  const clock = new ManualClock(start)
  const store = open({ path, maxBytes: 400_000, clock })
  const series = [1, 2, 3, 4, 5, 6].map((value) => ({
    ...latency,
    dimensions: [{ name: 'LoadBalancerName', value: `lb-${value}` }],
  }))
  for (let at = 0; at < 2000; at += 20) {
    const minutes = Array.from({ length: 20 }, (_, index) => start + (at + index) * minute)
    store.addOnce(series.flatMap((each) => minutes.map((time) => datum(time, [at, 1], each))))
    expect(statSync(path).size).toBeLessThan(450_000)
  }
  const last = start + 1999 * minute
  const covered = store.list('us-west-2').map((series) => {
    const times = store
      .points([series], { from: start, to: last + minute, period: minute })
      .map(({ time }) => time)
    expect(times.length).toBeGreaterThan(300)
    return [times.at(0), times.at(-1)]
  })
  expect(covered).toEqual(Array.from({ length: 6 }, () => [covered[0]?.[0], last]))
})

test('emptied, it has nothing, and still knows what sources gave', () => {
  const store = open()
  store.add({ source: 'a', sequence: 1, data: [datum(start, [1])] })
  store.clear()
  store.add({ source: 'a', sequence: 1, data: [datum(start, [1])] })
  expect(store.list('us-west-2')).toEqual([])
})

test('a percentile over weeks is right within 1 %, in periods of any length, and other work goes on meanwhile', async () => {
  const store = open()
  const minutes = 15 * 24 * 60
  // Of each minute a hundred samples, those of later ones greater.
  const samplesAt = (at: number) => Array.from({ length: 100 }, (_, n) => (1 + at) * (1 + n / 100))
  const data = Array.from({ length: minutes }, (_, at) => datum(start + at * minute, samplesAt(at)))
  store.addOnce(data)
  let turns = 0
  let counting = true
  const count = () => {
    turns += 1
    if (counting) setImmediate(count)
  }
  count()
  const end = start + minutes * minute
  const [whole] = await percentile(store, 0.9, { from: start, to: end, period: end - start })
  counting = false
  // So that no more than ten hours are read in one go.
  expect(turns).toBeGreaterThan(minutes / 600)
  const sorted = Array.from({ length: minutes }, (_, at) => samplesAt(at)).flat()
  sorted.sort((a, b) => a - b)
  const exact = sorted[Math.floor(0.9 * (sorted.length - 1))]!
  expect(Math.abs((whole?.[1] ?? 0) / exact - 1)).toBeLessThan(0.0101)

  const odd = { from: start + 7 * minute, to: end, period: 1000 * minute }
  const found = await percentile(store, 1, odd)
  expect(found).toHaveLength(Math.ceil((minutes - 7) / 1000))
  for (const [time, value] of found) {
    const last = Math.min((time - start) / minute + 999, minutes - 1)
    expect(Math.abs(value / (samplesAt(last).at(-1) ?? 0) - 1)).toBeLessThan(0.0101)
  }
})
