import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bucketsIn, createLogBucket } from '../../test/support/buckets.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { rememberFirstDefaultVpc } from '../aws/ec2/region.ts'
import { MetricStore } from '../metrics/metric-store.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { reset } from './reset.ts'

function openMetrics(): MetricStore {
  const folder = mkdtempSync(join(tmpdir(), 'weir-reset-'))
  const path = join(folder, 'metrics.db')
  const metrics = MetricStore.open({ path, maxBytes: 2 ** 30, clock: new ManualClock() })
  onTestFinished(() => {
    metrics[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  return metrics
}

async function openStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-reset-'))
  const store = openSqliteStore(join(folder, 'weir.db'))
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  await rememberFirstDefaultVpc(store, '127.16.0.0/16')
  return store
}

const noProxies = async () => undefined

const put = (store: Store, key: string) => store.transact([], [{ key, value: '1' }])

const keysOf = async (store: Store) => (await store.list('')).entries.map(({ key }) => key)

test('a reset leaves access keys, authorities, the keys of SNS and the place of the default VPC, at every moment', async () => {
  const store = await openStore()
  const before = await keysOf(store)
  await put(store, 'iam/access-key/AKIA')
  await put(store, 'issuance/secret/local-ca')
  await put(store, 'issuance/challenge/c1')
  await put(store, 'sns/secret/signing')
  for (const kind of ['topic', 'subscription', 'message', 'delivery'])
    await put(store, `sns/${kind}/a`)
  await put(store, 'elb/us-west-2/load-balancer/web')
  const seen: Promise<string[]>[] = []
  store.watch('', () => seen.push(keysOf(store)))
  await reset(store, [], noProxies)
  expect(await Promise.all(seen)).toEqual([
    [...before, 'iam/access-key/AKIA', 'issuance/secret/local-ca', 'sns/secret/signing', 'system'],
  ])
})

test('what is written while a reset reads is gone too', async () => {
  const store = await openStore()
  const before = await keysOf(store)
  let late = 2
  const list: Store['list'] = async (prefix) => {
    const listing = await store.list(prefix)
    if (late > 0) await put(store, `elb/us-west-2/load-balancer/late-${late}`)
    late -= 1
    return listing
  }
  const lateStore: Store = {
    list,
    get: (key) => store.get(key),
    transact: (conditions, writes) => store.transact(conditions, writes),
    revision: () => store.revision(),
    watch: (prefix, onChange) => store.watch(prefix, onChange),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
  await reset(lateStore, [], noProxies)
  expect(await keysOf(store)).toEqual([...before, 'system'])
})

test('a reset forgets all metrics', async () => {
  const metrics = openMetrics()
  const sum = { count: 1, sum: 2, minimum: 2, maximum: 2 }
  const series = { region: 'us-west-2', namespace: 'mine', name: 'n', dimensions: [], unit: 'None' }
  metrics.addOnce([{ ...series, ...sum, minute: 0 }])
  await reset(await openStore(), [metrics], noProxies)
  expect(metrics.list('us-west-2')).toEqual([])
})

test('a reset leaves no bucket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-reset-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const buckets = bucketsIn(folder)
  await createLogBucket(buckets, 'my-logs')
  await reset(await openStore(), [buckets], noProxies)
  expect(await buckets.records.list()).toEqual([])
  await createLogBucket(buckets, 'my-logs')
})
