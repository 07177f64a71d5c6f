import type { HttpTimeouts } from '../snapshot/snapshot.ts'
import type { ListenerCounters } from '../snapshot/status.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Selector } from './balance/selector.ts'
import type { Observer } from './observer.ts'
import type { Target } from './target.ts'
import type { TimerWheel } from './timer-wheel.ts'
import type { WireKind } from './wire/wire.ts'

/** What every part of one engine shares. */
export interface EngineContext {
  readonly wheel: TimerWheel
  readonly logger: Logger
  readonly wireKind: WireKind
  /** Wall-clock milliseconds. */
  readonly now: () => number
  /** Milliseconds that never go back, with microseconds as fractions. */
  readonly monotonic: () => number
  readonly observer: Observer | null
  readonly open: { clientConnections: number; targetConnections: number }
  /** A client connection that was counted in `open` is gone. */
  readonly clientClosed: () => void
}

export type Counters = { -readonly [K in keyof ListenerCounters]: ListenerCounters[K] }

/** What a client connection needs of the listener that it came in by. Read anew at each use: a snapshot may change it. */
export interface Service {
  readonly context: EngineContext
  readonly counters: Counters
  readonly port: number
  readonly idleTimeout: number
  /** Of HTTP listeners that tell the parts of a request apart. */
  readonly timeouts: HttpTimeouts | undefined
  readonly selector: Selector<Target>
  /** Begin connections to targets with a line of proxy protocol. */
  readonly proxyProtocol: boolean
}

/** A client's connection as its listener sees it. */
export interface ClientSide {
  /** The target that a TCP connection is bound to; undefined where requests choose anew. */
  readonly boundTo: Target | undefined
  /** Close as soon as no request is in flight. */
  retire(): void
  /** Its listener is gone: as retire, and what is not made of requests closes at once. */
  abandon(): void
  /** Close now. */
  destroy(): void
  /** The idle timeout changed. */
  reschedule(): void
}
