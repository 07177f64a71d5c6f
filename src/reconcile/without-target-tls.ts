import type { Snapshot } from '../snapshot/snapshot.ts'

/** The snapshot as far as an engine without TLS to targets can serve it: without listeners, pools and checks that need it. */
export function withoutTargetTls(snapshot: Snapshot): Snapshot {
  const pools = snapshot.pools.filter(({ tls }) => tls === undefined)
  const served = new Set(pools.map(({ id }) => id))
  return {
    ...snapshot,
    nodes: snapshot.nodes.map((node) => ({
      ...node,
      listeners: node.listeners.filter(({ pool }) => served.has(pool)),
    })),
    pools,
    checks: snapshot.checks.filter(({ probe }) => probe.tls === undefined),
  }
}
