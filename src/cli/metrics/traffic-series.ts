/**
 * What nodes have counted, as series of Prometheus. Labels are names of load balancers, zones, listeners and kinds of answers: how many series
 * there are does not depend on what clients send.
 */
import { Counter, Gauge, type Registry } from 'prom-client'
import { loadBalancerOf } from '../../aws/elb/records.ts'
import { tierOf } from '../../engine/desync/classification.ts'
import { nodeStates } from '../../proxy/metrics/node-states.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { HealthState, ListenerCounters } from '../../snapshot/status.ts'
import { addHuawei } from './huawei-series.ts'
import type { Span } from './last-minute.ts'
import { LatencyHistogram } from './latency-histogram.ts'

export interface Traffic {
  readonly counters: readonly ListenerCounters[]
  /** In force; undefined: none yet. */
  readonly snapshot: Snapshot | undefined
  /** By HealthCheck.id. */
  readonly health: ReadonlyMap<string, HealthState>
  /** Listeners that could not be opened. */
  readonly listenerFailures: number
  readonly lostLogEntries: number
  readonly lostFigures: number
}

const nodeLabels = ['region', 'load_balancer', 'zone'] as const
const listenerLabels = [...nodeLabels, 'listener'] as const

/** Those that are one number. */
type Figure = {
  [K in keyof ListenerCounters]: ListenerCounters[K] extends number ? K : never
}[keyof ListenerCounters]

interface Series {
  readonly name: string
  readonly help: string
  readonly figure: Figure
  /** Of one that has several figures. */
  readonly code?: string
}

const totals: readonly Series[] = [
  {
    name: 'weir_client_connections_total',
    help: 'Connections of clients that were accepted.',
    figure: 'connections',
  },
  {
    name: 'weir_refused_connections_total',
    help: 'Connections of clients that an access list refused.',
    figure: 'refusedConnections',
  },
  {
    name: 'weir_tls_handshake_errors_total',
    help: 'Connections of clients whose TLS handshake was not completed.',
    figure: 'tlsHandshakeErrors',
  },
  {
    name: 'weir_requests_total',
    help: 'HTTP requests whose head was complete.',
    figure: 'requests',
  },
  {
    name: 'weir_routed_total',
    help: 'HTTP requests that went to an instance, and TCP connections that were made to one (RequestCount).',
    figure: 'routed',
  },
  { name: 'weir_received_bytes_total', help: 'Bytes from clients.', figure: 'bytesIn' },
  { name: 'weir_sent_bytes_total', help: 'Bytes to clients.', figure: 'bytesOut' },
  {
    name: 'weir_target_connections_total',
    help: 'Connections to instances that were made for a request or a client’s connection.',
    figure: 'targetConnections',
  },
  {
    name: 'weir_target_connect_errors_total',
    help: 'Connections to instances that could not be made; those of health checks are not in here.',
    figure: 'targetConnectErrors',
  },
  {
    name: 'weir_spillovers_total',
    help: 'Requests and connections that were turned away because the surge queue was full (SpilloverCount).',
    figure: 'spillovers',
  },
]

const targetResponses = {
  name: 'weir_target_responses_total',
  help: 'Final answers of instances, by class of their status (HTTPCode_Backend_XXX).',
}
const ownResponses = {
  name: 'weir_own_responses_total',
  help: 'Answers that Weir made itself, by class of their status (HTTPCode_ELB_XXX; 2xx and 3xx: of rules that answer or redirect).',
}
const responses: readonly Series[] = [
  { ...targetResponses, figure: 'target2xx', code: '2xx' },
  { ...targetResponses, figure: 'target3xx', code: '3xx' },
  { ...targetResponses, figure: 'target4xx', code: '4xx' },
  { ...targetResponses, figure: 'target5xx', code: '5xx' },
  { ...ownResponses, figure: 'engine2xx', code: '2xx' },
  { ...ownResponses, figure: 'engine3xx', code: '3xx' },
  { ...ownResponses, figure: 'engine4xx', code: '4xx' },
  { ...ownResponses, figure: 'engine5xx', code: '5xx' },
]

const levels: readonly Series[] = [
  {
    name: 'weir_open_client_connections',
    help: 'Connections of clients that are open now.',
    figure: 'openConnections',
  },
  {
    name: 'weir_outstanding',
    help: 'Requests and TCP connections that are with an instance now, or on their way there.',
    figure: 'outstanding',
  },
  {
    name: 'weir_surge_queue_length',
    help: 'Requests and connections that wait in the surge queue now.',
    figure: 'surgeQueueLength',
  },
  {
    name: 'weir_surge_queue_peak',
    help: 'The most that waited in the surge queue in the last second, summed over engine threads.',
    figure: 'surgeQueuePeak',
  },
]

/** @param spans the last minute, of Huawei Cloud's load balancers */
export function addTraffic(registry: Registry, traffic: Traffic, spans: readonly Span[]): void {
  const { counters } = traffic
  for (const series of totals) {
    const counter = new Counter({ ...series, labelNames: listenerLabels, registers: [registry] })
    for (const one of counters) counter.inc(ofListener(one), one[series.figure])
  }
  for (const series of levels) {
    const gauge = new Gauge({ ...series, labelNames: listenerLabels, registers: [registry] })
    for (const one of counters) gauge.inc(ofListener(one), one[series.figure])
  }
  addResponses(registry, counters)
  addNonCompliant(registry, counters)
  addLatencies(registry, counters)
  addHosts(registry, traffic)
  addLosses(registry, traffic)
  addHuawei(registry, traffic, spans)
}

function addResponses(registry: Registry, counters: readonly ListenerCounters[]): void {
  const labelNames = [...listenerLabels, 'code']
  const byName = Map.groupBy(responses, ({ name }) => name)
  for (const [name, codes] of byName) {
    const help = codes[0]?.help ?? ''
    const counter = new Counter({ name, help, labelNames, registers: [registry] })
    for (const one of counters) {
      for (const { code, figure } of codes) {
        counter.inc({ ...ofListener(one), code: code ?? '' }, one[figure])
      }
    }
  }
}

function addNonCompliant(registry: Registry, counters: readonly ListenerCounters[]): void {
  const counter = new Counter({
    name: 'weir_non_compliant_requests_total',
    help: 'Requests that do not comply with HTTP (desync mitigation), served or not.',
    labelNames: [...listenerLabels, 'tier', 'reason'],
    registers: [registry],
  })
  for (const one of counters) {
    for (const [reason, requests] of Object.entries(one.nonCompliantRequests)) {
      const tier = tierOf(reason)
      if (tier !== undefined) counter.inc({ ...ofListener(one), tier, reason }, requests)
    }
  }
}

function addLatencies(registry: Registry, counters: readonly ListenerCounters[]): void {
  const histogram = new LatencyHistogram({
    name: 'weir_target_latency_seconds',
    help: 'From a request being sent to an instance to the head of its answer (HTTP), or until a connection to it stood (TCP).',
    labelNames: listenerLabels,
  })
  registry.registerMetric(histogram)
  for (const one of counters) {
    if (one.latencies.count > 0) histogram.merge(ofListener(one), one.latencies)
  }
}

/** As HealthyHostCount and UnHealthyHostCount with a zone: the instances in the zone. */
function addHosts(registry: Registry, { snapshot, health, counters }: Traffic): void {
  const options = { labelNames: nodeLabels, registers: [registry] }
  const healthy = new Gauge({
    ...options,
    name: 'weir_healthy_hosts',
    help: 'Healthy instances in the zone.',
  })
  const unhealthy = new Gauge({
    ...options,
    name: 'weir_unhealthy_hosts',
    help: 'Unhealthy instances in the zone.',
  })
  if (snapshot === undefined) return
  for (const node of nodeStates(snapshot, health, counters)) {
    const inZone = node.state?.targets?.inZone
    if (inZone === undefined) continue
    healthy.set(ofNode(node), inZone.healthy)
    unhealthy.set(ofNode(node), inZone.unhealthy)
  }
}

function addLosses(
  registry: Registry,
  { listenerFailures, lostLogEntries, lostFigures }: Traffic,
): void {
  new Gauge({
    name: 'weir_listener_failures',
    help: 'Listeners that could not be opened.',
    registers: [registry],
  }).set(listenerFailures)
  new Counter({
    name: 'weir_lost_access_log_entries_total',
    help: 'Access log entries that were lost: the disk was full or too slow, or the bucket took none.',
    registers: [registry],
  }).inc(lostLogEntries)
  new Counter({
    name: 'weir_lost_metric_minutes_total',
    help: 'Minutes of a proxy’s metrics that were given up: control did not take them in time.',
    registers: [registry],
  }).inc(lostFigures)
}

type NodeName = { readonly loadBalancer: string; readonly zone: string }

/** Identities that are not AWS's stand for themselves. */
function ofNode({ loadBalancer, zone }: NodeName): Record<(typeof nodeLabels)[number], string> {
  const { region, name } = loadBalancerOf(loadBalancer) ?? { region: '', name: loadBalancer }
  return { region, load_balancer: name, zone }
}

function ofListener(counters: ListenerCounters): Record<(typeof listenerLabels)[number], string> {
  const { listener } = counters
  return { ...ofNode(counters), listener: listener.slice(listener.lastIndexOf('/') + 1) }
}
