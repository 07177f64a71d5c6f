/** What a proxy reports back about the snapshot that it serves. */
import type { Latencies } from '../std/latencies.ts'

/**
 * `initial`: no check has passed since the target was added, and too few have failed to call it unhealthy. One success
 * makes a target healthy that never was, also an unhealthy one.
 * Only `healthy` targets take new traffic.
 */
export type HealthState = 'initial' | 'healthy' | 'unhealthy'

/** The outcome of one check, for people who ask why a target is out. */
export interface CheckResult {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly passed: boolean
  /** What was seen, in a sentence: `connection refused`, `answered 503`, `no answer within 5000 ms`. */
  readonly detail: string
}

export interface TargetHealth {
  /** The HealthCheck.id that this is about. */
  readonly check: string
  readonly state: HealthState
  readonly last: CheckResult | null
}

/** A listener that could not be opened, and why. */
export interface ListenerFailure {
  readonly node: string
  readonly listener: string
  readonly address: string
  readonly port: number
  readonly reason: string
}

/** Running totals of one listener of one node since the proxy thread started; they only grow. */
export interface ListenerCounters {
  readonly loadBalancer: string
  readonly zone: string
  readonly listener: string
  /** Client connections accepted. */
  readonly connections: number
  /** Client connections open now; falls too. */
  readonly openConnections: number
  /** Client connections that the listener's access list does not admit: they are closed at once, and count nowhere else. */
  readonly refusedConnections: number
  /** HTTP requests whose head was complete. */
  readonly requests: number
  /** Requests (HTTP) that went to a target, each once, or connections (TCP) that were made to one. */
  readonly routed: number
  /** Requests or connections that are with a target now, or on their way there; falls too. */
  readonly outstanding: number
  /** Requests that desync mitigation did not classify as compliant, served or not: by reason, those that occurred. */
  readonly nonCompliantRequests: Readonly<Record<string, number>>
  readonly bytesIn: number
  readonly bytesOut: number
  /** Answers of targets by class of their status; those of no class, and a change of the protocol (101), do not count. */
  readonly target2xx: number
  readonly target3xx: number
  readonly target4xx: number
  readonly target5xx: number
  /** Answers that the engine made itself. */
  readonly engine2xx: number
  readonly engine3xx: number
  readonly engine4xx: number
  readonly engine5xx: number
  /** Of both kinds of answers, those with that status. */
  readonly answers404: number
  readonly answers502: number
  /** Answers of targets of no class, and changes of the protocol (101). */
  readonly answersOther: number
  /** Requests that ended before the client got any answer: it left. */
  readonly unanswered: number
  /** Requests that ended with an answer, and the time that they took together, in seconds: from their head being there to their end. */
  readonly answered: number
  readonly answeredSeconds: number
  /**
   * How long targets took, as of the last time that figures were taken (Latency of the guide, p. 92): from a request being sent to the head
   * of the answer (HTTP), or until a connection stood (TCP).
   */
  readonly latencies: Latencies
  /** Connections to a target that were made for a request or a client's connection, */
  readonly targetConnections: number
  /** and that could not be made. */
  readonly targetConnectErrors: number
  /** Requests (HTTP) or connections (TCP) that wait in the surge queue now; falls too. */
  readonly surgeQueueLength: number
  /** The most that waited at once since the report before; falls too. */
  readonly surgeQueuePeak: number
  /** Those that were turned away because the surge queue was full. */
  readonly spillovers: number
  /** Client connections whose TLS handshake was not completed. */
  readonly tlsHandshakeErrors: number
}
