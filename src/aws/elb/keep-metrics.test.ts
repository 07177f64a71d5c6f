import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { MetricBatch } from '../../metrics/metric-datum.ts'
import { MetricStore } from '../../metrics/metric-store.ts'
import { keepElbMetrics } from './keep-metrics.ts'

const minute = Date.parse('2026-01-01T00:00:00Z')
const loadBalancers = 700

/** More than one piece. */
const batch = {
  source: 's',
  sequence: 1,
  minute,
  nodes: Array.from({ length: loadBalancers }, (_, i) => ({
    loadBalancer: `aws/us-west-2/lb-${i}/1`,
    zone: 'us-west-2a',
    counts: { routed: 1 },
  })),
}

function openStore(): MetricStore {
  const folder = mkdtempSync(join(tmpdir(), 'weir-keep-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'metrics.db')
  return MetricStore.open({ path, maxBytes: 2 ** 30, clock: new ManualClock(minute) })
}

/** Of all load balancers together, of one, and how many series there are. */
function counted(store: MetricStore) {
  const span = { from: minute, to: minute + 60_000, period: 60_000 }
  const sum = (dimensions: { name: string; value: string }[]) => {
    const metric = { region: 'us-west-2', namespace: 'AWS/ELB', name: 'RequestCount', dimensions }
    return store.points(store.find(metric), span)[0]?.sum
  }
  const last = { name: 'LoadBalancerName', value: `lb-${loadBalancers - 1}` }
  return { all: sum([]), one: sum([last]), series: store.list('us-west-2').length }
}

const whole = { all: loadBalancers, one: 1, series: 2 * loadBalancers + 2 }

test('a batch that comes again counts once', async () => {
  using store = openStore()
  await keepElbMetrics(batch, store)
  await keepElbMetrics(batch, store)
  expect(counted(store)).toEqual(whole)
  await keepElbMetrics({ ...batch, sequence: 2 }, store)
  expect(counted(store).all).toBe(2 * loadBalancers)
})

test('a batch that was stored in part is completed when it comes again', async () => {
  using store = openStore()
  let left = 1
  const failing = {
    add(piece: MetricBatch) {
      left -= 1
      if (left < 0) throw new Error('the disk is full')
      store.add(piece)
    },
  }
  await expect(keepElbMetrics(batch, failing)).rejects.toThrow('the disk is full')
  expect(counted(store)).not.toEqual(whole)
  await keepElbMetrics(batch, store)
  expect(counted(store)).toEqual(whole)
})
