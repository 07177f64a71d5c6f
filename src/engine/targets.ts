/**
 * Which targets may take traffic: the pools of a snapshot, joined with what is known of health. Targets themselves are kept
 * through snapshots, so that their connections and counts are.
 */
import type { Pool, Snapshot, Target as TargetSpec } from '../snapshot/snapshot.ts'
import { selectorFor } from './balance/balancing.ts'
import type { Rotation, Selector } from './balance/selector.ts'
import type { EngineContext } from './context.ts'
import { Target } from './target.ts'

/** A pool as the nodes of one zone use it. */
interface Share {
  readonly pool: Pool
  readonly zone: string
}

export class Targets {
  readonly #context: EngineContext
  readonly #targets = new Map<string, Target>()
  readonly #healthy = new Map<string, boolean>()
  readonly #rotations = new Map<string, Rotation>()
  #pools: ReadonlyMap<string, Pool> = new Map()
  /** The checks that the snapshot names: their health is forgotten with the last snapshot that does. */
  #checks: ReadonlySet<string> = new Set()

  constructor(context: EngineContext) {
    this.#context = context
  }

  apply(snapshot: Snapshot): void {
    this.#pools = new Map(snapshot.pools.map((pool) => [pool.id, pool]))
    this.#forgetChecks(snapshot)
    this.#forgetRotations()
    this.refresh()
  }

  /** @returns whether that changes anything for the snapshot; `refresh` puts it into force */
  setHealth(check: string, healthy: boolean): boolean {
    const before = this.#healthy.get(check) ?? false
    this.#healthy.set(check, healthy)
    return before !== healthy && this.#checks.has(check)
  }

  pool(id: string): Pool | undefined {
    return this.#pools.get(id)
  }

  /** Of the targets of a pool that the nodes of a zone may use now. */
  selector(poolId: string, zone: string): Selector<Target> {
    const pool = this.#pools.get(poolId)
    if (pool === undefined) return selectorFor<Target>('round-robin', [], { next: 0 })
    const available = this.#available({ pool, zone })
    return selectorFor(pool.algorithm, available, this.#rotation(poolId, zone))
  }

  /** The targets that some pool of a load balancer names, whatever their health. */
  ofLoadBalancer(loadBalancer: string): ReadonlySet<Target> {
    const targets = new Set<Target>()
    for (const pool of this.#pools.values()) {
      if (pool.loadBalancer !== loadBalancer) continue
      for (const spec of pool.targets) targets.add(this.#target(pool, spec))
    }
    return targets
  }

  /** Closes every idle connection. */
  destroy(): void {
    this.#pools = new Map()
    this.refresh()
  }

  #available({ pool, zone }: Share): Target[] {
    const specs = pool.targets.filter(
      (spec) => (pool.crossZone || spec.zone === zone) && this.#isHealthy(spec),
    )
    return [...new Set(specs.map((spec) => this.#target(pool, spec)))]
  }

  #isHealthy(spec: TargetSpec): boolean {
    return spec.check === null || this.#healthy.get(spec.check) === true
  }

  #target(pool: Pool, spec: TargetSpec): Target {
    const key = `${pool.protocol} ${spec.host} ${spec.port}`
    let target = this.#targets.get(key)
    if (target === undefined) {
      target = new Target(spec.host, spec.port, this.#context)
      this.#targets.set(key, target)
    }
    return target
  }

  /** Marks the targets that some pool may use; the rest lose their idle connections, and those that nobody needs go. */
  refresh(): void {
    const usable = new Set<Target>()
    const named = new Set<Target>()
    for (const pool of this.#pools.values()) {
      for (const spec of pool.targets) {
        const target = this.#target(pool, spec)
        named.add(target)
        if (this.#isHealthy(spec)) usable.add(target)
      }
    }
    for (const [key, target] of this.#targets) {
      if (target.usable !== usable.has(target)) target.usable = usable.has(target)
      if (!named.has(target) && target.outstanding === 0) this.#targets.delete(key)
    }
  }

  #rotation(pool: string, zone: string): Rotation {
    const key = `${pool} ${zone}`
    const rotation = this.#rotations.get(key) ?? { next: 0 }
    this.#rotations.set(key, rotation)
    return rotation
  }

  /** Those that the last snapshot named and this one does not. Others may be named by the next. */
  #forgetChecks(snapshot: Snapshot): void {
    const targets = snapshot.pools.flatMap((pool) => pool.targets)
    const checks = new Set(targets.flatMap(({ check }) => (check === null ? [] : [check])))
    for (const check of this.#checks) if (!checks.has(check)) this.#healthy.delete(check)
    this.#checks = checks
  }

  #forgetRotations(): void {
    for (const key of this.#rotations.keys()) {
      const pool = key.slice(0, key.lastIndexOf(' '))
      if (!this.#pools.has(pool)) this.#rotations.delete(key)
    }
  }
}
