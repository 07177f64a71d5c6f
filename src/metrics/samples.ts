import { Histogram } from './histogram.ts'
import type { Statistics } from './metric-datum.ts'

/** What is known of a number of samples. */
export interface Samples extends Statistics {
  /** {@link Histogram.serialise} of them; null when all are equal, or when nobody knows how they lie. */
  readonly sketch: Uint8Array | null
}

export function addUp(some: Samples, others: Samples): Samples {
  const sum = {
    count: some.count + others.count,
    sum: some.sum + others.sum,
    minimum: Math.min(some.minimum, others.minimum),
    maximum: Math.max(some.maximum, others.maximum),
  }
  if (sum.minimum === sum.maximum) return { ...sum, sketch: null }
  const histogram = new Histogram()
  const known = countIn(histogram, some) && countIn(histogram, others)
  return { ...sum, sketch: known ? histogram.serialise() : null }
}

/** @returns false when that cannot be: nobody knows how they lie, some are negative, or their number is not whole. */
export function countIn(histogram: Histogram, samples: Samples): boolean {
  const { count, minimum, maximum, sketch } = samples
  if (minimum < 0) return false
  if (sketch !== null) histogram.merge(sketch)
  else if (minimum === maximum && Number.isSafeInteger(count)) histogram.accept(minimum, count)
  else return false
  return true
}
