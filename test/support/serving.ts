import type { ConnectionOptions } from 'node:tls'
import { Engine } from '../../src/engine/engine.ts'
import type { HttpLimits } from '../../src/engine/http1/limits.ts'
import type { Observer } from '../../src/engine/observer.ts'
import type { WireKind } from '../../src/engine/wire/wire.ts'
import type {
  Algorithm,
  Certificate,
  DesyncMode,
  Listener,
  ListenerTls,
  Pool,
  Snapshot,
  Target,
} from '../../src/snapshot/snapshot.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { ManualClock } from './manual-clock.ts'
import { eventually, type Origin, Peer } from './peer.ts'

export interface ServingOptions {
  readonly protocol?: 'http' | 'tcp'
  readonly algorithm?: Algorithm
  readonly idleTimeout?: number
  /** Default defensive. */
  readonly desync?: DesyncMode
  readonly wireKind?: WireKind
  readonly observer?: Observer
  readonly limits?: HttpLimits
  readonly onFinished?: (targets: readonly string[]) => void
  readonly address?: string
  /** The port; its own address makes it free. */
  readonly port?: number
  /** Clients speak TLS, with these certificates. */
  readonly tls?: ListenerTls
  readonly certificates?: readonly Certificate[]
  /** Offer them HTTP/2. */
  readonly http2?: boolean
  /** What differs from the fixture's pool. */
  readonly pool?: Partial<Pool>
}

/** A loopback address that nobody else is likely to use (Linux accepts all of 127/8). */
export function ownAddress(): string {
  const part = () => 1 + Math.floor(Math.random() * 254)
  return `127.${part()}.${part()}.${part()}`
}

/** What a target of the fixture is made from. */
export type Place = Pick<Origin, 'host' | 'port'>

/** An engine with one load balancer of one listener, on an address of its own, under a clock that is moved by hand. */
export class Serving implements AsyncDisposable {
  readonly clock = new ManualClock()
  readonly engine: Engine
  readonly address: string
  readonly port: number
  readonly #options: ServingOptions
  #revision = 0

  private constructor(options: ServingOptions) {
    this.#options = options
    this.address = options.address ?? ownAddress()
    this.port = options.port ?? 8080
    const { wireKind = 'handle', onFinished } = options
    this.engine = new Engine({
      clock: this.clock,
      logger: createLogger('silent'),
      wireKind,
      ...(options.observer === undefined ? {} : { observer: options.observer }),
      ...(onFinished === undefined ? {} : { onFinished }),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    })
  }

  static async start(places: readonly Place[], options: ServingOptions = {}): Promise<Serving> {
    const serving = new Serving(options)
    await serving.apply(places)
    return serving
  }

  /** Applies a snapshot in which the pool has these targets. */
  async apply(
    places: readonly Place[],
    change: Partial<Listener> = {},
    poolChange: Partial<Pool> = {},
  ): Promise<void> {
    const failures = await this.engine.apply(this.snapshot(places, change, poolChange))
    if (failures.length > 0) throw new Error(JSON.stringify(failures))
  }

  snapshot(
    places: readonly Place[],
    change: Partial<Listener> = {},
    poolChange: Partial<Pool> = {},
  ): Snapshot {
    const {
      protocol = 'http',
      algorithm,
      idleTimeout = 60_000,
      desync = 'defensive',
    } = this.#options
    const base = { id: 'listener', port: this.port, pool: 'pool', idleTimeout }
    const listener: Listener =
      protocol === 'http' ? { ...base, protocol, desync } : { ...base, protocol }
    const { tls, http2 } = this.#options
    this.#revision += 1
    return {
      revision: this.#revision,
      checks: [],
      certificates: this.#options.certificates ?? [],
      challenges: [],
      system: '',
      nodes: [
        {
          id: 'node',
          loadBalancer: 'lb',
          zone: 'a',
          addresses: [this.address],
          listeners: [
            { ...listener, ...(tls && { tls }), ...(http2 && { http2 }), ...change } as Listener,
          ],
        },
      ],
      pools: [
        {
          id: 'pool',
          loadBalancer: 'lb',
          protocol,
          algorithm: algorithm ?? (protocol === 'http' ? 'least-outstanding' : 'round-robin'),
          crossZone: false,
          proxyProtocol: false,
          targets: places.map(target),
          draining: [],
          finishUnhealthy: true,
          maxConnections: null,
          slowStart: 0,
          ...this.#options.pool,
          ...poolChange,
        },
      ],
    }
  }

  /** @param options of the handshake, if clients speak TLS */
  connect(options: ConnectionOptions = {}): Promise<Peer> {
    return this.#options.tls === undefined
      ? Peer.connect(this.address, this.port)
      : Peer.connectTls(this.address, this.port, options)
  }

  /** Sends the request on a connection of its own and resolves with all that came until it was closed. */
  async exchange(request: string): Promise<string> {
    await using client = await this.connect()
    client.send(request)
    await client.untilEnded()
    return client.received
  }

  /** Resolves when no connection and no timer is left, but for `idle` pooled connections to targets. */
  async untilQuiet(idle = 0): Promise<void> {
    await eventually(() => {
      const open = this.engine.open()
      return open.clientConnections === 0 && open.targetConnections === idle && open.timers === idle
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]()
    await this.untilQuiet()
  }
}

function target(place: Place): Target {
  return { id: `t-${place.port}`, host: place.host, port: place.port, zone: 'a', check: null }
}

/** A whole response with that body. */
export function ok(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
