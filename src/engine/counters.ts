import { Distribution } from '../std/distribution.ts'
import { noLatencies } from '../std/latencies.ts'
import type { Counters } from './context.ts'

/** Of a listener that nothing has come to. */
export function newCounters(loadBalancer: string, zone: string, listener: string): Counters {
  return {
    loadBalancer,
    zone,
    listener,
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
    engine2xx: 0,
    engine3xx: 0,
    engine4xx: 0,
    engine5xx: 0,
    answers404: 0,
    answers502: 0,
    answersOther: 0,
    unanswered: 0,
    answered: 0,
    answeredSeconds: 0,
    latencies: noLatencies,
    targetConnections: 0,
    targetConnectErrors: 0,
    latency: new Distribution(),
    surgeQueueLength: 0,
    surgeQueuePeak: 0,
    spillovers: 0,
    tlsHandshakeErrors: 0,
  }
}
