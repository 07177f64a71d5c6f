import type { MetricStore } from '../../metrics/metric-store.ts'
import { ApiError } from '../wire/errors.ts'
import type { AlarmRecord, WatchedMath, WatchedMetric } from './alarm-records.ts'
import { type Datapoint, furtherPeriods } from './alarm-verdict.ts'
import { MetricMath } from './metric-math.ts'
import { readQueries } from './metric-queries.ts'
import { readStatistic, statisticIn } from './statistic.ts'

const secondMs = 1000

/**
 * What an alarm watches, in each of the periods that it looks at; newest first.
 * @param end when the newest period ends, in milliseconds since the epoch
 */
export async function alarmData(
  metrics: MetricStore,
  alarm: AlarmRecord,
  end: number,
): Promise<Datapoint[]> {
  const { watched, evaluationPeriods } = alarm.settings
  const period = watched.period * secondMs
  const count = evaluationPeriods + furtherPeriods
  const range = { from: end - count * period, to: end }
  const { values, counts } =
    watched.kind === 'metric'
      ? await metricValues(metrics, alarm.region, watched, range)
      : { values: await mathValues(metrics, alarm.region, watched, range), counts: null }
  return Array.from({ length: count }, (_, index) => {
    const time = end - (index + 1) * period
    return { time, value: values.get(time) ?? null, sampleCount: counts?.get(time) ?? null }
  })
}

interface TimeSpan {
  readonly from: number
  readonly to: number
}

type Values = ReadonlyMap<number, number>

async function metricValues(
  metrics: MetricStore,
  region: string,
  { unit, statistic: name, period, ...metric }: WatchedMetric,
  range: TimeSpan,
): Promise<{ values: Values; counts: Values }> {
  const series = metrics
    .find({ region, ...metric })
    .filter((one) => unit === null || one.unit === unit)
  const periods = { ...range, period: period * secondMs }
  const statistic = readStatistic(name)
  if (statistic === null) throw new Error(`an alarm on the unknown statistic ${name} was stored`)
  return {
    values: await statisticIn(metrics, series, periods, statistic),
    counts: await statisticIn(metrics, series, periods, { kind: 'SampleCount' }),
  }
}

/** An expression that comes to no series, or to several, gives no data. */
async function mathValues(
  metrics: MetricStore,
  region: string,
  { queries }: WatchedMath,
  range: TimeSpan,
): Promise<Values> {
  const read = readQueries(queries, 'Metrics', queries.length)
  const returned = [...read.values()].find((query) => query.returned)
  if (returned === undefined) return new Map()
  try {
    const math = new MetricMath(metrics, region, read, range)
    const [series, ...others] = await math.seriesOf(returned)
    return series === undefined || others.length > 0 ? new Map() : series.points
  } catch (error) {
    if (error instanceof ApiError) return new Map()
    throw error
  }
}
