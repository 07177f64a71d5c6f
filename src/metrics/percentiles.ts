/** Percentiles of stored points: read in steps, between which the process does other things, for a busy metric has thousands of them in a week. */
import { setImmediate as turn } from 'node:timers/promises'
import { Histogram } from './histogram.ts'
import type { PointTable, Range, StoredPoint } from './point-table.ts'
import { countIn } from './samples.ts'

/** Periods of so many milliseconds, the first of which begins at `from`. */
export interface Periods extends Range {
  readonly period: number
}

const minute = 60_000
const hour = 60 * minute

/** Of a busy metric, some milliseconds. */
const pointsAtOnce = 500

/**
 * Of the series together, in each period of which it is known how its samples lie, by the time when the period begins.
 * @param share 0 to 1
 */
export async function percentiles(
  points: PointTable,
  series: readonly number[],
  periods: Periods,
  share: number,
): Promise<Map<number, number>> {
  const open = new OpenPeriods(periods, share)
  const { from, to } = coveredBy(points, series, periods)
  // In whole hours, so that points which are made coarser between two steps are read once.
  const step = Math.max(1, Math.floor((pointsAtOnce * minute) / hour / series.length)) * hour
  for (let at = from, end = from; at < to; at = end) {
    end = Math.min(Math.floor(at / hour) * hour + step, to)
    for (const point of points.inRange(series, { from: at, to: end })) open.add(point)
    open.close(end < to ? end : Number.POSITIVE_INFINITY)
    await turn()
  }
  return open.found
}

/** What of a range the series have points in. */
function coveredBy(points: PointTable, series: readonly number[], { from, to }: Range): Range {
  const ends = series.flatMap((id) => points.ends(id) ?? [])
  return {
    from: Math.max(from, Math.min(...ends.map(({ first }) => first))),
    to: Math.min(to, Math.max(...ends.map(({ last }) => last)) + 1),
  }
}

/** Periods that have begun and may get more samples. */
class OpenPeriods {
  /** Of those that are over. */
  readonly found = new Map<number, number>()
  readonly #periods: Periods
  readonly #share: number
  /** Null where nobody knows. */
  readonly #histograms = new Map<number, Histogram | null>()

  constructor(periods: Periods, share: number) {
    this.#periods = periods
    this.#share = share
  }

  add(point: StoredPoint): void {
    const { from, period } = this.#periods
    const time = from + Math.floor((point.time - from) / period) * period
    const before = this.#histograms.get(time)
    if (before === null) return
    const histogram = before ?? new Histogram()
    this.#histograms.set(time, countIn(histogram, point) ? histogram : null)
  }

  /** Those that end by then get nothing more. */
  close(by: number): void {
    for (const [time, histogram] of this.#histograms) {
      if (time + this.#periods.period > by) continue
      this.#histograms.delete(time)
      if (histogram !== null) this.found.set(time, histogram.quantile(this.#share))
    }
  }
}
