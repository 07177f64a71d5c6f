import { binValue, type Samples } from './distribution.ts'

/** Bounds of latencies that are told apart in running totals, in seconds. */
export const latencyBounds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
]

/** Running totals of latencies: they only grow. */
export interface Latencies {
  readonly count: number
  /** Seconds. */
  readonly sum: number
  /** How many were at most each of {@link latencyBounds}. Those within 1 % of a bound may be on its other side. */
  readonly atMost: readonly number[]
}

export const noLatencies: Latencies = { count: 0, sum: 0, atMost: latencyBounds.map(() => 0) }

export function addLatencies(a: Latencies, b: Latencies): Latencies {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    atMost: a.atMost.map((count, place) => count + (b.atMost[place] ?? 0)),
  }
}

/** @param samples in seconds */
export function latenciesOf({ count, sum, bins }: Samples): Latencies {
  const atMost = latencyBounds.map(() => 0)
  for (let i = 0; i < bins.length; i += 2) {
    const seconds = binValue(bins[i] as number)
    const times = bins[i + 1] as number
    for (const [place, bound] of latencyBounds.entries()) {
      if (seconds <= bound) (atMost[place] as number) += times
    }
  }
  return { count, sum, atMost }
}
