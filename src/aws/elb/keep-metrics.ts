import { setImmediate as turn } from 'node:timers/promises'
import type { MetricBatch, MetricDatum } from '../../metrics/metric-datum.ts'
import type { FiguresBatch } from '../../snapshot/figures.ts'
import { elbMetrics } from './metrics.ts'

/** Stored in one transaction: some ten milliseconds, for which everything else waits. */
const pieceLength = 1000

/**
 * Stores what nodes have counted, durably when it resolves, and each thing once however often the batch comes: a piece at a time, so that a minute
 * of thousands of nodes does not hold up the rest of the process. Each piece is of a source of its own, so that one that came through is passed over.
 * @throws Error when the store does not take it
 */
export async function keepElbMetrics(
  batch: FiguresBatch,
  store: { add(batch: MetricBatch): void },
): Promise<void> {
  const { source, sequence } = batch
  let data: MetricDatum[] = []
  let pieces = 0
  const keep = () => {
    store.add({ source: `${source}/${pieces}`, sequence, data })
    pieces += 1
    data = []
  }
  for (const datum of elbMetrics(batch)) {
    data.push(datum)
    if (data.length < pieceLength) continue
    keep()
    await turn()
  }
  if (data.length > 0) keep()
}
