import type {
  Datapoint,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
} from '@aws-sdk/client-cloudwatch'
import type { Periods } from '../../metrics/percentiles.ts'
import type { Series } from '../../metrics/series-table.ts'
import type { Operation } from '../wire/service.ts'
import { invalidCombination, notInSet, tooMany, valueInvalid } from './errors.ts'
import { requireMetric } from './metric-names.ts'
import type { CloudWatchPorts } from './ports.ts'
import { plainStatistics, readStatistic, type Statistic, statisticIn } from './statistic.ts'
import { readTimeRange, requirePeriod } from './time-range.ts'
import { requireUnit } from './units.ts'

/** "The maximum number of data points returned from a single call is 1,440" (API reference). */
const maxPoints = 1440
const maxExtended = 10

type Asked = { readonly name: string; readonly extended: boolean; readonly statistic: Statistic }

export function getMetricStatistics(
  ports: CloudWatchPorts,
): Operation<GetMetricStatisticsInput, GetMetricStatisticsOutput> {
  return async (input, { region, clock }) => {
    const { namespace, name, dimensions } = requireMetric(input)
    const unit = requireUnit(input.Unit, 'Unit')
    const asked = requireStatistics(input)
    const periods = requirePeriods(input, clock.now())
    const series = ports.metrics
      .find({ region, namespace, name, dimensions })
      .filter((one) => unit === undefined || one.unit === unit)
    const found: Datapoint[] = []
    for (const one of series) found.push(...(await datapoints(ports, one, periods, asked)))
    return { Label: name, Datapoints: found }
  }
}

/** Of one unit: "the unit is a property of each data point". */
async function datapoints(
  { metrics }: CloudWatchPorts,
  series: Series,
  periods: Periods,
  asked: readonly Asked[],
): Promise<Datapoint[]> {
  const byTime = new Map<number, Datapoint>()
  for (const { name, extended, statistic } of asked) {
    for (const [time, value] of await statisticIn(metrics, [series], periods, statistic)) {
      const point = byTime.get(time) ?? { Timestamp: new Date(time), Unit: series.unit as never }
      if (extended) point.ExtendedStatistics = { ...point.ExtendedStatistics, [name]: value }
      else Object.assign(point, { [name]: value })
      byTime.set(time, point)
    }
  }
  return [...byTime.values()]
}

function requireStatistics({ Statistics, ExtendedStatistics }: GetMetricStatisticsInput): Asked[] {
  const plain = Statistics ?? []
  const extended = ExtendedStatistics ?? []
  if (plain.length + extended.length === 0) {
    throw invalidCombination('Must specify either Statistics or ExtendedStatistics')
  }
  if (plain.length > plainStatistics.length) throw tooMany('Statistics', plainStatistics.length)
  if (extended.length > maxExtended) throw tooMany('ExtendedStatistics', maxExtended)
  return [
    ...plain.map((name, index) => {
      const statistic = readStatistic(name)
      if (statistic !== null && statistic.kind === name) return { name, extended: false, statistic }
      throw notInSet(`Statistics.member.${index + 1}`, plainStatistics)
    }),
    ...extended.map((name, index) => {
      const statistic = readStatistic(name)
      if (statistic?.kind === 'percentile') return { name, extended: true, statistic }
      throw valueInvalid(name, `ExtendedStatistics.member.${index + 1}`)
    }),
  ]
}

function requirePeriods(input: GetMetricStatisticsInput, now: number): Periods {
  const range = readTimeRange(input, now)
  const period = requirePeriod(input.Period)
  const count = Math.floor((range.to - range.from) / period)
  if (count <= maxPoints) return { ...range, period }
  const shown = (value: number) => value.toLocaleString('en-US')
  throw invalidCombination(
    `You have requested up to ${shown(count)} datapoints, which exceeds the limit of ${shown(maxPoints)}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
  )
}
