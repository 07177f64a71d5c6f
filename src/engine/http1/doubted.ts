import type { Counters } from '../context.ts'
import type { Classification } from '../desync/classification.ts'

/** Counts a request that desync mitigation does not find compliant, passed on or not. */
export function countDoubted(counters: Counters, { reason }: Classification): void {
  if (reason === null) return
  const { nonCompliantRequests } = counters
  nonCompliantRequests[reason] = (nonCompliantRequests[reason] ?? 0) + 1
}
