import type {
  DimensionFilter,
  ListMetricsInput,
  ListMetricsOutput,
  Metric,
} from '@aws-sdk/client-cloudwatch'
import type { Series } from '../../metrics/series-table.ts'
import type { Operation } from '../wire/service.ts'
import { missing, notInSet, tooMany } from './errors.ts'
import { apiDimensions } from './metric-names.ts'
import { tokenPage } from './paging.ts'
import type { CloudWatchPorts } from './ports.ts'

/** "Up to 500 results are returned for any one call" (API reference, ListMetrics). */
const pageSize = 500
const maxFilters = 10

const threeHours = 3 * 3_600_000

/** "Metrics that have not reported data in the past two weeks do not appear." */
const twoWeeks = 14 * 86_400_000

export function listMetrics({
  metrics,
}: CloudWatchPorts): Operation<ListMetricsInput, ListMetricsOutput> {
  return async (input, { region, clock }) => {
    checkRequest(input)
    const since = clock.now() - (input.RecentlyActive === undefined ? twoWeeks : threeHours)
    const found = new Map<string, Metric>()
    for (const series of metrics.list(region, input.Namespace, input.MetricName)) {
      if (!hasAll(series, input.Dimensions ?? []) || (metrics.latest(series) ?? 0) < since) continue
      const { namespace, name, dimensions } = series
      // Series of one metric in several units are one metric.
      const key = JSON.stringify([namespace, name, dimensions.map((one) => [one.name, one.value])])
      found.set(key, {
        Namespace: namespace,
        MetricName: name,
        Dimensions: apiDimensions(dimensions),
      })
    }
    const sorted = [...found].sort(([some], [other]) => (some < other ? -1 : 1))
    const request = { token: input.NextToken, limit: pageSize }
    const { items, token } = tokenPage(sorted, ([key]) => key, request)
    return { Metrics: items.map(([, metric]) => metric), ...token }
  }
}

function checkRequest({ Dimensions = [], RecentlyActive }: ListMetricsInput): void {
  if (Dimensions.length > maxFilters) throw tooMany('Dimensions', maxFilters)
  for (const [index, { Name }] of Dimensions.entries()) {
    if (!Name) throw missing(`Dimensions.member.${index + 1}.Name`)
  }
  if (RecentlyActive !== undefined && RecentlyActive !== 'PT3H') {
    throw notInSet('RecentlyActive', ['PT3H'])
  }
}

/** A filter without a value is for dimensions of that name. */
function hasAll({ dimensions }: Series, filters: readonly DimensionFilter[]): boolean {
  return filters.every(({ Name, Value }) =>
    dimensions.some(({ name, value }) => name === Name && (Value === undefined || value === Value)),
  )
}
