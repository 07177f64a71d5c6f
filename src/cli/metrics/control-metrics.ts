/** What control tells monitoring: what all connected proxies count, and how control itself fares. */
import { Gauge, Registry } from 'prom-client'
import type { Reconciler } from '../../reconcile/reconciler.ts'
import type { StatusBoard } from '../../reconcile/status-board.ts'
import { addTraffic } from './traffic-series.ts'

/** Made anew for each look: series of deleted load balancers are not kept. */
export function controlMetrics(
  board: StatusBoard,
  reconciler: Reconciler,
  process: Registry,
): Registry {
  const registry = new Registry()
  new Gauge({
    name: 'weir_proxies_connected',
    help: 'Proxies linked to control.',
    registers: [registry],
  }).set(board.connected)
  addTraffic(registry, {
    counters: board.counters(),
    snapshot: reconciler.published,
    health: board.healthStates(),
    listenerFailures: board.failures().length,
    lostLogEntries: board.lostLogEntries(),
    lostFigures: board.lostFigures(),
  })
  return Registry.merge([registry, process])
}
