/**
 * Which targets may take traffic: the pools of a snapshot, joined with what is known of health. Targets and members are kept
 * through snapshots, so that their connections and counts are.
 */
import type { Node, Pool as PoolSpec, Snapshot } from '../snapshot/snapshot.ts'
import type { Timer } from '../std/clock.ts'
import { selectorFor } from './balance/balancing.ts'
import { Rotation, type Selector } from './balance/selector.ts'
import type { EngineContext } from './context.ts'
import { FinishedTargets } from './finished-targets.ts'
import type { Member } from './member.ts'
import { Pool } from './pool.ts'
import type { Candidate } from './stickiness/tokens.ts'
import { maxQueued, type Room, SurgeQueue } from './surge-queue.ts'
import { Target } from './target.ts'

export class Targets {
  readonly #context: EngineContext
  readonly #drained: () => void
  readonly #targets = new Map<string, Target>()
  #nodes: readonly Node[] = []
  readonly #healthy = new Map<string, boolean>()
  readonly #pools = new Map<string, Pool>()
  /** By node. */
  readonly #rooms = new Map<string, Room>()
  /** The checks that the snapshot names: their health is forgotten with the last snapshot that does. */
  #checks: ReadonlySet<string> = new Set()
  readonly #finished: FinishedTargets
  #nextEnd: Timer | null = null
  #withdrawn = false

  /**
   * @param drained called when a target has drained as long as it may: `refresh` finds that it is to be closed
   * @param finished told of draining targets that have nothing in flight any more, as {@link FinishedTargets} has it
   */
  constructor(
    context: EngineContext,
    drained: () => void,
    finished: (ids: readonly string[]) => void,
  ) {
    this.#context = context
    this.#drained = drained
    this.#finished = new FinishedTargets(finished)
  }

  apply(snapshot: Snapshot): void {
    const abandoned = this.#takePools(snapshot)
    this.#nodes = snapshot.nodes
    this.#forgetChecks(snapshot)
    this.refresh()
    this.#withdrawn ||= abandoned
  }

  /** @returns whether that changes anything for the snapshot; `refresh` puts it into force */
  setHealth(check: string, healthy: boolean): boolean {
    const before = this.#healthy.get(check) ?? false
    this.#healthy.set(check, healthy)
    return before !== healthy && this.#checks.has(check)
  }

  /** The members of a pool that take traffic now, whatever the zone. */
  candidates(pool: string): readonly Candidate<Member>[] {
    return this.#pools.get(pool)?.candidates() ?? []
  }

  pool(id: string): PoolSpec | undefined {
    return this.#pools.get(id)?.spec
  }

  /** Of the members of a pool that the nodes of a zone may use now. */
  selector(pool: string, zone: string): Selector<Member> {
    const found = this.#pools.get(pool)
    return found?.selector(zone) ?? selectorFor<Member>('round-robin', [], new Rotation())
  }

  /** Where those wait who want to use a pool from the nodes of a zone. */
  queue(pool: string, zone: string): SurgeQueue {
    return this.#pools.get(pool)?.queue(zone) ?? new SurgeQueue({ taken: 0, size: 0 }, () => {})
  }

  /** Lets those go on who need wait no longer. */
  serveQueues(): void {
    for (const pool of this.#pools.values()) pool.serve()
  }

  /** Whether traffic was with members of standing `closing` or `abandoned` at the last look. */
  get withdrawn(): boolean {
    return this.#withdrawn
  }

  /** Finds where all members stand now. Targets that no pool may use lose their idle connections, and those that nobody needs go. */
  refresh(): void {
    const now = this.#context.clock.now()
    const healthy = (check: string | null) => check === null || this.#healthy.get(check) === true
    const target = (pool: PoolSpec, host: string, port: number) => this.#target(pool, host, port)
    const { engines } = this.#context
    for (const pool of this.#pools.values()) pool.refresh({ now, engines, healthy, target })
    const members = [...this.#pools.values()].flatMap((pool) => [...pool.members()])
    this.#withdrawn = members.some((one) => one.standing === 'closing' && one.outstanding > 0)
    this.#refreshTargets(members)
    this.#refreshSpares()
    this.#awaitNextEnd(now)
    this.#finished.look(this.#pools.values())
  }

  /** Closes every idle connection. */
  destroy(): void {
    this.#pools.clear()
    this.refresh()
  }

  /** @returns whether a pool is gone */
  #takePools(snapshot: Snapshot): boolean {
    let abandoned = false
    const specs = new Map(snapshot.pools.map((spec) => [spec.id, spec]))
    for (const [id, pool] of this.#pools) {
      if (specs.has(id)) continue
      abandoned = true
      pool.abandon()
      this.#forgetRooms(pool.spec.loadBalancer)
      this.#pools.delete(id)
    }
    for (const [id, spec] of specs) {
      const pool = this.#pools.get(id)
      if (pool === undefined) this.#pools.set(id, this.#newPool(spec))
      else pool.spec = spec
    }
    return abandoned
  }

  #refreshTargets(members: readonly Member[]): void {
    const available = members.filter(({ standing }) => standing === 'available')
    const usable = new Set(available.map((member) => member.target))
    const named = new Set(members.map((member) => member.target))
    for (const [key, target] of this.#targets) {
      if (target.usable !== usable.has(target)) target.usable = usable.has(target)
      if (!named.has(target)) this.#targets.delete(key)
    }
  }

  /** Connections wait at the targets that a listener uses: as many as the pool wants that wants most. */
  #refreshSpares(): void {
    const wanted = new Map<Target, number>()
    for (const { zone, listeners } of this.#nodes) {
      const pools = listeners.map(({ pool }) => this.#pools.get(pool))
      const spares = pools.flatMap((pool) => pool?.spares(zone, this.#context.engines) ?? [])
      for (const [target, number] of spares) {
        wanted.set(target, Math.max(number, wanted.get(target) ?? 0))
      }
    }
    for (const target of this.#targets.values()) target.spares = wanted.get(target) ?? 0
  }

  #newPool(spec: PoolSpec): Pool {
    const room = (zone: string) => this.#room(`${spec.loadBalancer} ${zone}`)
    const now = () => this.#context.clock.monotonic()
    return new Pool(spec, room, now, () => this.#finished.look(this.#pools.values()))
  }

  #room(node: string): Room {
    const size = Math.max(1, Math.floor(maxQueued / this.#context.engines))
    const room = this.#rooms.get(node) ?? { taken: 0, size }
    this.#rooms.set(node, room)
    return room
  }

  /** A load balancer with another pool makes them anew. */
  #forgetRooms(loadBalancer: string): void {
    for (const node of this.#rooms.keys()) {
      if (node.startsWith(`${loadBalancer} `)) this.#rooms.delete(node)
    }
  }

  #target(pool: PoolSpec, host: string, port: number): Target {
    const { protocol, tls } = pool
    const key = `${protocol} ${host} ${port}${tls === undefined ? '' : ` ${JSON.stringify(tls)}`}`
    const target = this.#targets.get(key) ?? new Target(host, port, tls, this.#context)
    this.#targets.set(key, target)
    return target
  }

  #awaitNextEnd(now: number): void {
    this.#nextEnd?.cancel()
    this.#nextEnd = null
    const next = Math.min(...[...this.#pools.values()].map((pool) => pool.nextEnd(now)))
    if (next < Number.POSITIVE_INFINITY) {
      this.#nextEnd = this.#context.clock.after(next - now, this.#drained)
    }
  }

  /** Those that the last snapshot named and this one does not. Others may be named by the next. */
  #forgetChecks(snapshot: Snapshot): void {
    const targets = snapshot.pools.flatMap((pool) => pool.targets)
    const checks = new Set(targets.flatMap(({ check }) => (check === null ? [] : [check])))
    for (const check of this.#checks) if (!checks.has(check)) this.#healthy.delete(check)
    this.#checks = checks
  }
}
