import type { NodeCount, NodeFigures, NodeState } from '../../snapshot/figures.ts'
import { Distribution } from '../../std/distribution.ts'

/** Adds up what nodes have counted, from several threads and over time. */
export class FiguresSum {
  #nodes = new Map<string, NodeSum>()

  get empty(): boolean {
    return this.#nodes.size === 0
  }

  add(figures: NodeFigures): void {
    const { loadBalancer, zone } = figures
    const key = `${loadBalancer} ${zone}`
    const sum = this.#nodes.get(key) ?? new NodeSum(loadBalancer, zone)
    this.#nodes.set(key, sum)
    sum.add(figures)
  }

  /** Each node once, and begins anew. */
  take(): NodeFigures[] {
    const nodes = [...this.#nodes.values()].map((sum) => sum.figures())
    this.#nodes = new Map()
    return nodes
  }
}

class NodeSum {
  readonly #loadBalancer: string
  readonly #zone: string
  readonly #counts: Partial<Record<NodeCount, number>> = {}
  readonly #latency = new Distribution()
  readonly #surgeQueue = new Distribution()
  #state: NodeState | undefined

  constructor(loadBalancer: string, zone: string) {
    this.#loadBalancer = loadBalancer
    this.#zone = zone
  }

  add({ counts, latency, surgeQueue, state }: NodeFigures): void {
    for (const [name, count] of Object.entries(counts) as [NodeCount, number][]) {
      this.#counts[name] = (this.#counts[name] ?? 0) + count
    }
    if (latency !== undefined) this.#latency.merge(latency)
    if (surgeQueue !== undefined) this.#surgeQueue.merge(surgeQueue)
    this.#state = state ?? this.#state
  }

  figures(): NodeFigures {
    const latency = this.#latency.samples()
    const surgeQueue = this.#surgeQueue.samples()
    return {
      loadBalancer: this.#loadBalancer,
      zone: this.#zone,
      counts: this.#counts,
      ...(latency === null ? {} : { latency }),
      ...(surgeQueue === null ? {} : { surgeQueue }),
      ...(this.#state === undefined ? {} : { state: this.#state }),
    }
  }
}
