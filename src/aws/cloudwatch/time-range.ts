import { invalidValue, missing } from './errors.ts'

const minute = 60_000
const day = 86_400_000

/** In milliseconds since the epoch. */
export interface TimeRange {
  /** Rounded down, by how old it is, to the points that are still kept. */
  readonly from: number
  /** Not in the range any more. */
  readonly to: number
}

/** "CloudWatch rounds the specified time stamp" (API reference, GetMetricStatistics, StartTime). */
export function readTimeRange(
  { StartTime, EndTime }: { StartTime?: Date | undefined; EndTime?: Date | undefined },
  now: number,
): TimeRange {
  if (StartTime === undefined) throw missing('StartTime')
  if (EndTime === undefined) throw missing('EndTime')
  const start = StartTime.getTime()
  const to = EndTime.getTime()
  if (start >= to) {
    throw invalidValue('The parameter StartTime must be less than the parameter EndTime.')
  }
  const step = resolutionAt(now - start)
  return { from: Math.floor(start / step) * step, to }
}

/** In milliseconds, of what is that many milliseconds old. */
function resolutionAt(age: number): number {
  if (age < 15 * day) return minute
  return age < 63 * day ? 5 * minute : 60 * minute
}

/** In seconds: what metrics of high resolution have. Here their points are those of minutes. */
const shortPeriods = [1, 5, 10, 20, 30]

/** @returns milliseconds @throws ApiError */
export function requirePeriod(period: number | undefined, parameter = 'Period'): number {
  if (period === undefined) throw missing(parameter)
  if (shortPeriods.includes(period)) return minute
  if (period > 0 && Number.isInteger(period / 60) && period <= 455 * 86_400) return period * 1000
  throw invalidValue(
    `The parameter ${parameter} must be a value in the set [${shortPeriods.join(', ')}] or a multiple of 60.`,
  )
}
