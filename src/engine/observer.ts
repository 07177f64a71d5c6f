/**
 * What the engine tells of each request, and of each TCP connection: all that the guide's metrics and access log entries need
 * (p. 90–101). One narrow way out: who counts, logs or traces implements this.
 */
import type { Classification } from './desync/classification.ts'
import type { Endpoint } from './endpoint.ts'
import type { Target } from './target.ts'
import type { TlsFacts } from './wire/tls.ts'

export interface Observer {
  /** A request is over, however it ended. The report is used again after the call: copy what is to be kept. What its members refer to stays. */
  exchangeEnded(report: ExchangeReport): void
  /** A connection of a TCP listener is over, on both sides. */
  connectionEnded(report: ConnectionReport): void
}

/** The client's end of a connection; stays as it is when that is over. */
export interface ClientEnd extends Endpoint {
  /** What it connected to. */
  readonly entrance: Endpoint
  /** null: it does not speak TLS. */
  readonly tls: TlsFacts | null
  /** Whom it asked for in the handshake, one character a byte (RFC 6066, section 3); null: nobody. */
  readonly serverName: string | null
}

/** Times are milliseconds on the engine's monotonic clock, with microseconds as fractions; -1: it never came to that. */
interface Report {
  readonly loadBalancer: string
  readonly zone: string
  readonly listener: string
  readonly client: ClientEnd
  /** The last target that was tried; null for none. */
  readonly target: Target | null
  readonly endedAt: number
}

export interface ExchangeReport extends Report {
  /** Empty when the request could not be read. */
  readonly method: string
  /** The request target as it came; empty when the request could not be read. */
  readonly requestTarget: string
  /** Of HTTP, between the client and the load balancer. */
  readonly version: '1.0' | '1.1' | '2.0'
  /** Of the Host field and of others that logs have; empty for none. */
  readonly host: string
  readonly userAgent: string
  readonly referer: string
  /** Bytes of the request's head, as HTTP/1.1 has it; 0 when it could not be read. */
  readonly headBytes: number
  /** What the client sent as X-Forwarded-For; empty for nothing. */
  readonly forwardedFor: string
  /** {@link Pool.id} of the pool that the request was for; empty for none. */
  readonly pool: string
  /** Of desync mitigation. */
  readonly classification: Classification
  /** Milliseconds since the epoch when the request's head was read. */
  readonly time: number
  readonly receivedAt: number
  /** The connection to {@link target} was begun; -1: there was one already. */
  readonly connectingAt: number
  /** The request went to the target. */
  readonly sentAt: number
  /** The head of the target's answer came, */
  readonly answeredAt: number
  /** and went to the client. */
  readonly respondedAt: number
  /** Of the response that the client got; 0 for none. */
  readonly status: number
  /** Of the target's answer; 0 for none. */
  readonly targetStatus: number
  /** Bytes of the response's final head, as HTTP/1.1 has it; 0 for none. */
  readonly sentHeadBytes: number
  /** Body bytes from the client and to the client. */
  readonly receivedBytes: number
  readonly sentBytes: number
}

export interface ConnectionReport extends Report {
  /** Milliseconds since the epoch when the connection was accepted. */
  readonly time: number
  readonly acceptedAt: number
  /** The connection to the target was begun, */
  readonly connectingAt: number
  /** and stood. */
  readonly connectedAt: number
  /** The client's first byte went to the target. */
  readonly sentAt: number
  /** The target's first byte came, */
  readonly answeredAt: number
  /** and went to the client. */
  readonly respondedAt: number
  /** Bytes from the client and to the client. */
  readonly receivedBytes: number
  readonly sentBytes: number
}
