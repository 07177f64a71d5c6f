/** `/metrics`: what the proxies report, as Prometheus text, and control's own process figures. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { tierOf } from '../engine/desync/classification.ts'
import type { StatusBoard } from '../reconcile/status-board.ts'
import type { ListenerCounters } from '../snapshot/status.ts'

const labelNames = ['load_balancer', 'zone', 'listener'] as const

/** Those that are one number. */
type Figure = {
  [K in keyof ListenerCounters]: ListenerCounters[K] extends number ? K : never
}[keyof ListenerCounters]

const totals: readonly [name: string, help: string, field: Figure][] = [
  ['weir_client_connections_total', 'Client connections accepted.', 'connections'],
  [
    'weir_refused_connections_total',
    'Client connections that an access list refused.',
    'refusedConnections',
  ],
  ['weir_requests_total', 'HTTP requests whose head was complete.', 'requests'],
  ['weir_received_bytes_total', 'Bytes received from clients.', 'bytesIn'],
  ['weir_sent_bytes_total', 'Bytes sent to clients.', 'bytesOut'],
  ['weir_target_2xx_total', 'Answers of instances with a 2xx status.', 'target2xx'],
  ['weir_target_3xx_total', 'Answers of instances with a 3xx status.', 'target3xx'],
  ['weir_target_4xx_total', 'Answers of instances with a 4xx status.', 'target4xx'],
  ['weir_target_5xx_total', 'Answers of instances with a 5xx status.', 'target5xx'],
  ['weir_engine_4xx_total', 'Client errors that Weir answered itself.', 'engine4xx'],
  ['weir_engine_5xx_total', 'Server errors that Weir answered itself.', 'engine5xx'],
  [
    'weir_target_milliseconds_total',
    'Time that instances took to begin their answers, in milliseconds.',
    'targetMilliseconds',
  ],
  [
    'weir_target_connect_errors_total',
    'Connections to instances that failed.',
    'targetConnectErrors',
  ],
  ['weir_spillovers_total', 'Turned away because the surge queue was full.', 'spillovers'],
  [
    'weir_tls_handshake_errors_total',
    'Client connections whose TLS handshake was not completed.',
    'tlsHandshakeErrors',
  ],
]

const levels: typeof totals = [
  ['weir_open_client_connections', 'Client connections open now.', 'openConnections'],
  ['weir_surge_queue_length', 'Waiting in the surge queue now.', 'surgeQueueLength'],
  [
    'weir_surge_queue_peak',
    'The most that waited in the surge queue in the last second, summed over engine threads.',
    'surgeQueuePeak',
  ],
]

/** A fresh registry a scrape: series of deleted load balancers are not kept. */
export async function metricsText(board: StatusBoard, process: Registry): Promise<string> {
  const registry = new Registry()
  const counters = board.counters()
  for (const [name, help, field] of totals) {
    const counter = new Counter({ name, help, labelNames, registers: [registry] })
    for (const one of counters) counter.inc(labels(one), one[field])
  }
  countNonCompliant(registry, counters)
  new Counter({
    name: 'weir_lost_access_log_entries_total',
    help: 'Access log entries that were lost: the disk was full or too slow, or the bucket took none.',
    registers: [registry],
  }).inc(board.lostLogEntries())
  new Counter({
    name: 'weir_lost_metric_minutes_total',
    help: 'Minutes of which a proxy had to throw away what it had counted for metrics, because control did not take it.',
    registers: [registry],
  }).inc(board.lostFigures())
  gauge(registry, 'weir_proxies_connected', 'Proxies linked to control.').set(board.connected)
  gauge(registry, 'weir_listener_failures', 'Listeners that could not be opened.').set(
    board.failures().length,
  )
  for (const [name, help, field] of levels) {
    const level = new Gauge({ name, help, labelNames, registers: [registry] })
    for (const one of counters) level.inc(labels(one), one[field])
  }
  return `${await registry.metrics()}\n${await process.metrics()}`
}

export function processMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

function countNonCompliant(registry: Registry, counters: readonly ListenerCounters[]): void {
  const counter = new Counter({
    name: 'weir_non_compliant_requests_total',
    help: 'Requests that do not comply with HTTP (desync mitigation), served or not.',
    labelNames: [...labelNames, 'tier', 'reason'],
    registers: [registry],
  })
  for (const one of counters) {
    for (const [reason, requests] of Object.entries(one.nonCompliantRequests)) {
      const tier = tierOf(reason)
      if (tier !== undefined) counter.inc({ ...labels(one), tier, reason }, requests)
    }
  }
}

function gauge(registry: Registry, name: string, help: string): Gauge {
  return new Gauge({ name, help, registers: [registry] })
}

function labels(counters: ListenerCounters): Record<(typeof labelNames)[number], string> {
  return {
    load_balancer: counters.loadBalancer,
    zone: counters.zone,
    listener: counters.listener.slice(counters.listener.lastIndexOf('/') + 1),
  }
}
