/**
 * The data plane of one thread: serves the listeners of its snapshot. A change touches what it concerns and nothing else:
 * connections live in their listeners, targets and their connections in `Targets`, and both outlive snapshots.
 */
import type { NodeFigures } from '../snapshot/figures.ts'
import type { Certificate, Listener as ListenerSpec, Node, Snapshot } from '../snapshot/snapshot.ts'
import type { ListenerCounters, ListenerFailure } from '../snapshot/status.ts'
import type { Clock } from '../std/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { AddressSets } from './access/address-sets.ts'
import { Challenges } from './challenges.ts'
import type { Counters, EngineContext } from './context.ts'
import { newCounters } from './counters.ts'
import { defaultLimits, type HttpLimits } from './http1/limits.ts'
import { Listener, type RouteTo } from './listener.ts'
import { CounterGrowth } from './node-figures.ts'
import type { Observer } from './observer.ts'
import { Patterns } from './routing/patterns.ts'
import { Routes } from './routing/routes.ts'
import { Targets } from './targets.ts'
import { TimerWheel } from './timer-wheel.ts'
import { CertificateNames } from './tls/certificate-names.ts'
import { SecureContexts } from './tls/secure-contexts.ts'
import type { WireKind } from './wire/wire.ts'

export interface EngineOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Share ports with the engines of other threads (SO_REUSEPORT). */
  readonly reusePort?: boolean
  /** Default `onread`. */
  readonly wireKind?: WireKind
  /** Told of each request when it is over. */
  readonly observer?: Observer
  /** Told all draining targets with an end (DrainingTarget.id) that have nothing in flight any more, each time that there is another. */
  readonly onFinished?: (targets: readonly string[]) => void
  /** Default {@link defaultLimits}. */
  readonly limits?: HttpLimits
  /** How many engines, this one among them, serve the same nodes together; default 1. */
  readonly engines?: number
}

/** Of a snapshot, by id. */
type Certificates = ReadonlyMap<string, Certificate>

/** A listener that is served, and what of the snapshot it serves. */
interface Serving {
  readonly listener: Listener
  node: Node
  spec: ListenerSpec
}

export class Engine implements AsyncDisposable {
  readonly #context: EngineContext
  readonly #wheel: TimerWheel
  readonly #targets: Targets
  readonly #routes: Routes
  readonly #reusePort: boolean
  readonly #serving = new Map<string, Serving>()
  /** Listeners that are served no more, and may have clients whose last request is in flight. */
  readonly #leaving = new Set<Listener>()
  readonly #counters = new Map<string, Counters>()
  readonly #growth = new CounterGrowth()
  #applying: Promise<unknown> = Promise.resolve()
  readonly #drained = Promise.withResolvers<void>()
  #draining = false
  #healthChanged = false
  #stopped = false

  constructor(options: EngineOptions) {
    this.#wheel = new TimerWheel(options.clock)
    this.#reusePort = options.reusePort ?? false
    this.#context = {
      wheel: this.#wheel,
      logger: options.logger,
      wireKind: options.wireKind ?? 'handle',
      clock: options.clock,
      observer: options.observer ?? null,
      limits: options.limits ?? defaultLimits,
      challenges: new Challenges(),
      secureContexts: new SecureContexts(),
      certificateNames: new CertificateNames(),
      addressSets: new AddressSets(),
      patterns: new Patterns(options.logger),
      engines: options.engines ?? 1,
      open: { clientConnections: 0, targetConnections: 0 },
      clientClosed: () => this.#clientClosed(),
    }
    this.#targets = new Targets(
      this.#context,
      () => this.#refresh(),
      options.onFinished ?? (() => {}),
    )
    this.#routes = new Routes(this.#targets)
  }

  /**
   * Swaps to the snapshot, after the calls before. Resolves when every listener that has to is open or closed.
   * @returns the ports that cannot be opened; each is tried again at the next call
   */
  apply(snapshot: Snapshot): Promise<readonly ListenerFailure[]> {
    const run = () => this.#apply(snapshot)
    const applied = this.#applying.then(run, run)
    this.#applying = applied
    return applied
  }

  /** Says whether the targets with that HealthCheck.id take traffic. A check that nothing was said of is not healthy. */
  setHealth(check: string, healthy: boolean): void {
    if (!this.#targets.setHealth(check, healthy) || this.#healthChanged) return
    // Many checks change together when a proxy starts: one look at all targets is enough, before the next byte is read.
    this.#healthChanged = true
    queueMicrotask(() => {
      this.#healthChanged = false
      this.#refresh()
    })
  }

  /** Of TLS sessions, for all engines that serve the same nodes. @param keys 48 bytes each: the first seals tickets, all open them */
  setTicketKeys(keys: readonly Uint8Array[]): void {
    this.#context.secureContexts.setTicketKeys(keys)
  }

  /**
   * @param certificate Certificate.id
   * @param answer the OCSP response (RFC 6960) that clients who ask get with it; null: none any more
   */
  setStaple(certificate: string, answer: Uint8Array | null): void {
    this.#context.secureContexts.setStaple(certificate, answer)
  }

  counters(): readonly ListenerCounters[] {
    const counters = [...this.#counters.values()].map(({ latency: _, ...each }) => ({
      ...each,
      nonCompliantRequests: { ...each.nonCompliantRequests },
    }))
    for (const each of this.#counters.values()) each.surgeQueuePeak = each.surgeQueueLength
    this.#forgetCounters()
    return counters
  }

  /**
   * What nodes have counted since the last call: a node once for each of its listeners that has counted anything. To be taken before
   * {@link counters}, which forgets listeners that are gone.
   */
  takeFigures(): readonly NodeFigures[] {
    return [...this.#counters.values()].flatMap((each) => this.#growth.take(each) ?? [])
  }

  /** What is open: for tests, metrics and leak checks. */
  open(): { clientConnections: number; targetConnections: number; timers: number } {
    return { ...this.#context.open, timers: this.#wheel.size }
  }

  /** Stops accepting, closes idle connections, and resolves when the last client has gone. */
  async drain(): Promise<void> {
    this.#stopped = true
    await this.#applying
    for (const { listener } of this.#serving.values()) listener.drain()
    this.#draining = true
    this.#resolveDrained()
    await this.#drained.promise
  }

  /** Closes everything now. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#applying
    for (const { listener } of this.#serving.values()) listener.destroy()
    this.#targets.destroy()
    await this.drain()
  }

  async #apply(snapshot: Snapshot): Promise<readonly ListenerFailure[]> {
    await this.#context.certificateNames.learn(snapshot)
    if (this.#stopped) return []
    this.#context.challenges.replace(snapshot.challenges)
    this.#targets.apply(snapshot)
    const certificates = new Map(snapshot.certificates.map((one) => [one.id, one]))
    const wanted = wantedListeners(snapshot)
    this.#closeUnwanted(wanted)
    const { addressSets, patterns } = this.#context
    const perSnapshot = [addressSets, patterns, this.#routes]
    for (const each of perSnapshot) each.begin()
    for (const [key, { node, spec }] of wanted) this.#serve(key, node, spec, certificates)
    for (const each of perSnapshot) each.end()
    this.#select()
    const serving = [...this.#serving.values()]
    await Promise.all(
      serving.map(({ listener, node }) => listener.open(node.addresses, this.#reusePort)),
    )
    const failures = serving.flatMap(({ listener }) => listener.failures())
    for (const failure of failures) this.#context.logger.warn(failure, 'cannot open a listener')
    return failures
  }

  #closeUnwanted(wanted: ReadonlyMap<string, unknown>): void {
    for (const [key, { listener }] of this.#serving) {
      if (wanted.has(key)) continue
      listener.keepOnly([])
      this.#serving.delete(key)
      this.#leaving.add(listener)
    }
  }

  #serve(key: string, node: Node, spec: ListenerSpec, certificates: Certificates): void {
    const routeTo: RouteTo = (pool, stickiness) => this.#routes.of(pool, node.zone, stickiness)
    const serving = this.#serving.get(key)
    if (serving === undefined) {
      const counters = this.#countersOf(node, spec)
      const listener = new Listener(this.#context, node, spec, counters, routeTo)
      listener.change(spec, certificates, routeTo)
      this.#serving.set(key, { listener, node, spec })
      return
    }
    serving.node = node
    serving.spec = spec
    serving.listener.keepOnly(node.addresses)
    serving.listener.change(spec, certificates, routeTo)
  }

  /** Looks anew at which targets may be used. */
  #refresh(): void {
    this.#targets.refresh()
    this.#select()
  }

  /** Has every route lead to what may be used now, and ends what may not go on. */
  #select(): void {
    this.#routes.refresh()
    for (const { listener, spec } of this.#serving.values()) {
      listener.proxyProtocol = this.#targets.pool(spec.pool)?.proxyProtocol ?? false
      if (this.#targets.withdrawn) listener.endWithdrawn()
    }
    for (const listener of this.#leaving) {
      if (this.#targets.withdrawn) listener.endWithdrawn()
      if (!listener.hasClients) this.#leaving.delete(listener)
    }
    this.#targets.serveQueues()
  }

  #countersOf(node: Node, spec: ListenerSpec): Counters {
    const key = [node.loadBalancer, node.zone, spec.id].join(' ')
    const counters = this.#counters.get(key) ?? newCounters(node.loadBalancer, node.zone, spec.id)
    this.#counters.set(key, counters)
    return counters
  }

  /** Drops the counters of listeners that are gone, once they were read and can no longer change. */
  #forgetCounters(): void {
    const served = new Set([...this.#serving.values()].map(({ listener }) => listener.counters))
    for (const [key, counters] of this.#counters) {
      if (!served.has(counters) && counters.openConnections === 0) this.#counters.delete(key)
    }
  }

  #clientClosed(): void {
    this.#context.open.clientConnections -= 1
    this.#resolveDrained()
  }

  #resolveDrained(): void {
    if (this.#draining && this.#context.open.clientConnections === 0) this.#drained.resolve()
  }
}

function wantedListeners(
  snapshot: Snapshot,
): ReadonlyMap<string, { readonly node: Node; readonly spec: ListenerSpec }> {
  const wanted = new Map<string, { node: Node; spec: ListenerSpec }>()
  for (const node of snapshot.nodes) {
    for (const spec of node.listeners) wanted.set(Listener.key(node, spec), { node, spec })
  }
  return wanted
}
