import { readdir, readFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import { expect, onTestFinished, test } from 'vitest'
import { MetricStore } from '../../src/metrics/metric-store.ts'
import type { NodeFigures } from '../../src/snapshot/figures.ts'
import { readEntry } from '../support/access-log.ts'
import { childProcess } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { startLogging } from '../support/logging-weir.ts'
import { ManualClock } from '../support/manual-clock.ts'
import type { Weir } from '../support/weir.ts'

const name = 'counted'

/** Clients that ask for one path after the other, and know of each whether it was answered. */
class Load {
  readonly answered = new Set<string>()
  /** Paths whose request failed: a load balancer may have counted them, or not. */
  readonly unsure = new Set<string>()
  readonly #agent = new Agent({ keepAlive: true })
  readonly #node: string
  #next = 0
  #running: Promise<unknown> = Promise.resolve()
  #stopping = false

  constructor(node: string) {
    this.#node = node
  }

  async send(requests: number): Promise<void> {
    for (let i = 0; i < requests; i += 1) await this.#one()
  }

  begin(): void {
    this.#stopping = false
    this.#running = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!this.#stopping) if (!(await this.#one())) await pause(50)
      }),
    )
  }

  async reaches(answers: number): Promise<void> {
    await eventually('so many answers', () => this.answered.size >= answers)
  }

  async end(): Promise<void> {
    this.#stopping = true
    await this.#running
  }

  close(): void {
    this.#agent.destroy()
  }

  #one(): Promise<boolean> {
    this.#next += 1
    const path = `/${this.#next}/`
    return new Promise((resolve) => {
      const asked = get({ host: this.#node, port: 8080, path, agent: this.#agent }, (response) => {
        response.resume().on('error', () => undefined)
        response.on('close', () => {
          // A proxy that has just started answers 503 until its first health check.
          const well = response.complete && response.statusCode === 200
          const paths = well ? this.answered : this.unsure
          paths.add(path)
          resolve(well)
        })
      })
      asked.on('error', () => {
        this.unsure.add(path)
        resolve(false)
      })
    })
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

/** What CloudWatch says that there were. */
async function reported(weir: Weir): Promise<number> {
  const client = new CloudWatchClient({
    endpoint: weir.api,
    region: weir.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const now = Date.now()
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/ELB',
      MetricName: 'RequestCount',
      Dimensions: [{ Name: 'LoadBalancerName', Value: name }],
      StartTime: new Date(now - 3_600_000),
      EndTime: new Date(now + 3_600_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  )
  client.destroy()
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)
}

/** What is on the proxy's disk, and not reported yet. */
async function journaled(data: string): Promise<number> {
  let sum = 0
  for (const path of await filesBelow(join(data, 'proxy/metrics'))) {
    if (!path.endsWith('.open')) continue
    const [, ...lines] = (await textOf(path)).split('\n').slice(0, -1)
    for (const line of lines) {
      for (const { counts } of JSON.parse(line) as NodeFigures[]) sum += counts.routed ?? 0
    }
  }
  return sum
}

/** Paths that access logs have lines for, wherever they are on their way; each as often as it is there. */
async function logged(data: string): Promise<string[]> {
  const files = await filesBelow(join(data, 'proxy/access-logs'))
  const delivered = await filesBelow(join(data, 'buckets'))
  const logs = [...files, ...delivered].filter((path) => /(\.log|\/entries)$/.test(path))
  const texts = await Promise.all(logs.map(textOf))
  const lines = texts.flatMap((text) => text.split('\n').slice(0, -1))
  return lines.map((line) => new URL(readEntry(line).request.split(' ')[1] ?? '').pathname)
}

async function kill(weir: Weir, role: 'control' | 'proxy'): Promise<void> {
  const pid = childProcess(weir.process.pid ?? 0, role) ?? 0
  process.kill(pid, 'SIGKILL')
  await eventually(`another ${role}`, () => {
    const next = childProcess(weir.process.pid ?? 0, role)
    return next !== undefined && next !== pid
  })
}

/** All that the metric store has, of a Weir that has stopped. */
function stored(data: string): number {
  const path = join(data, 'metrics.db')
  using store = MetricStore.open({ path, maxBytes: 2 ** 30, clock: new ManualClock() })
  const span = { from: 0, to: Number.MAX_SAFE_INTEGER, period: Number.MAX_SAFE_INTEGER }
  const dimensions = [{ name: 'LoadBalancerName', value: name }]
  const metric = { region: 'us-west-2', namespace: 'AWS/ELB', name: 'RequestCount', dimensions }
  const points = store.points(store.find(metric), span)
  return points.reduce((total, { sum }) => total + sum, 0)
}

test('kills of proxy and control cost what was counted in the last second, and nothing counts twice', async () => {
  const { weir, data, node } = await startLogging(name)
  const load = new Load(node)
  onTestFinished(() => load.close())
  const written = async () => (await journaled(data)) + (await reported(weir))
  /** Everything that clients have seen until now is on the disk: a second has passed. */
  const settled = async () => {
    await eventually('counts', async () => (await written()) === load.answered.size)
    await eventually('lines', async () => load.answered.isSubsetOf(new Set(await logged(data))))
  }

  await load.send(300)
  await settled()
  await kill(weir, 'proxy')
  await eventually('the next proxy to serve', () =>
    load.send(1).then(() => load.answered.size > 300),
  )
  await settled()

  load.begin()
  await load.reaches(600)
  await kill(weir, 'control')
  await eventually('control to answer', () => reported(weir).then(() => true))
  await load.end()
  await settled()
  const safe = new Set(load.answered)

  load.begin()
  await load.reaches(safe.size + 300)
  const atLeast = await written()
  await kill(weir, 'proxy')
  const afterKill = load.answered.size
  await load.reaches(afterKill + 300)
  await load.end()
  expect(await weir.stop()).toBe(0)

  const { answered, unsure } = load
  const sum = stored(data)
  expect(sum).toBeGreaterThanOrEqual(atLeast + answered.size - afterKill)
  expect(sum).toBeLessThanOrEqual(answered.size + unsure.size)
  const lines = await logged(data)
  expect(lines).toHaveLength(new Set(lines).size)
  expect(safe.isSubsetOf(new Set(lines))).toBe(true)
}, 240_000)
