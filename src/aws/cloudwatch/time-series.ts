/** What metric math reckons with: numbers, series of points in time, and lists of series. */
import { ExpressionError, type Operator } from './expression-parser.ts'

export interface TimeSeries {
  readonly label: string
  /** Milliseconds between its points. */
  readonly period: number
  /** By time in milliseconds since the epoch, in order of time. */
  readonly points: ReadonlyMap<number, number>
}

export type Value = number | string | TimeSeries | readonly TimeSeries[]

export function isSeries(value: Value): value is TimeSeries {
  return typeof value === 'object' && 'points' in value
}

export function isList(value: Value): value is readonly TimeSeries[] {
  return Array.isArray(value)
}

/** Values of a series by a function of each; points whose value is no number are left out, as after a division by 0. */
export function mapPoints(
  series: TimeSeries,
  change: (value: number, time: number) => number | undefined,
): TimeSeries {
  const points = new Map<number, number>()
  for (const [time, value] of series.points) {
    const changed = change(value, time)
    if (changed !== undefined && Number.isFinite(changed)) points.set(time, changed)
  }
  return { ...series, points }
}

/** Each point of a series with a number, or with the point of the same time of another series. */
export function operate(operator: Operator, left: Value, right: Value): Value {
  if (typeof left === 'string' || typeof right === 'string') {
    throw new ExpressionError(`A text cannot be used with '${operator}'`)
  }
  if (isList(left) && isList(right)) {
    throw new ExpressionError(`Two arrays of time series cannot be used with '${operator}'`)
  }
  if (isList(left)) return left.map((one) => operate(operator, one, right) as TimeSeries)
  if (isList(right)) return right.map((one) => operate(operator, left, one) as TimeSeries)
  const reckon = operations[operator]
  if (isSeries(left)) {
    return mapPoints(left, (value, time) => {
      const other = isSeries(right) ? right.points.get(time) : right
      return other === undefined ? undefined : reckon(value, other)
    })
  }
  return isSeries(right) ? mapPoints(right, (value) => reckon(left, value)) : reckon(left, right)
}

const either = (a: number, b: number) => Number(a !== 0 || b !== 0)
const both = (a: number, b: number) => Number(a !== 0 && b !== 0)

const operations: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '||': either,
  OR: either,
  '&&': both,
  AND: both,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
}
