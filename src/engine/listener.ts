/** One listener of one node while it is served: its ports, its clients, and what they currently get. */

import { isIPv6 } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { Forwarding } from '../snapshot/forwarding.ts'
import type {
  Certificate,
  DesyncMode,
  HttpTimeouts,
  Listener as ListenerSpec,
  Node,
  Retries,
} from '../snapshot/snapshot.ts'
import type { ListenerFailure } from '../snapshot/status.ts'
import type { Stickiness } from '../snapshot/stickiness.ts'
import { AccessList } from './access/access-list.ts'
import type { AddressSet } from './access/address-set.ts'
import type { ClientSide, Counters, EngineContext, Service } from './context.ts'
import type { Endpoint } from './endpoint.ts'
import { ClientConnection } from './http1/client-connection.ts'
import { usualErrors } from './http1/failure-answers.ts'
import { type EntranceFacts, ForwardedFields } from './http1/forwarded-fields.ts'
import { Handlings } from './http1/handling.ts'
import { Http2Connection } from './http2/connection.ts'
import { StreamPool } from './http2/stream-pool.ts'
import type { Route } from './routing/route.ts'
import { Rules } from './routing/rules.ts'
import { TcpConnection } from './tcp/tcp-connection.ts'
import { Handshake } from './tls/handshake.ts'
import { ListenerSecurity } from './tls/listener-security.ts'
import { Port } from './wire/port.ts'
import type { Wire } from './wire/wire.ts'
import { secureWire } from './wire/wires.ts'

/** One address of the listener, with the clients that came in by it. */
interface Opening {
  readonly port: Port
  readonly clients: Set<ClientSide>
  /** Why it is not open; null when it is. */
  failure: string | null
}

/** What clients connect to. */
interface Entrance extends EntranceFacts {
  /** Called by each client, once, when it is gone. */
  readonly closed: (client: ClientSide) => void
}

/** @returns what leads to a pool from the listener's node */
export type RouteTo = (pool: string, stickiness: Stickiness | undefined) => Route

export class Listener implements Service {
  readonly context: EngineContext
  readonly counters: Counters
  readonly port: number
  readonly handlings = new Handlings()
  readonly streams = new StreamPool()
  idleTimeout: number
  desync: DesyncMode
  retries: Retries = 'lost'
  errors = usualErrors
  forwarded: ForwardedFields
  timeouts: HttpTimeouts | undefined
  route: Route
  rules: Rules | null = null
  proxyProtocol = false
  /** null: clients speak plainly. */
  #security: ListenerSecurity | null = null
  readonly #node: string
  readonly #id: string
  /** Keeps TLS sessions apart from those of other listeners. */
  readonly #identity: string
  readonly #protocol: ListenerSpec['protocol']
  /** Of `#access`. */
  #addresses: AddressSet | null = null
  #forwardingSpec: Forwarding | undefined
  /** null: everybody may connect. */
  #access: AccessList | null = null
  readonly #openings = new Map<string, Opening>()
  /** Clients of addresses that are served no more. */
  readonly #former = new Set<ClientSide>()
  #accepting = true

  /** Not complete before {@link Listener.change}. */
  constructor(
    context: EngineContext,
    node: Node,
    spec: ListenerSpec,
    counters: Counters,
    route: RouteTo,
  ) {
    this.context = context
    this.counters = counters
    this.port = spec.port
    this.idleTimeout = spec.idleTimeout
    this.timeouts = timeoutsOf(spec)
    this.desync = desyncOf(spec)
    this.forwarded = forwardedOf(spec)
    this.#forwardingSpec = forwardingOf(spec)
    this.route = routeOf(spec, route)
    this.#node = node.id
    this.#id = spec.id
    this.#identity = `${node.loadBalancer} ${spec.id}`
    this.#protocol = spec.protocol
  }

  /** Two listeners of one key are the same one, changed; of different keys, one is gone and another came. */
  static key(node: Node, spec: ListenerSpec): string {
    const protocol = spec.tls === undefined ? spec.protocol : `${spec.protocol} over TLS`
    return [node.loadBalancer, node.id, spec.id, protocol, spec.port].join(' ')
  }

  /** The listener as a snapshot has it. Connections stay, whatever changes. */
  change(spec: ListenerSpec, certificates: ReadonlyMap<string, Certificate>, route: RouteTo): void {
    this.route = routeOf(spec, route)
    this.#setTimeouts(spec)
    this.#setDesync(spec)
    this.#setAnswering(spec)
    this.#setForwarding(spec)
    this.#setTls(spec, certificates)
    this.#setAccess(spec)
    this.#setRules(spec, route)
  }

  /** Takes effect on the next handshake. */
  #setTls(spec: ListenerSpec, certificates: ReadonlyMap<string, Certificate>): void {
    if (spec.tls === undefined) return
    const before = this.#security
    const alpn = alpnOf(spec)
    const wanted = { spec: spec.tls, alpn }
    if (
      before?.failure === null &&
      isDeepStrictEqual({ spec: before.spec, alpn: before.alpn }, wanted)
    ) {
      return
    }
    const { secureContexts: contexts, certificateNames: names, logger } = this.context
    const identity = this.#identity
    const surroundings = { identity, certificates, contexts, names, logger }
    this.#security = new ListenerSecurity(spec.tls, alpn, surroundings)
  }

  /** Takes effect on the next request of every connection. */
  #setDesync(spec: ListenerSpec): void {
    this.desync = desyncOf(spec)
  }

  /** Takes effect on the next request of every connection. */
  #setAnswering(spec: ListenerSpec): void {
    if (spec.protocol !== 'http') return
    this.retries = spec.retries ?? 'lost'
    this.errors = spec.errors ?? usualErrors
  }

  /** Takes effect on the next request of every connection. */
  #setForwarding(spec: ListenerSpec): void {
    const forwarding = forwardingOf(spec)
    if (isDeepStrictEqual(forwarding, this.#forwardingSpec)) return
    this.#forwardingSpec = forwarding
    this.forwarded = forwardedOf(spec)
  }

  /** Takes effect on the next request of every connection. */
  #setRules(spec: ListenerSpec, route: RouteTo): void {
    const specs = spec.protocol === 'http' ? (spec.rules ?? []) : []
    const { addressSets, patterns } = this.context
    const protocol = spec.tls === undefined ? 'http' : 'https'
    const scheme = { protocol, port: spec.port } as const
    this.rules =
      specs.length === 0 ? null : new Rules(specs, { addressSets, patterns, scheme, route })
  }

  #setTimeouts(spec: ListenerSpec): void {
    const timeouts = timeoutsOf(spec)
    const same = spec.idleTimeout === this.idleTimeout && isDeepStrictEqual(timeouts, this.timeouts)
    if (same) return
    this.idleTimeout = spec.idleTimeout
    this.timeouts = timeouts
    for (const client of this.clients()) client.reschedule()
  }

  /** Takes effect on new connections. */
  #setAccess({ access }: ListenerSpec): void {
    const set = access === undefined ? null : this.context.addressSets.of(access.addresses)
    this.#access = access && set ? new AccessList(access.kind, set) : null
    const known = set === this.#addresses
    this.#addresses = set
    const invalid = set?.invalid ?? []
    if (known || invalid.length === 0) return
    const some = invalid.slice(0, 10)
    this.context.logger.warn(
      { listener: this.#id, count: invalid.length, some },
      'an access list has entries that are no addresses',
    )
  }

  /** Stops serving the addresses that are not in the list: at once for new connections. */
  keepOnly(addresses: readonly string[]): void {
    for (const [address, opening] of this.#openings) {
      if (addresses.includes(address)) continue
      opening.port.close()
      this.#openings.delete(address)
      for (const client of opening.clients) {
        this.#former.add(client)
        client.abandon()
      }
    }
  }

  /** Opens the addresses that are not open yet. Resolves when each is open or has failed. */
  async open(addresses: readonly string[], reusePort: boolean): Promise<void> {
    if (!this.#accepting) return
    await Promise.all(addresses.map((address) => this.#open(address, reusePort)))
  }

  failures(): ListenerFailure[] {
    const failures: ListenerFailure[] = []
    for (const [address, { failure }] of this.#openings) {
      const reason = failure ?? this.#security?.failure ?? null
      if (reason === null) continue
      failures.push({ node: this.#node, listener: this.#id, address, port: this.port, reason })
    }
    return failures
  }

  *clients(): Generator<ClientSide> {
    for (const opening of this.#openings.values()) yield* opening.clients
    yield* this.#former
  }

  get hasClients(): boolean {
    return !this.clients().next().done
  }

  /** Ends what is with members that may keep it no longer. */
  endWithdrawn(): void {
    for (const client of this.clients()) client.endWithdrawn()
  }

  /** Accepts nothing more, and lets clients finish. */
  drain(): void {
    this.#accepting = false
    for (const opening of this.#openings.values()) opening.port.close()
    for (const client of this.clients()) client.retire()
  }

  /** Closes everything now. */
  destroy(): void {
    this.drain()
    for (const client of this.clients()) client.destroy()
  }

  async #open(address: string, reusePort: boolean): Promise<void> {
    const before = this.#openings.get(address)
    if (before?.failure === null) return
    before?.port.close()
    const clients = new Set<ClientSide>()
    const closed = (client: ClientSide) => this.#left(client, clients)
    const usualPort = this.#security === null ? 80 : 443
    const entrance = {
      address,
      port: this.port,
      authority: authority(address, this.port, usualPort),
      closed,
    }
    const port = new Port(this.context.wireKind, (wire) => this.#accept(wire, entrance, clients))
    const opening: Opening = { port, clients, failure: 'not open yet' }
    this.#openings.set(address, opening)
    opening.failure = await port.open(address, this.port, reusePort)
  }

  #accept(wire: Wire, entrance: Entrance, clients: Set<ClientSide>): void {
    const { remote } = wire
    if (this.#access !== null && !this.#access.admits(remote.address)) {
      this.counters.refusedConnections += 1
      // One RST, and the kernel keeps nothing of it (no TIME-WAIT): as HAProxy rejects connections.
      wire.reset()
      return
    }
    this.counters.connections += 1
    this.counters.openConnections += 1
    this.context.open.clientConnections += 1
    if (this.#security === null) clients.add(this.#client(wire, remote, entrance))
    else this.#secure(wire, remote, entrance, clients, this.#security)
  }

  /** TLS first. */
  #secure(
    tcp: Wire,
    remote: Endpoint,
    entrance: Entrance,
    clients: Set<ClientSide>,
    security: ListenerSecurity,
  ): void {
    const role = security.role()
    const wire = role === null ? tcp : secureWire(tcp, role)
    const done = (handshake: Handshake) => {
      clients.delete(handshake)
      clients.add(this.#client(wire, remote, entrance))
    }
    clients.add(new Handshake(wire, this, done, entrance.closed))
    if (role === null) wire.destroy()
  }

  #client(wire: Wire, remote: Endpoint, entrance: Entrance): ClientSide {
    const { closed } = entrance
    if (this.#protocol === 'tcp') return new TcpConnection(wire, this, remote, entrance, closed)
    return wire.tls?.alpn === 'h2'
      ? new Http2Connection(wire, this, remote, entrance, closed)
      : new ClientConnection(wire, this, remote, entrance, closed)
  }

  #left(client: ClientSide, clients: Set<ClientSide>): void {
    clients.delete(client)
    this.#former.delete(client)
    this.counters.openConnections -= 1
    this.context.clientClosed()
  }
}

function routeOf(spec: ListenerSpec, route: RouteTo): Route {
  return route(spec.pool, spec.protocol === 'http' ? spec.stickiness : undefined)
}

function timeoutsOf(spec: ListenerSpec): HttpTimeouts | undefined {
  return spec.protocol === 'http' ? spec.timeouts : undefined
}

/** What clients may choose to speak inside TLS. */
function alpnOf(spec: ListenerSpec): readonly string[] {
  if (spec.protocol === 'tcp') return []
  return spec.http2 === true ? ['h2', 'http/1.1'] : ['http/1.1']
}

function desyncOf(spec: ListenerSpec): DesyncMode {
  return spec.protocol === 'http' ? spec.desync : 'defensive'
}

function forwardingOf(spec: ListenerSpec): Forwarding | undefined {
  return spec.protocol === 'http' ? spec.forwarding : undefined
}

function forwardedOf(spec: ListenerSpec): ForwardedFields {
  const { port, tls } = spec
  return new ForwardedFields(forwardingOf(spec), { port, secure: tls !== undefined })
}

function authority(address: string, port: number, usual: number): string {
  const host = isIPv6(address) ? `[${address}]` : address
  return port === usual ? host : `${host}:${port}`
}
