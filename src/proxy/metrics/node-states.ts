import type { NodeFigures, TargetStates } from '../../snapshot/figures.ts'
import type { Node, Pool, Snapshot, Target } from '../../snapshot/snapshot.ts'
import type { HealthState, ListenerCounters } from '../../snapshot/status.ts'
import { Distribution } from '../../std/distribution.ts'

/** How all nodes stand: those without connections and targets have nothing to say. */
export function nodeStates(
  snapshot: Snapshot,
  health: ReadonlyMap<string, HealthState>,
  counters: readonly ListenerCounters[],
): NodeFigures[] {
  const pools = Map.groupBy(snapshot.pools, ({ loadBalancer }) => loadBalancer)
  const open = sumsByNode(counters, (one) => one.openConnections + one.outstanding)
  return snapshot.nodes.flatMap((node) => {
    const { loadBalancer, zone } = node
    const targets = targetsOf(node, pools.get(loadBalancer) ?? [], health)
    const state = {
      openConnections: open.get(nodeKey(node))?.sum ?? 0,
      ...(targets && { targets }),
    }
    if (state.openConnections === 0 && targets === undefined) return []
    return [{ loadBalancer, zone, counts: {}, state }]
  })
}

type Health = ReadonlyMap<string, HealthState>

/** A target counts once, however many pools name it. */
function targetsOf(
  { zone }: Node,
  pools: readonly Pool[],
  health: Health,
): { inZone: TargetStates; inReach: TargetStates } | undefined {
  const targets = new Map(pools.flatMap((pool) => pool.targets.map((one) => [one.id, one])))
  if (targets.size === 0) return undefined
  const inZone = [...targets.values()].filter((target) => target.zone === zone)
  const inReach = pools.some(({ crossZone }) => crossZone) ? [...targets.values()] : inZone
  return { inZone: statesOf(inZone, health), inReach: statesOf(inReach, health) }
}

function statesOf(targets: readonly Target[], health: Health): TargetStates {
  const states = targets.map(({ check }) => (check === null ? 'healthy' : health.get(check)))
  const healthy = states.filter((state) => state === 'healthy').length
  const unhealthy = states.filter((state) => state === 'unhealthy').length
  return { healthy, unhealthy }
}

/** Of each listener and thread the most that waited at once: together at least as many as ever waited at the node. */
export function queuePeaks(counters: readonly ListenerCounters[]): NodeFigures[] {
  const sums = [...sumsByNode(counters, (one) => one.surgeQueuePeak).values()]
  return sums.flatMap(({ loadBalancer, zone, sum }) => {
    const peak = new Distribution()
    if (sum > 0) peak.add(sum)
    const surgeQueue = peak.samples()
    return surgeQueue === null ? [] : [{ loadBalancer, zone, counts: {}, surgeQueue }]
  })
}

function sumsByNode(
  counters: readonly ListenerCounters[],
  figure: (one: ListenerCounters) => number,
): Map<string, { readonly loadBalancer: string; readonly zone: string; readonly sum: number }> {
  const sums = new Map<string, { loadBalancer: string; zone: string; sum: number }>()
  for (const one of counters) {
    const { loadBalancer, zone } = one
    const sum = (sums.get(nodeKey(one))?.sum ?? 0) + figure(one)
    sums.set(nodeKey(one), { loadBalancer, zone, sum })
  }
  return sums
}

function nodeKey({ loadBalancer, zone }: { loadBalancer: string; zone: string }): string {
  return `${loadBalancer} ${zone}`
}
