/**
 * What Huawei Cloud's load balancers count, under the names that Cloud Eye has in its namespace SYS.ELB, as Huawei's cloudeye-exporter
 * spells them for Prometheus. Only what is counted is there.
 */
import { Gauge, type Registry } from 'prom-client'
import { loadBalancerOf } from '../../huawei/elb/records.ts'
import { nodeStates } from '../../proxy/metrics/node-states.ts'
import type { Listener } from '../../snapshot/snapshot.ts'
import type { ListenerCounters } from '../../snapshot/status.ts'
import type { Counted, Span } from './last-minute.ts'
import type { Traffic } from './traffic-series.ts'

const prefix = 'huaweicloud_sys_elb_'
const labelNames = ['lbaas_instance_id', 'lbaas_listener_id'] as const

type Labels = Partial<Record<(typeof labelNames)[number], string>>

interface Rate {
  readonly name: string
  readonly help: string
  readonly total: (counters: ListenerCounters) => number
}

const rates: readonly Rate[] = [
  {
    name: 'm4_ncps',
    help: 'New connections of clients per second.',
    total: ({ connections }) => connections,
  },
  {
    name: 'm7_in_Bps',
    help: 'Bytes per second from clients, without headers of TCP and IP, and without TLS.',
    total: ({ bytesIn }) => bytesIn,
  },
  {
    name: 'm8_out_Bps',
    help: 'Bytes per second to clients, without headers of TCP and IP, and without TLS.',
    total: ({ bytesOut }) => bytesOut,
  },
  {
    name: 'm22_in_bandwidth',
    help: 'Bits per second from clients: eight times m7_in_Bps.',
    total: ({ bytesIn }) => bytesIn * 8,
  },
  {
    name: 'm23_out_bandwidth',
    help: 'Bits per second to clients: eight times m8_out_Bps.',
    total: ({ bytesOut }) => bytesOut * 8,
  },
]

const layer7Rates: readonly Rate[] = [
  {
    name: 'mb_l7_qps',
    help: 'HTTP requests per second.',
    total: ({ requests }) => requests,
  },
  {
    name: 'mc_l7_http_2xx',
    help: 'Answers 2xx per second, of backend servers and of the load balancer.',
    total: ({ target2xx, engine2xx }) => target2xx + engine2xx,
  },
  {
    name: 'md_l7_http_3xx',
    help: 'Answers 3xx per second, of backend servers and of the load balancer.',
    total: ({ target3xx, engine3xx }) => target3xx + engine3xx,
  },
  {
    name: 'me_l7_http_4xx',
    help: 'Answers 4xx per second, of backend servers and of the load balancer.',
    total: ({ target4xx, engine4xx }) => target4xx + engine4xx,
  },
  {
    name: 'mf_l7_http_5xx',
    help: 'Answers 5xx per second, of backend servers and of the load balancer.',
    total: ({ target5xx, engine5xx }) => target5xx + engine5xx,
  },
  {
    name: 'm11_l7_http_404',
    help: 'Answers 404 per second, of backend servers and of the load balancer.',
    total: ({ answers404 }) => answers404,
  },
  {
    name: 'm12_l7_http_499',
    help: 'Requests per second whose client left before it got an answer.',
    total: ({ unanswered }) => unanswered,
  },
  {
    name: 'm13_l7_http_502',
    help: 'Answers 502 per second, of backend servers and of the load balancer.',
    total: ({ answers502 }) => answers502,
  },
  {
    name: 'm15_l7_upstream_4xx',
    help: 'Answers 4xx of backend servers per second.',
    total: ({ target4xx }) => target4xx,
  },
  {
    name: 'm16_l7_upstream_5xx',
    help: 'Answers 5xx of backend servers per second.',
    total: ({ target5xx }) => target5xx,
  },
]

interface Average {
  readonly name: string
  readonly help: string
  /** How many there were, */
  readonly count: Rate['total']
  /** and the seconds that they took together. */
  readonly seconds: Rate['total']
}

const averages: readonly Average[] = [
  {
    name: 'm14_l7_rt',
    help: 'Average milliseconds from a request’s head being there to the end of its answer, over the last minute.',
    count: ({ answered }) => answered,
    seconds: ({ answeredSeconds }) => answeredSeconds,
  },
  {
    name: 'm17_l7_upstream_rt',
    help: 'Average milliseconds from a request being sent to a backend server to the head of its answer, over the last minute.',
    count: ({ latencies }) => latencies.count,
    seconds: ({ latencies }) => latencies.sum,
  },
]

/** Of what is counted, that of Huawei Cloud's load balancers: only that is kept for a minute. */
export function huaweiPart(counted: Counted): Counted {
  const own = ({ loadBalancer }: ListenerCounters) => loadBalancerOf(loadBalancer) !== undefined
  return new Map([...counted].map(([source, counters]) => [source, counters.filter(own)]))
}

/** @param spans the last minute, of load balancers of Huawei Cloud's */
export function addHuawei(registry: Registry, traffic: Traffic, spans: readonly Span[]): void {
  const listeners = listenersOf(traffic)
  const own = spans.filter(({ now }) => listeners.has(now.listener))
  const layer7 = own.filter(({ now }) => listeners.get(now.listener)?.protocol === 'http')
  for (const rate of rates) addRate(registry, rate, own)
  for (const rate of layer7Rates) addRate(registry, rate, layer7)
  for (const average of averages) addAverage(registry, average, layer7)
  addConnections(
    registry,
    traffic.counters.filter(({ listener }) => listeners.has(listener)),
  )
  addServers(registry, traffic)
}

/** Those of Huawei Cloud's load balancers that there are, by their identities. */
function listenersOf({ snapshot }: Traffic): Map<string, Listener> {
  const nodes = snapshot?.nodes.filter(({ loadBalancer }) => loadBalancerOf(loadBalancer)) ?? []
  return new Map(nodes.flatMap(({ listeners }) => listeners.map((one) => [one.id, one])))
}

function addRate(registry: Registry, { name, help, total }: Rate, spans: readonly Span[]): void {
  const gauge = newGauge(registry, name, `${help} Over the last minute.`)
  for (const { now, before, seconds } of spans) {
    const rate = growth(total, now, before) / seconds
    for (const labels of bothLabels(now)) gauge.inc(labels, rate)
  }
}

/** Totals of a listener that was made anew begin at zero again. */
function growth(
  total: Rate['total'],
  now: ListenerCounters,
  before: ListenerCounters | undefined,
): number {
  return Math.max(0, total(now) - (before === undefined ? 0 : total(before)))
}

/** Cloud Eye has milliseconds. Without a request there is no average. */
function addAverage(registry: Registry, average: Average, spans: readonly Span[]): void {
  const gauge = newGauge(registry, average.name, average.help)
  const all = spans.flatMap((span) => bothLabels(span.now).map((labels) => ({ labels, span })))
  for (const group of Map.groupBy(all, ({ labels }) => JSON.stringify(labels)).values()) {
    const sum = (total: Rate['total']) =>
      group.reduce((sum, { span }) => sum + growth(total, span.now, span.before), 0)
    const count = sum(average.count)
    if (count > 0) gauge.set(group[0]?.labels ?? {}, (sum(average.seconds) / count) * 1000)
  }
}

function addConnections(registry: Registry, counters: readonly ListenerCounters[]): void {
  const gauge = newGauge(registry, 'm1_cps', 'Connections of clients that are open now.')
  for (const one of counters) {
    for (const labels of bothLabels(one)) gauge.inc(labels, one.openConnections)
  }
}

function addServers(registry: Registry, { snapshot, health, counters }: Traffic): void {
  const normal = newGauge(registry, 'ma_normal_servers', 'Backend servers that are healthy.')
  const abnormal = newGauge(registry, 'm9_abnormal_servers', 'Backend servers that are unhealthy.')
  if (snapshot === undefined) return
  for (const { loadBalancer, state } of nodeStates(snapshot, health, counters)) {
    const id = loadBalancerOf(loadBalancer)?.id
    const servers = state?.targets?.inReach
    if (id === undefined || servers === undefined) continue
    normal.set({ lbaas_instance_id: id }, servers.healthy)
    abnormal.set({ lbaas_instance_id: id }, servers.unhealthy)
  }
}

/** As Cloud Eye has them: of the load balancer, which has no listener, and of the listener. */
function bothLabels({ loadBalancer, listener }: ListenerCounters): [Labels, Labels] {
  const lbaas_instance_id = loadBalancerOf(loadBalancer)?.id ?? ''
  const lbaas_listener_id = listener.slice(listener.lastIndexOf('/') + 1)
  return [{ lbaas_instance_id }, { lbaas_instance_id, lbaas_listener_id }]
}

function newGauge(registry: Registry, name: string, help: string): Gauge<keyof Labels> {
  return new Gauge({ name: prefix + name, help, labelNames, registers: [registry] })
}
