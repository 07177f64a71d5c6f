import { newCounters } from '../../src/engine/counters.ts'
import type { ListenerCounters } from '../../src/snapshot/status.ts'

const { latency: _, ...counters } = newCounters('lb', 'a', 'listener')

/** Of a listener that nothing has come to. */
export const nothingCounted: ListenerCounters = counters
