/** What a reader can ask of the samples of a period: "CloudWatch statistics definitions" of the user guide. */
import type { Statistic as ApiStatistic } from '@aws-sdk/client-cloudwatch'
import type { Statistics } from '../../metrics/metric-datum.ts'
import type { MetricStore } from '../../metrics/metric-store.ts'
import type { Periods } from '../../metrics/percentiles.ts'
import type { Series } from '../../metrics/series-table.ts'

export type Statistic =
  | { readonly kind: ApiStatistic }
  /** `share` of 1: 0.95 is the 95th percentile. */
  | { readonly kind: 'percentile'; readonly share: number }

export const plainStatistics = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const

/** `Average`, `p99`, `p95.45`; null for what is no statistic that is served here. */
export function readStatistic(text: string): Statistic | null {
  const kind = plainStatistics.find((plain) => plain === text)
  if (kind !== undefined) return { kind }
  const [, percentile] = /^p(\d{1,2}(?:\.\d{0,10})?|100)$/.exec(text) ?? []
  return percentile === undefined ? null : { kind: 'percentile', share: Number(percentile) / 100 }
}

/** A statistic in each period that has it, by the time when the period begins, in order of time. */
export async function statisticIn(
  store: MetricStore,
  series: readonly Series[],
  periods: Periods,
  statistic: Statistic,
): Promise<Map<number, number>> {
  const points = store.points(series, periods)
  if (statistic.kind !== 'percentile') {
    const { kind } = statistic
    return new Map(points.map((point) => [point.time, plainValue(point, kind)]))
  }
  const percentiles = await store.percentiles(series, periods, statistic.share)
  const values = points.flatMap(({ time, minimum, maximum }): [number, number][] => {
    const value = percentiles.get(time)
    return value === undefined ? [] : [[time, Math.min(Math.max(value, minimum), maximum)]]
  })
  return new Map(values)
}

function plainValue(point: Statistics, kind: ApiStatistic): number {
  switch (kind) {
    case 'SampleCount':
      return point.count
    case 'Average':
      return point.sum / point.count
    case 'Sum':
      return point.sum
    case 'Minimum':
      return point.minimum
    case 'Maximum':
      return point.maximum
  }
}
