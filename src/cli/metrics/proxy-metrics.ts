/** What a proxy tells monitoring: what it counts itself, whether control is there or not, and how it fares. */
import { Gauge, Registry } from 'prom-client'
import type { ProxyAgent } from '../../proxy/proxy-agent.ts'
import type { LastMinute } from './last-minute.ts'
import { addTraffic } from './traffic-series.ts'

/** Made anew for each look: series of deleted load balancers are not kept. */
export function proxyMetrics(
  agent: ProxyAgent,
  lastMinute: LastMinute,
  process: Registry,
): Registry {
  const registry = new Registry()
  const { connected, threadUtilizations, ...traffic } = agent.status()
  const registers = [registry]
  new Gauge({
    name: 'weir_control_connected',
    help: 'Whether the proxy is linked to control: 1 or 0. Without, it serves as it was last told.',
    registers,
  }).set(connected ? 1 : 0)
  const utilization = new Gauge({
    name: 'weir_engine_thread_utilization',
    help: 'Share of the time since its start in which an engine thread had work to do, from 0 to 1.',
    labelNames: ['thread'],
    registers,
  })
  for (const [thread, value] of threadUtilizations.entries()) {
    utilization.set({ thread: String(thread) }, value)
  }
  addTraffic(registry, traffic, lastMinute.spans())
  return Registry.merge([registry, process])
}
