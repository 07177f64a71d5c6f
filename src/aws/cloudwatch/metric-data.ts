/** What PutMetricData may be given: API reference, "MetricDatum". */
import type { MetricDatum as ApiDatum, StatisticSet } from '@aws-sdk/client-cloudwatch'
import { Histogram } from '../../metrics/histogram.ts'
import type { MetricDatum } from '../../metrics/metric-datum.ts'
import {
  exclusive,
  invalidValue,
  missing,
  missingOneOf,
  notInSet,
  tooMany,
  valueInvalid,
} from './errors.ts'
import { requireDimensions, requireMetricName } from './metric-names.ts'
import { requireUnit } from './units.ts'

const minute = 60_000
const twoHours = 120 * minute
const twoWeeks = 14 * 24 * 60 * minute

/** "Each metric can have up to 150 unique values". */
const maxValues = 150

/** "Values must be in the range of -2^360 to 2^360." */
const greatest = 2 ** 360

type Samples = Pick<MetricDatum, 'count' | 'sum' | 'minimum' | 'maximum' | 'sketch'>

/**
 * @param parameter as the query protocol spells it: `MetricData.member.1`
 * @returns null when there is no sample in it
 */
export function readDatum(
  datum: ApiDatum,
  parameter: string,
  now: number,
): Omit<MetricDatum, 'region' | 'namespace'> | null {
  const name = requireMetricName(datum.MetricName, `${parameter}.MetricName`)
  const dimensions = requireDimensions(datum.Dimensions, `${parameter}.Dimensions`)
  const unit = requireUnit(datum.Unit, `${parameter}.Unit`) ?? 'None'
  if (datum.StorageResolution !== undefined && ![1, 60].includes(datum.StorageResolution)) {
    throw notInSet(`${parameter}.StorageResolution`, ['1', '60'])
  }
  const time = requireTime(datum.Timestamp?.getTime() ?? now, `${parameter}.Timestamp`, now)
  const samples = readSamples(datum, parameter)
  if (samples === null) return null
  return { name, dimensions, unit, minute: Math.floor(time / minute) * minute, ...samples }
}

function requireTime(time: number, parameter: string, now: number): number {
  if (time > now + twoHours) {
    throw invalidValue(
      `The parameter ${parameter} must specify a time no more than two hours in the future.`,
    )
  }
  if (time < now - twoWeeks) {
    throw invalidValue(`The parameter ${parameter} must specify a time within the past two weeks.`)
  }
  return time
}

function readSamples(datum: ApiDatum, parameter: string): Samples | null {
  const { Value, Values, Counts, StatisticValues } = datum
  const given = (['Value', 'Values', 'StatisticValues'] as const)
    .filter((member) => datum[member] !== undefined)
    .map((member) => `${parameter}.${member}`)
  if (given[1] !== undefined) throw exclusive(given[0] ?? '', given[1])
  if (Value !== undefined) return ofValues([Value], undefined, `${parameter}.Value`)
  if (StatisticValues !== undefined) {
    return ofStatistics(StatisticValues, `${parameter}.StatisticValues`)
  }
  if (Values === undefined) {
    throw missingOneOf(['Value', 'Values', 'StatisticValues'].map((one) => `${parameter}.${one}`))
  }
  if (Values.length > maxValues) throw tooMany(`${parameter}.Values`, maxValues)
  if (Counts !== undefined && Counts.length !== Values.length) {
    throw invalidValue(
      `The parameters ${parameter}.Values and ${parameter}.Counts must be of the same size.`,
    )
  }
  return ofValues(Values, Counts, `${parameter}.Values`)
}

/** Values with how often each came; null when none came. */
function ofValues(
  values: readonly number[],
  counts: readonly number[] | undefined,
  parameter: string,
): Samples | null {
  const samples = values
    .map((value, index) => ({
      value: requireNumber(value, parameter),
      times: counts?.[index] ?? 1,
    }))
    .filter(({ times }) => {
      if (times >= 0 && times <= Number.MAX_SAFE_INTEGER) return times > 0
      throw valueInvalid(times, parameter.replace(/Values$/, 'Counts'))
    })
  if (samples.length === 0) return null
  const minimum = Math.min(...samples.map(({ value }) => value))
  const maximum = Math.max(...samples.map(({ value }) => value))
  const sketch = minimum === maximum ? undefined : sketchOf(samples)
  return {
    count: samples.reduce((sum, { times }) => sum + times, 0),
    sum: samples.reduce((sum, { value, times }) => sum + value * times, 0),
    minimum,
    maximum,
    ...(sketch === undefined ? {} : { sketch }),
  }
}

/** "Percentile statistics are not available for metrics when any of the metric values are negative numbers." */
function sketchOf(samples: readonly { value: number; times: number }[]): Uint8Array | undefined {
  if (samples.some(({ value, times }) => value < 0 || !Number.isInteger(times))) return undefined
  const histogram = new Histogram()
  for (const { value, times } of samples) histogram.accept(value, times)
  return histogram.serialise()
}

function ofStatistics(set: StatisticSet, parameter: string): Samples {
  const read = (member: keyof StatisticSet): number => {
    const value = set[member]
    if (value === undefined) throw missing(`${parameter}.${member}`)
    return requireNumber(value, `${parameter}.${member}`)
  }
  const [count, sum] = [read('SampleCount'), read('Sum')]
  const [minimum, maximum] = [read('Minimum'), read('Maximum')]
  if (count <= 0) throw valueInvalid(count, `${parameter}.SampleCount`)
  if (minimum <= maximum) return { count, sum, minimum, maximum }
  throw invalidValue(
    `The parameter ${parameter}.Maximum must be greater than or equal to ${parameter}.Minimum.`,
  )
}

function requireNumber(value: number, parameter: string): number {
  if (Math.abs(value) <= greatest) return value
  throw valueInvalid(value, parameter)
}
