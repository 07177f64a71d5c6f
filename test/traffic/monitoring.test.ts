/** What Prometheus and OpenTelemetry are told, by control and by the proxy. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createLoadBalancer, Instance, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

interface Pushed {
  readonly service: string
  readonly metrics: readonly PushedMetric[]
}

interface PushedMetric {
  readonly name: string
  readonly sum?: { readonly dataPoints: readonly { asDouble: number }[] }
  readonly histogram?: { readonly dataPoints: readonly { count: number; bucketCounts: number[] }[] }
}

/** As much of OTLP's JSON as is looked at. */
interface OtlpBody {
  readonly resourceMetrics: readonly {
    readonly resource: { attributes: { key: string; value: { stringValue?: string } }[] }
    readonly scopeMetrics: readonly { metrics: PushedMetric[] }[]
  }[]
}

const pushed: Pushed[] = []
let collector: Server
let weir: Weir
let proxy: string
const instances: Instance[] = []

beforeAll(async () => {
  collector = createServer((request, response) => {
    void take(request).finally(() => response.end('{}'))
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const { port } = collector.address() as AddressInfo
  proxy = `127.0.0.1:${await freePort()}`
  weir = await Weir.start({
    args: [
      '--proxy-metrics',
      proxy,
      '--otlp-endpoint',
      `http://127.0.0.1:${port}`,
      '--otlp-interval',
      '1',
    ],
  })
  const answers: Record<string, number> = { '/gone': 404, '/broken': 500 }
  for (const zone of ['us-west-2a', 'us-west-2b']) {
    const instance = await Instance.declare(weir, zone, ({ url = '' }, response) => {
      response.writeHead(answers[url] ?? 200, { 'content-length': 0 }).end()
    })
    instances.push(instance)
  }
  await createLoadBalancer(weir, 'web', instances)
  const [node] = await nodeAddresses(weir, 'web')
  for (const path of ['/', '/', '/', '/gone', '/broken']) {
    await (await fetch(`http://${node}:8080${path}`)).text()
  }
})

afterAll(async () => {
  for (const instance of instances) await instance.stop()
  await weir[Symbol.asyncDispose]()
  collector.closeAllConnections()
  collector.close()
})

async function take(request: IncomingMessage): Promise<void> {
  const { resourceMetrics } = (await json(request)) as OtlpBody
  for (const { resource, scopeMetrics } of resourceMetrics) {
    const name = resource.attributes.find(({ key }) => key === 'service.name')
    const metrics = scopeMetrics.flatMap((scope) => scope.metrics)
    pushed.push({ service: name?.value.stringValue ?? '', metrics })
  }
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const sources = { control: () => `${weir.api}/metrics`, proxy: () => `http://${proxy}/metrics` }

/** The sums of a series over the zones, by its further label. */
async function series(url: string, name: string, label = 'load_balancer') {
  const text = await (await fetch(url)).text()
  const found: Record<string, number> = {}
  for (const [, labels = '', value] of text.matchAll(
    new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'),
  )) {
    const key = new RegExp(`${label}="([^"]*)"`).exec(labels)?.[1] ?? ''
    found[key] = (found[key] ?? 0) + Number(value)
  }
  return found
}

test.each(['control', 'proxy'] as const)(
  '%s tells of each load balancer what its nodes count',
  async (source) => {
    const url = sources[source]()
    await eventually('the counts', async () => (await series(url, 'weir_routed_total')).web === 5)
    expect(await series(url, 'weir_target_responses_total', 'code')).toEqual({
      '2xx': 3,
      '3xx': 0,
      '4xx': 1,
      '5xx': 1,
    })
    expect(await series(url, 'weir_target_latency_seconds_count')).toEqual({ web: 5 })
    expect(await series(url, 'weir_target_latency_seconds_bucket', 'le')).toMatchObject({
      '+Inf': 5,
    })
    expect(await series(url, 'weir_healthy_hosts', 'zone')).toEqual({
      'us-west-2a': 1,
      'us-west-2b': 1,
    })
    expect(await series(url, 'weir_requests_total', 'listener')).toEqual({ 'http-8080': 5 })
  },
)

test.each(['control', 'proxy'] as const)(
  '%s says of each series what it is, once',
  async (source) => {
    const text = await (await fetch(sources[source]())).text()
    const helps = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)].map(([, name]) => name)
    const types = [...text.matchAll(/^# TYPE (\S+) (counter|gauge|histogram|summary)$/gm)].map(
      ([, name]) => name,
    )
    expect(helps.length).toBeGreaterThan(40)
    expect(helps).toEqual(types)
    expect(new Set(helps).size).toBe(helps.length)
  },
)

test('the proxy tells how busy its engine threads are, and whether control is there', async () => {
  const busy = await series(sources.proxy(), 'weir_engine_thread_utilization', 'thread')
  expect(Object.keys(busy)).toEqual(['0', '1'])
  for (const share of Object.values(busy)) expect(share).toBeGreaterThan(0)
  expect(await (await fetch(sources.proxy())).text()).toMatch(/^weir_control_connected 1$/m)
})

test('control and proxy push the same series to an OpenTelemetry collector', async () => {
  for (const service of ['weir-control', 'weir-proxy']) {
    const found = await eventually(`a push of ${service} with the counts`, () =>
      pushed.find((one) => one.service === service && total(one, 'weir_routed_total') === 5),
    )
    const latency = found.metrics.find(({ name }) => name === 'weir_target_latency_seconds')
    const points = latency?.histogram?.dataPoints ?? []
    const count = points.reduce((sum, point) => sum + point.count, 0)
    const inBuckets = points.flatMap(({ bucketCounts }) => bucketCounts)
    expect([count, inBuckets.reduce((sum, bucket) => sum + bucket, 0)]).toEqual([5, 5])
    const names = found.metrics.map(({ name }) => name)
    expect(names).toContain('process_cpu_seconds_total')
  }
})

function total({ metrics }: Pushed, wanted: string): number {
  const points = metrics.find(({ name }) => name === wanted)?.sum?.dataPoints ?? []
  return points.reduce((sum, { asDouble }) => sum + asDouble, 0)
}

test('the dashboard asks only for series that there are', async () => {
  const file = new URL('../../docs/grafana-dashboard.json', import.meta.url)
  const dashboard = readFileSync(file, 'utf8')
  const told = await (await fetch(sources.control())).text()
  const proxyTold = await (await fetch(sources.proxy())).text()
  const names = new Set(`${told}${proxyTold}`.match(/^# TYPE \S+/gm)?.map((line) => line.slice(7)))
  const asked = new Set(dashboard.match(/\b(weir|process|nodejs)_[a-z0-9_]+/g))
  expect(asked.size).toBeGreaterThan(10)
  const base = (name: string) => name.replace(/_(bucket|sum|count)$/, '')
  expect([...asked].filter((name) => !names.has(name) && !names.has(base(name)))).toEqual([])
})
