import type { ListenerCounters } from '../snapshot/status.ts'
import { addLatencies } from '../std/latencies.ts'

/** Sums the counters of threads that come and go into totals that only grow. */
export class CounterTotals {
  /** What threads that have ended had counted. */
  #ended = new Map<string, ListenerCounters>()
  readonly #threads = new Map<number, readonly ListenerCounters[]>()

  set(thread: number, counters: readonly ListenerCounters[]): void {
    this.#threads.set(thread, counters)
  }

  /** The thread has ended: its connections are closed, its counts stay. */
  end(thread: number): void {
    for (const counters of this.#threads.get(thread) ?? []) {
      add(this.#ended, { ...counters, ...nothingNow })
    }
    this.#threads.delete(thread)
  }

  /** Forgets what ended threads had counted for all other listeners: they are gone for good. */
  keep(listeners: ReadonlySet<string>): void {
    for (const listener of this.#ended.keys()) {
      if (!listeners.has(listener)) this.#ended.delete(listener)
    }
  }

  totals(): ListenerCounters[] {
    const sums = new Map(this.#ended)
    for (const counters of this.#threads.values()) {
      for (const one of counters) add(sums, one)
    }
    return [...sums.values()]
  }
}

/** The figures that say what is now. */
const nothingNow = { openConnections: 0, outstanding: 0, surgeQueueLength: 0, surgeQueuePeak: 0 }

function add(sums: Map<string, ListenerCounters>, more: ListenerCounters): void {
  const sum = sums.get(more.listener)
  sums.set(more.listener, sum === undefined ? more : plus(sum, more))
}

/** Every figure of the one added to the same figure of the other. */
function plus(a: ListenerCounters, b: ListenerCounters): ListenerCounters {
  const figures = Object.entries(b).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value + Number(a[name as keyof ListenerCounters])]] : [],
  )
  const nonCompliantRequests = eachPlus(a.nonCompliantRequests, b.nonCompliantRequests)
  const latencies = addLatencies(a.latencies, b.latencies)
  return { ...b, ...Object.fromEntries(figures), nonCompliantRequests, latencies }
}

function eachPlus(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = { ...a }
  for (const [name, value] of Object.entries(b)) sums[name] = value + (sums[name] ?? 0)
  return sums
}
