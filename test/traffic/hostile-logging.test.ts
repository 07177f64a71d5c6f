import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tierOf } from '../../src/engine/desync/classification.ts'
import { MetricStore } from '../../src/metrics/metric-store.ts'
import { type Entry, readEntry } from '../support/access-log.ts'
import { eventually } from '../support/eventually.ts'
import { startLogging } from '../support/logging-weir.ts'
import { ManualClock } from '../support/manual-clock.ts'
import type { Weir } from '../support/weir.ts'

const name = 'attacked'

/** Sends it on a connection of its own. Resolves with the status, once Weir has closed that; 0 for none. */
function ask(host: string, text: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 8080 }, () => socket.write(text, 'latin1'))
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (more: string) => {
      answer += more
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Number(answer.slice(9, 12))))
  })
}

const get = (target: string, agent: string) =>
  `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: ${agent}\r\n\r\n`

/** What would be the end of an entry and another one, if it were written as it is. */
const forged = '" - -\n2026-01-01T00:00:00.000000Z attacked 1.2.3.4:5 - -1 -1 -1 200 200 0 0 "GET'

/** What is sent, and what the instance gets and the log says: a control character becomes a space. */
const agents: readonly (readonly [sent: string, logged: string])[] = [
  ['quotes "in" \\"it\\"', 'quotes "in" \\"it\\"'],
  ['a\\x22b\\', 'a\\x22b\\'],
  ['\x1b[2J\x1b]0;title\x07!', '[2J ]0;title !'],
  ['tab\tand\x7fdelete', 'tab\tand delete'],
  ['r\xe9sum\xe9 \xff\xfe', 'r\xe9sum\xe9 \xff\xfe'],
  ['" "-" - -', '" "-" - -'],
  ['', '-'],
]

/** Those that no server has to take: refused or not, each is one line. */
const worse = [
  get('/', forged),
  get(`/${forged}`, 'me'),
  get('/a"b', 'me'),
  get('/\x1b[31m', 'me'),
  get('/', 'nul\0l'),
  get('/', `folded\r\n ${forged.replace('\n', '\r\n ')}`),
  get('/', 'x'.repeat(100_000)),
  get(`/${'y'.repeat(100_000)}`, 'me'),
  get('http://user:"pass"@b/"', 'me'),
  `G"ET / HTTP/1.1\r\nHost: a\r\n\r\n`,
  'GET / HTTP/1.1\r\nHost: a"b\r\nConnection: close\r\n\r\n',
  '\x16\x03\x01 \r\n\r\n',
]

async function entries(data: string): Promise<Entry[]> {
  const bucket = join(data, 'buckets/my-logs')
  const files = await readdir(bucket, { recursive: true, withFileTypes: true })
  const logs = files.filter((file) => file.name.endsWith('.log'))
  const texts = await Promise.all(
    logs.map((one) => readFile(join(one.parentPath, one.name), 'utf8')),
  )
  return texts.flatMap((text) => text.split('\n').slice(0, -1)).map(readEntry)
}

/** Names and labels, without the figures. Why a request is not compliant is one of the engine's own reasons. */
async function prometheusSeries(weir: Weir): Promise<Set<string>> {
  const text = await (await fetch(`${weir.api}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith('weir_'))
  return new Set(
    lines.map((line) => {
      const series = line.slice(0, line.lastIndexOf(' '))
      const [, reason] = /,tier="\w+",reason="([^"]*)"/.exec(series) ?? []
      if (reason !== undefined) expect(tierOf(reason)).toBeDefined()
      return series.replace(/,tier=.*/, '')
    }),
  )
}

/** Those with a head that could be read. */
async function requests(weir: Weir): Promise<number> {
  const text = await (await fetch(`${weir.api}/metrics`)).text()
  return Number(/^weir_requests_total\{.*\} (\d+)$/m.exec(text)?.[1])
}

test('whatever clients send, each request is one line that says it, and metrics stay as many as they are', async () => {
  const { weir, data, node } = await startLogging(name)
  await ask(node, get('/', 'me'))
  await ask(node, 'GET / HTTP/1.1\r\nHost: a\r\n\x01bad: x\r\nConnection: close\r\n\r\n')
  const before = await eventually('counts of both', async () => {
    const series = await prometheusSeries(weir)
    return [...series].some((one) => one.includes('non_compliant')) ? series : undefined
  })
  let sent = 2
  for (const [agent] of agents) {
    expect(await ask(node, get('/agent', agent))).toBe(200)
    sent += 1
  }
  expect(await ask(node, get('/long', 'z'.repeat(12_000)))).toBe(200)
  sent += 1
  for (const text of worse) {
    await ask(node, text)
    sent += 1
  }
  const noise = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 60 }), { numRuns: 300, seed: 7 })
  for (const bytes of noise) {
    const text = Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\r\n]/g, '"')
    await ask(node, get(`/${text}`, text))
    sent += 1
  }
  await eventually('counts of most', async () => (await requests(weir)) > noise.length / 2)
  expect(await prometheusSeries(weir)).toEqual(before)
  expect(await weir.stop()).toBe(0)

  const logged = await entries(data)
  expect(logged).toHaveLength(sent)
  expect(new Set(logged.map(({ elb }) => elb))).toEqual(new Set([name]))
  expect(logged.some(({ client }) => client.startsWith('1.2.3.4'))).toBe(false)
  const told = logged.filter(({ request }) => request.includes('/agent'))
  expect(told.map(({ userAgent }) => userAgent).sort()).toEqual(
    agents.map(([, userAgent]) => userAgent).sort(),
  )
  const [long] = logged.filter(({ request }) => request.includes('/long'))
  expect(long?.userAgent).toBe('z'.repeat(8192))

  using store = MetricStore.open({
    path: join(data, 'metrics.db'),
    maxBytes: 2 ** 30,
    clock: new ManualClock(),
  })
  const series = store.list('us-west-2', 'AWS/ELB')
  const values = new Set(series.flatMap(({ dimensions }) => dimensions.map(({ value }) => value)))
  expect(values).toEqual(new Set([name, 'us-west-2a']))
  const metrics = new Set(series.map((one) => one.name))
  expect(series).toHaveLength(metrics.size * 4)
}, 120_000)
