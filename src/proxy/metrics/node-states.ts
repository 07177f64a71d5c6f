import type { NodeFigures, NodeState, TargetStates } from '../../snapshot/figures.ts'
import type { Node, Snapshot, Target } from '../../snapshot/snapshot.ts'
import type { HealthState, ListenerCounters } from '../../snapshot/status.ts'
import { Distribution } from '../../std/distribution.ts'

/**
 * How all nodes stand: those without connections and targets have nothing to say.
 * @param health by HealthCheck.id, of those that have had a result
 */
export function nodeStates(
  snapshot: Snapshot,
  health: ReadonlyMap<string, HealthState>,
  counters: readonly ListenerCounters[],
): NodeFigures[] {
  const balancers = loadBalancersOf(snapshot)
  const open = sumsByNode(counters, (one) => one.openConnections + one.outstanding)
  return snapshot.nodes.flatMap((node) => {
    const { loadBalancer, zone } = node
    const targets = targetsOf(node, balancers.get(loadBalancer), health)
    const state = {
      openConnections: open.get(nodeKey(node))?.sum ?? 0,
      ...(targets && { targets }),
    }
    if (state.openConnections === 0 && targets === undefined) return []
    return [{ loadBalancer, zone, counts: {}, state }]
  })
}

type Health = ReadonlyMap<string, HealthState>

interface LoadBalancer {
  readonly crossZone: boolean
  /** Each once, however many pools name it. */
  readonly targets: readonly Target[]
  /** Of all its nodes. */
  readonly absent: number
}

function loadBalancersOf({ nodes, pools }: Snapshot): Map<string, LoadBalancer> {
  const poolsOf = Map.groupBy(pools, ({ loadBalancer }) => loadBalancer)
  const balancers = new Map<string, LoadBalancer>()
  for (const [identity, own] of Map.groupBy(nodes, ({ loadBalancer }) => loadBalancer)) {
    const ownPools = poolsOf.get(identity) ?? []
    const targets = ownPools.flatMap((pool) => pool.targets.map((one) => [one.id, one] as const))
    balancers.set(identity, {
      crossZone: ownPools.some(({ crossZone }) => crossZone),
      targets: [...new Map(targets).values()],
      absent: own.reduce((sum, { absentTargets = 0 }) => sum + absentTargets, 0),
    })
  }
  return balancers
}

/** Undefined while a check has had no result: a proxy that has just started must not say that nobody is healthy. */
function targetsOf(
  { zone, absentTargets = 0 }: Node,
  balancer: LoadBalancer | undefined,
  health: Health,
): NodeState['targets'] {
  if (balancer === undefined) return undefined
  const { targets, absent, crossZone } = balancer
  if (targets.length + absent === 0) return undefined
  const ofZone = targets.filter((target) => target.zone === zone)
  const reached = crossZone ? targets : ofZone
  if (!reached.every(({ check }) => check === null || health.has(check))) return undefined
  const inZone = statesOf(ofZone, absentTargets, health)
  return { inZone, inReach: crossZone ? statesOf(targets, absent, health) : inZone }
}

function statesOf(targets: readonly Target[], absent: number, health: Health): TargetStates {
  const states = targets.map(({ check }) => (check === null ? 'healthy' : health.get(check)))
  const healthy = states.filter((state) => state === 'healthy').length
  const unhealthy = states.filter((state) => state === 'unhealthy').length
  return { healthy, unhealthy: unhealthy + absent }
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
