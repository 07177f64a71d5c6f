/** The functions of metric math that need nothing but their parameters: "Functions supported for metric math" of the user guide. */
import { ExpressionError } from './expression-parser.ts'
import { isList, isSeries, mapPoints, type TimeSeries, type Value } from './time-series.ts'

/** A range of time, for functions that make points where there are none. In milliseconds since the epoch. */
export interface Grid {
  readonly from: number
  readonly to: number
}

type MathFunction = (parameters: readonly Value[], grid: Grid) => Value

/** Undefined when there is no such function. */
export function mathFunction(name: string): MathFunction | undefined {
  return Object.hasOwn(functions, name) ? functions[name] : undefined
}

type Numbers = readonly number[]

const sum = (values: Numbers) => values.reduce((total, value) => total + value, 0)
const average = (values: Numbers) => sum(values) / values.length

function deviation(values: Numbers): number {
  const mean = average(values)
  return Math.sqrt(average(values.map((value) => (value - mean) ** 2)))
}

const functions: Readonly<Record<string, MathFunction>> = {
  ABS: each(Math.abs),
  CEIL: each(Math.ceil),
  FLOOR: each(Math.floor),
  LOG: each(Math.log),
  LOG10: each(Math.log10),

  AVG: summary(average),
  MAX: summary((values) => values.reduce((a, b) => Math.max(a, b), -Infinity)),
  MIN: summary((values) => values.reduce((a, b) => Math.min(a, b), Infinity)),
  STDDEV: summary(deviation),
  SUM: summary(sum),
  DATAPOINT_COUNT: summary((values) => values.length),

  DIFF: between((value, before) => value - before),
  RATE: between((value, before, seconds) => (value - before) / seconds),
  DIFF_TIME: between((_value, _before, seconds) => seconds),
  RUNNING_SUM: onSeries((series) => {
    let total = 0
    return mapPoints(series, (value) => {
      total += value
      return total
    })
  }),

  PERIOD: ([series]) => seconds(requireSeries(series).period),
  METRIC_COUNT: ([list]) => requireList(list).length,
  FIRST: ([list]) => requireItem(requireList(list).at(0)),
  LAST: ([list]) => requireItem(requireList(list).at(-1)),
  REMOVE_EMPTY: ([list]) => requireList(list).filter(({ points }) => points.size > 0),
  TIME_SERIES: ([value, ...rest], grid) => {
    if (typeof value !== 'number' || rest.length > 0)
      throw new ExpressionError('TIME_SERIES needs a number')
    const times = timesOf({ period: minute }, grid)
    return {
      label: 'TIME_SERIES',
      period: minute,
      points: new Map(times.map((time) => [time, value])),
    }
  },
  FILL: ([value, filling, ...rest], grid) => {
    if (value === undefined || filling === undefined || rest.length > 0) {
      throw new ExpressionError('FILL needs a time series and what fills it')
    }
    return overSeries(value, (series) => filled(series, filling, grid))
  },
  IF: ([condition, yes, no, ...rest]) => {
    if (condition === undefined || yes === undefined || rest.length > 0) {
      throw new ExpressionError('IF needs a condition and one or two values')
    }
    return chosen(condition, yes, no)
  },
}

const minute = 60_000

const seconds = (ms: number) => ms / 1000

/** Of every point of a series, or of several, or of a number. */
function each(change: (value: number) => number): MathFunction {
  return ([value]) => {
    if (typeof value === 'number') return change(value)
    return overSeries(requireValue(value), (series) => mapPoints(series, change))
  }
}

/** A number that a series comes to; of several series, a series of what they come to at each time. */
function summary(reckon: (values: Numbers) => number): MathFunction {
  return (parameters) => {
    if (parameters.length === 1 && parameters[0] !== undefined && isSeries(parameters[0])) {
      return reckon([...parameters[0].points.values()])
    }
    const list = parameters.flatMap((value) => (isList(value) ? value : [requireSeries(value)]))
    const times = new Set(list.flatMap(({ points }) => [...points.keys()]))
    const points = [...times]
      .sort((a, b) => a - b)
      .map((time): [number, number] => {
        return [time, reckon(list.flatMap((series) => series.points.get(time) ?? []))]
      })
    const period = list.reduce((least, series) => Math.min(least, series.period), Infinity)
    return { label: '', period: Number.isFinite(period) ? period : minute, points: new Map(points) }
  }
}

/** Of each point and the one before it. */
function between(reckon: (value: number, before: number, seconds: number) => number): MathFunction {
  return onSeries((series) => {
    let last: { readonly time: number; readonly value: number } | undefined
    return mapPoints(series, (value, time) => {
      const before = last
      last = { time, value }
      return before && reckon(value, before.value, seconds(time - before.time))
    })
  })
}

function onSeries(change: (series: TimeSeries) => TimeSeries): MathFunction {
  return ([value]) => overSeries(requireValue(value), change)
}

function overSeries(value: Value, change: (series: TimeSeries) => TimeSeries): Value {
  return isList(value) ? value.map(change) : change(requireSeries(value))
}

function timesOf({ period }: Pick<TimeSeries, 'period'>, { from, to }: Grid): number[] {
  return Array.from(
    { length: Math.ceil((to - from) / period) },
    (_, index) => from + index * period,
  )
}

type Point = readonly [time: number, value: number]

/** What stands for a point that is missing, between the points before and after it. */
type Filling = (
  time: number,
  before: Point | undefined,
  after: Point | undefined,
) => number | undefined

function filled(series: TimeSeries, filling: Value, grid: Grid): TimeSeries {
  const fill = fillingOf(filling)
  const known = [...series.points]
  const points = new Map<number, number>()
  let next = 0
  for (const time of timesOf(series, grid)) {
    while ((known[next]?.[0] ?? Infinity) < time) next += 1
    const value = series.points.get(time) ?? fill(time, known[next - 1], known[next])
    if (value !== undefined) points.set(time, value)
  }
  return { ...series, points }
}

function fillingOf(filling: Value): Filling {
  if (typeof filling === 'number') return () => filling
  if (isSeries(filling)) return (time) => filling.points.get(time)
  if (filling === 'REPEAT') return (_time, before) => before?.[1]
  if (filling === 'LINEAR') return betweenPoints
  throw new ExpressionError('FILL takes a number, a time series, REPEAT or LINEAR')
}

const betweenPoints: Filling = (time, before, after) => {
  if (before === undefined || after === undefined) return undefined
  return before[1] + ((after[1] - before[1]) * (time - before[0])) / (after[0] - before[0])
}

/** Per point of the condition: the one value where it is not 0, the other where it is; without another, no point. */
function chosen(condition: Value, yes: Value, no: Value | undefined): Value {
  if (typeof condition === 'number') {
    const taken = condition === 0 ? no : yes
    if (taken === undefined) throw new ExpressionError('IF with a number needs both values')
    return taken
  }
  return mapPoints(requireSeries(condition), (value, time) => {
    const taken = value === 0 ? no : yes
    if (taken === undefined || typeof taken === 'number') return taken
    return requireSeries(taken).points.get(time)
  })
}

function requireSeries(value: Value | undefined): TimeSeries {
  if (value !== undefined && isSeries(value)) return value
  throw new ExpressionError('A time series is expected')
}

function requireList(value: Value | undefined): readonly TimeSeries[] {
  if (value !== undefined && isList(value)) return value
  throw new ExpressionError('An array of time series is expected')
}

function requireItem(item: TimeSeries | undefined): TimeSeries {
  if (item === undefined) throw new ExpressionError('The array of time series is empty')
  return item
}

function requireValue(value: Value | undefined): Value {
  if (value === undefined) throw new ExpressionError('A parameter is missing')
  return value
}
