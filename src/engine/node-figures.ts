import type { NodeCount, NodeFigures } from '../snapshot/figures.ts'
import { addLatencies, latenciesOf } from '../std/latencies.ts'
import type { Counters } from './context.ts'

type Totals = Readonly<Record<NodeCount, number>>

/** What a listener has counted since it was last asked; undefined when it is nothing. Keeps what it was then with the counters. */
export class CounterGrowth {
  readonly #before = new WeakMap<Counters, Totals>()

  take(counters: Counters): NodeFigures | undefined {
    const before = this.#before.get(counters)
    const now = totalsOf(counters)
    this.#before.set(counters, now)
    const counts: Partial<Record<NodeCount, number>> = {}
    for (const name of Object.keys(now) as NodeCount[]) {
      const growth = now[name] - (before?.[name] ?? 0)
      if (growth > 0) counts[name] = growth
    }
    const latency = counters.latency.take()
    if (latency !== null) {
      counters.latencies = addLatencies(counters.latencies, latenciesOf(latency))
    }
    if (Object.keys(counts).length === 0 && latency === null) return undefined
    const { loadBalancer, zone } = counters
    return { loadBalancer, zone, counts, ...(latency === null ? {} : { latency }) }
  }
}

function totalsOf(counters: Counters): Totals {
  const { routed, target2xx, target3xx, target4xx, target5xx, engine4xx, engine5xx } = counters
  const { spillovers, targetConnectErrors } = counters
  const nonCompliant = Object.values(counters.nonCompliantRequests)
  return {
    ...{ routed, target2xx, target3xx, target4xx, target5xx, engine4xx, engine5xx },
    ...{ spillovers, targetConnectErrors },
    nonCompliantRequests: nonCompliant.reduce((sum, requests) => sum + requests, 0),
    newConnections: counters.connections + counters.targetConnections,
    bytes: counters.bytesIn + counters.bytesOut,
  }
}
