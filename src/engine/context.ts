import type { DesyncMode, ErrorAnswers, HttpTimeouts, Retries } from '../snapshot/snapshot.ts'
import type { ListenerCounters } from '../snapshot/status.ts'
import type { Clock } from '../std/clock.ts'
import type { Distribution } from '../std/distribution.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { AddressSets } from './access/address-sets.ts'
import type { Challenges } from './challenges.ts'
import type { Reason } from './desync/classification.ts'
import type { ForwardedFields } from './http1/forwarded-fields.ts'
import type { Handlings } from './http1/handling.ts'
import type { HttpLimits } from './http1/limits.ts'
import type { StreamPool } from './http2/stream-pool.ts'
import type { Observer } from './observer.ts'
import type { Patterns } from './routing/patterns.ts'
import type { Route } from './routing/route.ts'
import type { Rules } from './routing/rules.ts'
import type { TimerWheel } from './timer-wheel.ts'
import type { CertificateNames } from './tls/certificate-names.ts'
import type { SecureContexts } from './tls/secure-contexts.ts'
import type { WireKind } from './wire/wire.ts'

/** What every part of one engine shares. */
export interface EngineContext {
  readonly wheel: TimerWheel
  readonly logger: Logger
  readonly wireKind: WireKind
  readonly clock: Clock
  readonly observer: Observer | null
  readonly limits: HttpLimits
  readonly challenges: Challenges
  readonly secureContexts: SecureContexts
  readonly certificateNames: CertificateNames
  readonly addressSets: AddressSets
  readonly patterns: Patterns
  /** How many engines serve the same nodes together: what is bounded per node is shared out equally. */
  readonly engines: number
  readonly open: { clientConnections: number; targetConnections: number }
  /** A client connection that was counted in `open` is gone. */
  readonly clientClosed: () => void
}

export type Counters = {
  -readonly [K in keyof ListenerCounters]: ListenerCounters[K]
} & {
  readonly nonCompliantRequests: { [R in Reason]?: number }
  /** Seconds, as the guide has Latency (p. 92): from a request being sent to the head of the answer (HTTP), or until a connection stands (TCP). */
  readonly latency: Distribution
}

/** What a client connection needs of the listener that it came in by. Read anew at each use: a snapshot may change it. */
export interface Service {
  readonly context: EngineContext
  readonly counters: Counters
  readonly port: number
  readonly idleTimeout: number
  /** Of HTTP listeners that tell the parts of a request apart. */
  readonly timeouts: HttpTimeouts | undefined
  readonly handlings: Handlings
  readonly streams: StreamPool
  readonly desync: DesyncMode
  readonly retries: Retries
  readonly errors: ErrorAnswers
  /** What targets are told about clients. */
  readonly forwarded: ForwardedFields
  /** Where requests go that no rule says more of. */
  readonly route: Route
  /** What goes before the route; null: nothing does. */
  readonly rules: Rules | null
  /** Begin connections to targets with a line of proxy protocol. */
  readonly proxyProtocol: boolean
}

/** A client's connection as its listener sees it. */
export interface ClientSide {
  /** Ends what it has with members that may keep it no longer. A client that can send another request may stay. */
  endWithdrawn(): void
  /** Close as soon as no request is in flight. */
  retire(): void
  /** Its listener is gone: as retire, and what is not made of requests closes at once. */
  abandon(): void
  /** Close now. */
  destroy(): void
  /** The idle timeout changed. */
  reschedule(): void
}
