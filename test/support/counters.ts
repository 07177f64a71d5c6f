import type { ListenerCounters } from '../../src/snapshot/status.ts'
import { noLatencies } from '../../src/std/latencies.ts'

/** Of a listener that nothing has come to. */
export const nothingCounted: ListenerCounters = {
  loadBalancer: 'lb',
  zone: 'a',
  listener: 'listener',
  connections: 0,
  openConnections: 0,
  refusedConnections: 0,
  requests: 0,
  routed: 0,
  outstanding: 0,
  nonCompliantRequests: {},
  bytesIn: 0,
  bytesOut: 0,
  target2xx: 0,
  target3xx: 0,
  target4xx: 0,
  target5xx: 0,
  engine4xx: 0,
  engine5xx: 0,
  latencies: noLatencies,
  targetConnections: 0,
  targetConnectErrors: 0,
  surgeQueueLength: 0,
  surgeQueuePeak: 0,
  spillovers: 0,
  tlsHandshakeErrors: 0,
}
