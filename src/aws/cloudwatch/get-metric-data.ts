import { setImmediate } from 'node:timers/promises'
import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch'
import type { Operation } from '../wire/service.ts'
import { invalidCombination, invalidNextToken, notInSet, valueInvalid } from './errors.ts'
import { MetricMath } from './metric-math.ts'
import { type Query, readQueries } from './metric-queries.ts'
import type { CloudWatchPorts } from './ports.ts'
import { readTimeRange, type TimeRange } from './time-range.ts'
import type { TimeSeries } from './time-series.ts'

/** "A single GetMetricData call can include up to 500 MetricDataQuery structures." */
const maxQueries = 500

/** "The maximum number of data points the request should return": the default, and the most. */
const maxPoints = 100_800

export function getMetricData(
  ports: CloudWatchPorts,
): Operation<GetMetricDataInput, GetMetricDataOutput> {
  return async (input, { region, clock }) => {
    const queries = readQueries(input.MetricDataQueries ?? [], 'MetricDataQueries', maxQueries)
    const range = readTimeRange(input, clock.now())
    for (const query of queries.values()) requireFewPoints(query, range)
    const descending = isDescending(input.ScanBy)
    const limit = input.MaxDatapoints ?? maxPoints
    if (limit < 1 || limit > maxPoints) throw valueInvalid(limit, 'MaxDatapoints')
    const given = pointsGiven(input.NextToken)

    const math = new MetricMath(ports.metrics, region, queries, range)
    const results: MetricDataResult[] = []
    for (const query of queries.values()) {
      if (!query.returned) continue
      const found = await math.seriesOf(query)
      results.push(...found.map((series) => toResult(query, series, descending)))
      await setImmediate()
    }
    return resultPage(results, given, limit)
  }
}

function requireFewPoints(query: Query, { from, to }: TimeRange): void {
  if (query.kind === 'expression' || (to - from) / query.period <= maxPoints) return
  throw invalidCombination(
    `The query ${query.id} has more than ${maxPoints} periods. You may reduce them by increasing Period, or decreasing the time range.`,
  )
}

function isDescending(scanBy: string | undefined): boolean {
  if (scanBy === undefined || scanBy === 'TimestampDescending') return true
  if (scanBy === 'TimestampAscending') return false
  throw notInSet('ScanBy', ['TimestampDescending', 'TimestampAscending'])
}

function toResult({ id }: Query, series: TimeSeries, descending: boolean): MetricDataResult {
  const points = [...series.points]
  if (descending) points.reverse()
  return {
    Id: id,
    Label: series.label,
    Timestamps: points.map(([time]) => new Date(time)),
    Values: points.map(([, value]) => value),
    StatusCode: 'Complete',
  }
}

/** The token says how many points the pages before had. */
function pointsGiven(token: string | undefined): number {
  if (token === undefined) return 0
  if (/^[1-9]\d{0,8}$/.test(token)) return Number(token)
  throw invalidNextToken(token)
}

/** Results whose points are all in pages before, or all in pages after, are left out. */
function resultPage(
  results: readonly MetricDataResult[],
  given: number,
  limit: number,
): GetMetricDataOutput {
  const shown: MetricDataResult[] = []
  let at = 0
  for (const result of results) {
    const { Timestamps = [], Values = [] } = result
    const [start, end] = [Math.max(given - at, 0), Math.min(given + limit - at, Values.length)]
    at += Values.length
    if (start >= end && !(Values.length === 0 && given === 0)) continue
    shown.push({
      ...result,
      Timestamps: Timestamps.slice(start, end),
      Values: Values.slice(start, end),
      StatusCode: end < Values.length ? 'PartialData' : 'Complete',
    })
  }
  const more = given + limit < at
  return {
    MetricDataResults: shown,
    Messages: [],
    ...(more ? { NextToken: `${given + limit}` } : {}),
  }
}
