import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readEntry } from '../../../test/support/access-log.ts'
import { bucketsIn, createLogBucket } from '../../../test/support/buckets.ts'
import { connection, exchange } from '../../../test/support/log-reports.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { eventually } from '../../../test/support/peer.ts'
import type { AccessLog, Snapshot } from '../../snapshot/snapshot.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { AccessLogs } from './access-logs.ts'
import { LogDelivery } from './log-delivery.ts'

const minutes = 60_000
const logger = createLogger('silent')

const accessLog: AccessLog = {
  loadBalancerName: 'my-loadbalancer',
  account: '123456789012',
  region: 'us-west-2',
  bucket: 'my-loadbalancer-logs',
  prefix: 'my-app',
  interval: 5 * minutes,
}

function snapshot(change: Partial<AccessLog> | null = {}): Snapshot {
  const node = {
    id: 'n',
    loadBalancer: 'id',
    zone: 'a',
    addresses: ['172.16.1.192'],
    listeners: [{ id: 'l', protocol: 'tcp', port: 80, pool: 'p', idleTimeout: 60_000 } as const],
    ...(change === null ? {} : { accessLog: { ...accessLog, ...change } }),
  }
  return {
    revision: 1,
    system: '',
    nodes: [node],
    pools: [],
    checks: [],
    certificates: [],
    challenges: [],
  }
}

/** A thread's logs, and the delivery that takes them, under a clock at 23:37. */
async function start(options: { memory?: number } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'weir-logs-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const clock = new ManualClock(Date.parse('2014-02-15T23:37:00Z'))
  const buckets = bucketsIn(root)
  for (const name of [accessLog.bucket, 'other-logs']) await createLogBucket(buckets, name)
  const delivery = new LogDelivery({ spool: join(root, 'spool'), buckets, clock, logger })
  delivery.start()
  await delivery.settled()
  const open = delivery.threadFolder()
  let closed = 0
  const logs = new AccessLogs({
    ...options,
    open,
    closed: delivery.closed,
    clock,
    logger,
    onClosed: () => {
      closed += 1
      delivery.deliver()
    },
  })
  onTestFinished(async () => {
    await logs.close()
    await delivery[Symbol.asyncDispose]()
  })
  logs.apply(snapshot())
  /** Resolves when so many files were delivered. */
  const delivered = async (files: number) => {
    await eventually(() => closed >= files)
    await delivery.settled()
    return objects(join(root, 'buckets'))
  }
  return { root, open, clock, logs, delivered }
}

/** The text of all objects, by bucket and key. */
async function objects(folder: string): Promise<Record<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  const texts = await Promise.all(
    paths.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')]),
  )
  return Object.fromEntries(texts)
}

/** Throws when a line is no entry. */
const statuses = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => readEntry(line).elbStatus)

const folder = 'my-loadbalancer-logs/my-app/AWSLogs/123456789012/elasticloadbalancing/us-west-2'
const file = '123456789012_elasticloadbalancing_us-west-2_my-loadbalancer'

test('a file is delivered at each mark of the interval, under the key that the guide gives (p. 97)', async () => {
  const { clock, logs, delivered } = await start()
  logs.exchangeEnded(exchange({ status: 200 }))
  logs.connectionEnded(connection())
  clock.advance(3 * minutes)
  logs.exchangeEnded(exchange({ status: 503 }))
  clock.advance(20 * minutes)
  const [first, second, ...others] = Object.entries(await delivered(2)) as [string, string][]
  expect(others).toEqual([])
  expect(first?.[0]).toMatch(
    new RegExp(
      `^${folder}/2014/02/15/${file}_20140215T2340Z_172\\.16\\.1\\.192_[0-9a-z]{8}\\.log$`,
    ),
  )
  expect(statuses(first?.[1] ?? '')).toEqual(['200', '-'])
  expect(second?.[0]).toContain('_20140215T2345Z_')
  expect(statuses(second?.[1] ?? '')).toEqual(['503'])
})

test('a request that is over just before a mark is in the file that ends there', async () => {
  const { clock, logs, delivered } = await start()
  clock.advance(3 * minutes - 500)
  logs.exchangeEnded(exchange())
  clock.advance(1000)
  expect(Object.keys(await delivered(1))).toEqual([expect.stringContaining('_20140215T2340Z_')])
})

test('every request has one entry, in order, however many come at once', async () => {
  const { clock, logs, delivered } = await start()
  const all = Array.from({ length: 300 }, (_, i) => 100 + i)
  for (const status of all) logs.exchangeEnded(exchange({ status, headBytes: status * 30 }))
  clock.advance(5 * minutes)
  const [text = ''] = Object.values(await delivered(1))
  expect(statuses(text)).toEqual(all.map(String))
})

test('the last file of a day has the date of its end, which is the next day', async () => {
  const { clock, logs, delivered } = await start()
  logs.apply(snapshot({ interval: 60 * minutes, prefix: '' }))
  logs.exchangeEnded(exchange())
  clock.advance(22 * minutes)
  logs.exchangeEnded(exchange())
  clock.advance(minutes)
  const keys = Object.keys(await delivered(1))
  expect(keys).toHaveLength(1)
  expect(keys[0]).toContain('my-loadbalancer-logs/AWSLogs/123456789012/')
  expect(keys[0]).toContain(`/2014/02/16/${file}_20140216T0000Z_`)
})

test('what was logged before a change goes where it was to go, and what is not logged goes nowhere', async () => {
  const { logs, delivered } = await start()
  logs.exchangeEnded(exchange({ status: 200 }))
  logs.apply(snapshot({ bucket: 'other-logs' }))
  logs.exchangeEnded(exchange({ status: 404 }))
  logs.exchangeEnded(exchange({ listener: 'of another load balancer' }))
  logs.apply(snapshot(null))
  logs.exchangeEnded(exchange({ status: 503 }))
  const texts = Object.entries(await delivered(2)).map(([path, text]) => [
    path.split('/')[0],
    statuses(text),
  ])
  expect(texts).toEqual([
    ['my-loadbalancer-logs', ['200']],
    ['other-logs', ['404']],
  ])
})

test('entries are JSON lines where that is asked for', async () => {
  const { logs, delivered } = await start()
  logs.apply(snapshot({ format: 'json' }))
  logs.exchangeEnded(exchange({ status: 404 }))
  logs.connectionEnded(connection())
  logs.apply(snapshot(null))
  const [text = ''] = Object.values(await delivered(1))
  const [first, second, end] = text.split('\n')
  expect(JSON.parse(first ?? '')).toMatchObject({ elb: 'my-loadbalancer', elb_status_code: 404 })
  expect(JSON.parse(second ?? '')).toMatchObject({ elb_status_code: null, sent_bytes: 305 })
  expect(end).toBe('')
})

test('what is more than memory may hold is lost and counted, and the rest is whole', async () => {
  const { clock, logs, delivered } = await start({ memory: 1000 })
  for (let i = 0; i < 100; i += 1) logs.exchangeEnded(exchange())
  clock.advance(5 * minutes)
  const [text = ''] = Object.values(await delivered(1))
  const lost = logs.takeLost()
  expect(lost).toBeGreaterThan(0)
  expect(statuses(text).length).toBeGreaterThan(0)
  expect(statuses(text).length + lost).toBe(100)
  expect(logs.takeLost()).toBe(0)
})

test('what the disk does not take is lost and counted; when it takes entries again, they are logged', async () => {
  const { open, root, clock, logs, delivered } = await start()
  await rm(join(root, 'spool/open'), { recursive: true, force: true })
  await writeFile(join(root, 'spool/open'), 'where a folder should be')
  logs.exchangeEnded(exchange({ status: 503 }))
  clock.advance(1000)
  let lost = 0
  await eventually(() => {
    lost += logs.takeLost()
    return lost === 1
  })
  await rm(join(root, 'spool/open'))
  logs.exchangeEnded(exchange({ status: 200 }))
  clock.advance(5 * minutes)
  const [text = ''] = Object.values(await delivered(1))
  expect(statuses(text)).toEqual(['200'])
  expect(await readdir(open)).toEqual([])
})
