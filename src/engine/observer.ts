/**
 * What the engine tells of each request: all that the guide's metrics and access log entries need (p. 90–101). One narrow way out:
 * who counts, logs or traces implements this.
 */
import type { Classification } from './desync/classification.ts'
import type { Target } from './target.ts'

export interface Observer {
  /** A request is over, however it ended. The report is used again after the call: copy what is to be kept. */
  exchangeEnded(report: ExchangeReport): void
}

/** Times are milliseconds on the engine's monotonic clock, with microseconds as fractions; -1: it never came to that. */
export interface ExchangeReport {
  readonly loadBalancer: string
  readonly zone: string
  readonly listener: string
  readonly clientAddress: string
  /** Empty when the request could not be read. */
  readonly method: string
  /** The request target as it came; empty when the request could not be read. */
  readonly requestTarget: string
  /** Minor version of HTTP/1. */
  readonly minor: number
  /** The fields that were passed on, as text: what a log picks from. */
  readonly fields: string
  /** Of desync mitigation. */
  readonly classification: Classification
  /** The last target that the request was given to; null for none. */
  readonly target: Target | null
  /** Milliseconds since the epoch when the request's head was read. */
  readonly time: number
  readonly receivedAt: number
  readonly sentAt: number
  readonly answeredAt: number
  readonly endedAt: number
  /** Of the response that the client got; 0 for none. */
  readonly status: number
  /** Of the target's answer; 0 for none. */
  readonly targetStatus: number
  /** Body bytes from the client and to the client. */
  readonly receivedBytes: number
  readonly sentBytes: number
}
