import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { madeEvent } from '../../test/support/api-events.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { createLogger } from '../telemetry/logger.ts'
import type { ApiEvent } from './event.ts'
import { type Attribute, EventDatabase, type Search, searchSql } from './event-database.ts'
import { EventHistory, type EventHistoryOptions } from './event-history.ts'

const clock = new ManualClock(Date.parse('2026-03-01T00:00:00Z'))

function path(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-history-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'events.db')
}

function open(options: Partial<EventHistoryOptions> = {}): EventHistory {
  const history = new EventHistory({
    path: options.path ?? path(),
    patience: 0,
    maxBytes: 10 ** 9,
    clock,
    logger: createLogger('silent'),
    trailsFor: () => [],
    ...options,
  })
  onTestFinished(() => history[Symbol.dispose]())
  return history
}

const end = { time: Number.MAX_SAFE_INTEGER, sequence: 0 }

function found(history: EventHistory, search: Partial<Search> = {}): string[] {
  const all = { region: 'us-west-2', attribute: undefined, from: 0, after: end, limit: 50 }
  return history.search({ ...all, ...search }).map(({ record }) => JSON.parse(record).eventName)
}

const event = (name: string, more: Parameters<typeof madeEvent>[1] = {}): ApiEvent =>
  madeEvent(name, { time: clock.now(), ...more })

test('an event of a change is durable when it is recorded', async () => {
  const file = path()
  const history = open({ path: file })
  await Promise.all([history.record(event('CreateA')), history.record(event('CreateB'))])
  // As a kill leaves it: nothing is closed.
  const copy = `${file}-copy`
  copyFileSync(file, copy)
  copyFileSync(`${file}-wal`, `${copy}-wal`)
  const database = new DatabaseSync(copy)
  expect(database.prepare('SELECT name FROM event ORDER BY sequence').all()).toEqual([
    { name: 'CreateA' },
    { name: 'CreateB' },
  ])
  database.close()
})

test('events of calls that only read are written within a second', async () => {
  const history = open()
  await history.record(event('DescribeA', { readOnly: true }))
  const count = history.database.prepare('SELECT count(*) AS count FROM event')
  expect(count.get()?.count).toBe(0)
  clock.advance(1000)
  expect(count.get()?.count).toBe(1)
})

test('events come newest first, page after page, each once', async () => {
  const history = open()
  for (let n = 0; n < 25; n += 1) {
    // Several of the same time, and one of a clock that was set back.
    const time = clock.now() + (n === 12 ? -5000 : Math.floor(n / 3))
    await history.record(event(`Create${n}`, { time }))
  }
  const names: string[] = []
  for (let after = end; ; ) {
    const page = history.search({
      region: 'us-west-2',
      attribute: undefined,
      from: 0,
      after,
      limit: 7,
    })
    const last = page.at(-1)
    if (last === undefined) break
    names.push(...page.map(({ record }) => JSON.parse(record).eventName))
    after = last
  }
  const expected = Array.from({ length: 25 }, (_, n) => 24 - n).filter((n) => n !== 12)
  expect(names).toEqual([...expected, 12].map((n) => `Create${n}`))
})

test.each([
  [{ by: 'name', value: 'DeleteB' }, ['DeleteB']],
  [{ by: 'readOnly', value: 'true' }, ['DescribeC']],
  [{ by: 'username', value: 'root' }, ['DescribeC', 'DeleteB', 'CreateA']],
  [{ by: 'source', value: 'ec2.amazonaws.com' }, ['DeleteB']],
  [{ by: 'accessKey', value: 'AKIAOTHER' }, ['CreateA']],
  [{ by: 'resourceName', value: 'web' }, ['DeleteB', 'CreateA']],
  [{ by: 'resourceType', value: 'AWS::EC2::Subnet' }, ['CreateA']],
  [{ by: 'name', value: 'deleteb' }, []],
] as [Attribute, string[]][])('events are found by %j', async (attribute, names) => {
  const history = open()
  const loadBalancer = { type: 'AWS::ElasticLoadBalancing::LoadBalancer', name: 'web' }
  const subnets = ['subnet-1', 'subnet-2'].map((name) => ({ type: 'AWS::EC2::Subnet', name }))
  await history.record(
    event('CreateA', { accessKeyId: 'AKIAOTHER', resources: [loadBalancer, ...subnets] }),
  )
  await history.record(
    event('DeleteB', { source: 'ec2', resources: [loadBalancer, { type: 'other', name: 'web' }] }),
  )
  await history.record(event('DescribeC', { readOnly: true }))
  await history.record(event('CreateD', { region: 'eu-west-1', resources: [loadBalancer] }))
  expect(found(history, { attribute })).toEqual(names)
})

test('no search reads through the events of others', () => {
  const database = new EventDatabase(path(), 0)
  onTestFinished(() => database[Symbol.dispose]())
  const attributes = ['id', 'name', 'readOnly', 'username', 'source', 'accessKey'] as const
  for (const by of [undefined, ...attributes, 'resourceType', 'resourceName'] as const) {
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${searchSql(by)}`).all()
    const steps = plan.map(({ detail }) => String(detail)).join('; ')
    expect(steps).toMatch(/SEARCH (event|resource) USING/)
    expect(steps).not.toMatch(/SCAN (event|resource)|TEMP B-TREE/)
  }
})

test('events are kept for 90 days', async () => {
  const history = open()
  for (let n = 0; n < 1100; n += 1) void history.record(event(`Old${n}`))
  clock.advance(24 * 3_600_000)
  await history.record(event('New'))
  clock.advance(89 * 24 * 3_600_000 - 1000)
  expect(found(history).length).toBe(50)
  clock.advance(2 * 3_600_000)
  expect(found(history)).toEqual(['New'])
})

test('the oldest events go when the history is full, those of nobody known before all others', async () => {
  const maxBytes = 6_000_000
  const history = open({ maxBytes })
  const userAgent = 'x'.repeat(1000)
  await history.record(event('First'))
  for (let n = 0; n < 6000; n += 1) {
    void history.record(event('Forged', { userAgent, foreign: true }))
  }
  await history.record(event('Second'))
  expect(history.database.size).toBeLessThanOrEqual(maxBytes)
  const attribute = (value: string) => ({ attribute: { by: 'name', value } as const })
  expect(found(history, attribute('First'))).toEqual(['First'])
  expect(found(history, attribute('Second'))).toEqual(['Second'])
  for (let n = 0; n < 6000; n += 1) void history.record(event(`Real${n}`, { userAgent }))
  await history.record(event('Last'))
  expect(history.database.size).toBeLessThanOrEqual(maxBytes)
  expect(found(history)[0]).toBe('Last')
  expect(found(history, attribute('First'))).toEqual([])
})

test('a full disk stops no call, and gets what waited when it takes it', async () => {
  const lines: string[] = []
  const logger = createLogger('error', {}, { write: (line) => void lines.push(line) })
  const history = open({ logger })
  await history.record(event('CreateA'))
  const pages = (count: number) =>
    history.database.prepare(`PRAGMA max_page_count = ${count}`).get()?.max_page_count
  pages(1)
  const userAgent = 'x'.repeat(1000)
  for (let n = 0; n < 1010; n += 1) void history.record(event(`Create${n}`, { userAgent }))
  await history.record(event('CreateLast'))
  expect(found(history)).toEqual(['CreateA'])
  expect(lines.map((line) => JSON.parse(line).lost).find((lost) => lost > 0)).toBe(11)
  pages(10_000)
  clock.advance(1000)
  expect(found(history).slice(0, 2)).toEqual(['CreateLast', 'Create1009'])
})

test('a history that was closed is there when it is opened again', async () => {
  const file = path()
  const first = open({ path: file })
  await first.record(event('CreateA'))
  await first.record(event('DescribeB', { readOnly: true }))
  first[Symbol.dispose]()
  expect(found(open({ path: file }))).toEqual(['DescribeB', 'CreateA'])
})
