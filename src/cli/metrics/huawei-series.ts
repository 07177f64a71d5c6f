/**
 * What Huawei Cloud's load balancers count, under the names that Cloud Eye has in its namespace SYS.ELB, as Huawei's cloudeye-exporter
 * spells them for Prometheus.
 */
import { Gauge, type Registry } from 'prom-client'
import { loadBalancerOf } from '../../huawei/elb/records.ts'
import { nodeStates } from '../../proxy/metrics/node-states.ts'
import type { Listener } from '../../snapshot/snapshot.ts'
import type { ListenerCounters } from '../../snapshot/status.ts'
import {
  type Level,
  layer7Rates,
  layer7Ratios,
  levels,
  type Rate,
  type Ratio,
  rates,
} from './huawei-metrics.ts'
import type { Counted, Span } from './last-minute.ts'
import type { Traffic } from './traffic-series.ts'

const prefix = 'huaweicloud_sys_elb_'
const labelNames = ['lbaas_instance_id', 'lbaas_listener_id'] as const

type Labels = Partial<Record<(typeof labelNames)[number], string>>

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
  const counters = traffic.counters.filter(({ listener }) => listeners.has(listener))
  for (const level of levels) addLevel(registry, level, counters)
  for (const rate of rates) addRate(registry, rate, own)
  for (const rate of layer7Rates) addRate(registry, rate, layer7)
  for (const ratio of layer7Ratios) addRatio(registry, ratio, layer7)
  addServers(registry, traffic)
}

/** Those of Huawei Cloud's load balancers that there are, by their identities. */
function listenersOf({ snapshot }: Traffic): Map<string, Listener> {
  const nodes = snapshot?.nodes.filter(({ loadBalancer }) => loadBalancerOf(loadBalancer)) ?? []
  return new Map(nodes.flatMap(({ listeners }) => listeners.map((one) => [one.id, one])))
}

function addLevel(
  registry: Registry,
  { name, help, level }: Level,
  counters: readonly ListenerCounters[],
): void {
  const gauge = newGauge(registry, name, help)
  for (const one of counters) {
    for (const labels of bothLabels(one)) gauge.inc(labels, level(one))
  }
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

/** There is none of nothing: without a request, no average. */
function addRatio(registry: Registry, ratio: Ratio, spans: readonly Span[]): void {
  const gauge = newGauge(registry, ratio.name, `${ratio.help} Over the last minute.`)
  const all = spans.flatMap((span) => bothLabels(span.now).map((labels) => ({ labels, span })))
  for (const group of Map.groupBy(all, ({ labels }) => JSON.stringify(labels)).values()) {
    const sum = (total: Rate['total']) =>
      group.reduce((sum, { span }) => sum + growth(total, span.now, span.before), 0)
    const whole = sum(ratio.whole)
    if (whole > 0) gauge.set(group[0]?.labels ?? {}, (sum(ratio.part) / whole) * ratio.units)
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
