/** What control tells monitoring: what all connected proxies count, and how control itself fares. */
import { Gauge, Registry } from 'prom-client'
import type { Reconciler } from '../../reconcile/reconciler.ts'
import type { StatusBoard } from '../../reconcile/status-board.ts'
import type { LastMinute } from './last-minute.ts'
import { addTraffic } from './traffic-series.ts'

/** Made anew for each look: series of deleted load balancers are not kept. */
export function controlMetrics(
  board: StatusBoard,
  reconciler: Reconciler,
  lastMinute: LastMinute,
  process: Registry,
): Registry {
  const registry = new Registry()
  new Gauge({
    name: 'weir_proxies_connected',
    help: 'Proxies linked to control.',
    registers: [registry],
  }).set(board.connected)
  const traffic = {
    counters: board.counters(),
    snapshot: reconciler.published,
    health: board.healthStates(),
    listenerFailures: board.failures().length,
    lostLogEntries: board.lostLogEntries(),
    lostFigures: board.lostFigures(),
  }
  addTraffic(registry, traffic, lastMinute.spans())
  return Registry.merge([registry, process])
}
