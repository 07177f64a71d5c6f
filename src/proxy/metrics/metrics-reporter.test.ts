import { appendFile, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { FiguresBatch, NodeFigures, TargetStates } from '../../snapshot/figures.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { HealthState, ListenerCounters } from '../../snapshot/status.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { MetricsReporter } from './metrics-reporter.ts'

const minute = 60_000
const start = Date.parse('2026-01-01T00:00:00Z')

function routed(requests: number, zone = 'a'): NodeFigures {
  return { loadBalancer: 'lb', zone, counts: { routed: requests } }
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'weir-metrics-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** A load balancer with a target in each of two zones. */
const snapshot = {
  nodes: [
    { loadBalancer: 'lb', zone: 'a' },
    { loadBalancer: 'lb', zone: 'b' },
  ],
  pools: [
    {
      loadBalancer: 'lb',
      crossZone: false,
      targets: [
        { id: 't1', zone: 'a', check: 'c1' },
        { id: 't2', zone: 'b', check: 'c2' },
      ],
    },
  ],
} as unknown as Snapshot

/** A reporter whose clock is moved by hand, and the control that it talks to: one that stores, or one that does not answer. */
class Reporting implements AsyncDisposable {
  readonly clock: ManualClock
  readonly sent: FiguresBatch[] = []
  readonly reporter: MetricsReporter
  readonly counters: ListenerCounters[] = []
  readonly health = new Map<string, HealthState>()
  stores: boolean

  constructor(path: string, { stores = true, now = start } = {}) {
    this.stores = stores
    this.clock = new ManualClock(now)
    this.reporter = new MetricsReporter({
      folder: path,
      clock: this.clock,
      logger: createLogger('silent'),
      send: (batch) => {
        this.sent.push(batch)
        if (this.stores) this.reporter.delivered(batch.source, batch.sequence)
      },
      counters: () => this.counters,
      health: () => this.health,
    })
  }

  async second(...figures: NodeFigures[]): Promise<void> {
    this.clock.advance(1000)
    this.reporter.add(figures)
    await this.reporter.second(this.clock.now())
  }

  /** What was counted, by minute. */
  get counted(): Record<number, unknown> {
    return Object.fromEntries(this.sent.map(({ minute, nodes }) => [minute - start, nodes]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stores = true
    this.reporter.connected()
    await this.reporter[Symbol.asyncDispose]()
  }
}

/** Makes what runs have written look as if they had ended: nobody has this process number for so long. */
async function endRuns(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    await rename(join(path, name), join(path, name.replace(/^[^.]+/, '1-1')))
  }
}

test('a minute is handed over when it is over, with what was counted in its last second, each node once', async () => {
  await using reporting = new Reporting(await folder(), { now: start + 57_000 })
  await reporting.second(routed(1), routed(10, 'b'))
  await reporting.second(routed(2))
  expect(reporting.sent).toEqual([])
  await reporting.second(routed(4), routed(8))
  await reporting.second(routed(100))
  await eventually('a minute', () => reporting.sent.length === 1)
  expect(reporting.counted).toEqual({ 0: [routed(15), routed(10, 'b')] })
})

test('a minute in which nothing was counted is not handed over', async () => {
  await using reporting = new Reporting(await folder())
  for (let i = 0; i < 130; i += 1) await reporting.second()
  await reporting.second(routed(1))
  await reporting.reporter[Symbol.asyncDispose]()
  expect(reporting.counted).toEqual({ [2 * minute]: [routed(1)] })
})

test('the most that waited at a node in each second are samples of its surge queue', async () => {
  await using reporting = new Reporting(await folder(), { now: start + 57_000 })
  const listener = { loadBalancer: 'lb', zone: 'a' } as ListenerCounters
  for (const peaks of [[3, 4], [0, 0], [1]]) {
    const counters = peaks.map((surgeQueuePeak) => ({ ...listener, surgeQueuePeak }))
    reporting.counters.splice(0, 2, ...counters)
    await reporting.second()
  }
  await eventually('a minute', () => reporting.sent.length === 1)
  const surgeQueue = { count: 2, sum: 8, minimum: 1, maximum: 7 }
  expect(reporting.counted).toMatchObject({ 0: [{ zone: 'a', surgeQueue }] })
})

test('how targets stand at the end of a minute is of that minute, and health checks that cannot connect count in the zone of their target', async () => {
  await using reporting = new Reporting(await folder(), { now: start + 58_000 })
  reporting.reporter.apply(snapshot)
  reporting.health.set('c1', 'unhealthy').set('c2', 'healthy')
  reporting.reporter.checkConnectError('c1')
  reporting.reporter.checkConnectError('gone')
  await reporting.second()
  reporting.reporter.checkConnectError('c1')
  await reporting.second()
  await eventually('a minute', () => reporting.sent.length === 1)
  const [a, b] = [
    { healthy: 0, unhealthy: 1 },
    { healthy: 1, unhealthy: 0 },
  ]
  const ofZone = (zone: string, counts: NodeFigures['counts'], states: TargetStates) => {
    const state = { openConnections: 0, targets: { inZone: states, inReach: states } }
    return { loadBalancer: 'lb', zone, counts, state }
  }
  expect(reporting.counted).toEqual({
    0: [ofZone('a', { targetConnectErrors: 2 }, a), ofZone('b', {}, b)],
  })
})

test('minutes wait while control is away, and come in order, each until control has it', async () => {
  const path = await folder()
  await using reporting = new Reporting(path, { stores: false })
  for (let i = 0; i < 180; i += 1) await reporting.second(routed(1))
  await eventually('the first again', () => reporting.sent.length === 3)
  expect(new Set(reporting.sent.map(({ sequence }) => sequence))).toEqual(new Set([1]))
  reporting.stores = true
  reporting.reporter.connected()
  await eventually('all', () => reporting.sent.length === 6)
  expect(reporting.counted).toEqual({
    0: [routed(60)],
    [minute]: [routed(60)],
    [2 * minute]: [routed(60)],
  })
  await reporting.reporter[Symbol.asyncDispose]()
  expect(await readdir(path)).toEqual([])
})

test('what a killed run had written, second by second, the next one hands over under the name of the killed one', async () => {
  const path = await folder()
  await using killed = new Reporting(path, { stores: false })
  for (let i = 0; i < 65; i += 1) await killed.second(routed(1))
  const [runFolder = ''] = await readdir(path)
  await appendFile(join(path, runFolder, '2.open'), '[{"loadBalancer":"lb","zo')
  await endRuns(path)

  await using next = new Reporting(path, { now: start + 2 * minute })
  await next.second(routed(1000))
  await eventually('what was left', () => next.sent.length === 2)
  const [source] = new Set(killed.sent.map((batch) => batch.source))
  expect(next.sent).toEqual([
    { source, sequence: 1, minute: start, nodes: [routed(60)] },
    { source, sequence: 2, minute: start + minute, nodes: [routed(5)] },
  ])
  await next.reporter[Symbol.asyncDispose]()
  expect(next.counted[2 * minute]).toEqual([routed(1000)])
  expect(await readdir(path)).toEqual([])
})

test('a run that is still alive keeps what it has', async () => {
  const path = await folder()
  await using alive = new Reporting(path)
  await alive.second(routed(1))
  await using other = new Reporting(path)
  await other.second(routed(2))
  await other.reporter[Symbol.asyncDispose]()
  expect(other.counted).toEqual({ 0: [routed(2)] })
})

test('a proxy that stops hands over the part of the minute that there was', async () => {
  const path = await folder()
  const reporting = new Reporting(path)
  await reporting.second(routed(1))
  reporting.reporter.add([routed(2)])
  await reporting.reporter[Symbol.asyncDispose]()
  expect(reporting.counted).toEqual({ 0: [routed(3)] })
  expect(await readdir(path)).toEqual([])
})

test('a disk that takes nothing costs nothing while control is there', async () => {
  const path = join(await folder(), 'a-file')
  await writeFile(path, '')
  await using reporting = new Reporting(path)
  for (let i = 0; i < 60; i += 1) await reporting.second(routed(1))
  await eventually('a minute', () => reporting.sent.length === 1)
  expect(reporting.counted).toEqual({ 0: [routed(60)] })
  expect(reporting.reporter.lostMinutes).toBe(0)
})

test('files of another format are given up, and counted', async () => {
  const path = await folder()
  await using killed = new Reporting(path, { stores: false })
  for (let i = 0; i < 125; i += 1) await killed.second(routed(1))
  const [runFolder = ''] = await readdir(path)
  await writeFile(join(path, runFolder, '1.batch'), '{"format":99}\n')
  await endRuns(path)
  await using next = new Reporting(path)
  await eventually('the rest', () => next.sent.length === 2)
  expect(next.sent.map(({ sequence }) => sequence)).toEqual([2, 3])
  expect(next.reporter.lostMinutes).toBe(1)
})

const snapshotOf = (system: string, loadBalancer: string) =>
  ({ system, nodes: [{ loadBalancer, zone: 'a' }], pools: [] }) as unknown as Snapshot
const later = (requests: number): NodeFigures => ({ ...routed(requests), loadBalancer: 'later' })

test('of what was counted for another system nothing is kept, nor handed over', async () => {
  const path = await folder()
  const reporting = new Reporting(path, { stores: false, now: start + 58_000 })
  const { reporter, sent } = reporting
  reporter.apply(snapshotOf('before', 'lb'))
  await reporting.second(routed(1))
  await reporting.second(routed(2))
  await eventually('a minute to be sent', () => sent.length === 1)
  await reporting.second(routed(4))
  reporter.apply(snapshotOf('after', 'later'))
  await reporter.settled()
  const run = (await readdir(path)).map((name) => join(path, name))
  expect(await readdir(run[0] ?? '')).toEqual([])
  await reporting.second(routed(8), later(16))
  await reporting[Symbol.asyncDispose]()
  expect(sent.slice(1).flatMap(({ nodes }) => nodes)).toEqual([later(16)])
})

test('after a reset a load balancer that is gone is counted for two minutes at most', async () => {
  const reporting = new Reporting(await folder())
  const { reporter } = reporting
  reporter.apply(snapshotOf('before', 'lb'))
  reporter.apply(snapshotOf('after', 'later'))
  reporter.apply(snapshotOf('after', 'another'))
  await reporter.settled()
  for (let i = 0; i < 180; i += 1) await reporting.second(later(1))
  await reporting[Symbol.asyncDispose]()
  expect(reporting.counted).toEqual({ 0: [later(60)], 60000: [later(60)] })
})
