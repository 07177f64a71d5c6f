/** Queries of GetMetricData, and of alarms on metric math: API reference, "MetricDataQuery". */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import type { SeriesName } from '../../metrics/metric-datum.ts'
import { validationError } from '../wire/errors.ts'
import { invalidCombination, missing, tooMany, valueInvalid } from './errors.ts'
import { type Expression, ExpressionError, parseExpression } from './expression-parser.ts'
import { requireMetric } from './metric-names.ts'
import { readStatistic, type Statistic } from './statistic.ts'
import { requirePeriod } from './time-range.ts'
import { requireUnit } from './units.ts'

interface QueryBase {
  readonly id: string
  /** What its author calls it. */
  readonly label: string | undefined
  readonly returned: boolean
}

export interface StatisticQuery extends QueryBase {
  readonly kind: 'statistic'
  readonly metric: Omit<SeriesName, 'region' | 'unit'>
  readonly unit: string | undefined
  /** Milliseconds. */
  readonly period: number
  readonly statistic: Statistic
}

export interface ExpressionQuery extends QueryBase {
  readonly kind: 'expression'
  readonly expression: Expression
}

export type Query = StatisticQuery | ExpressionQuery

const longestExpression = 2048

/** @param parameter as the query protocol spells it @throws ApiError */
export function readQueries(
  queries: readonly MetricDataQuery[],
  parameter: string,
  limit: number,
): Map<string, Query> {
  if (queries.length === 0) throw missing(parameter)
  if (queries.length > limit) throw tooMany(parameter, limit)
  const read = new Map<string, Query>()
  for (const [index, query] of queries.entries()) {
    const one = readQuery(query, `${parameter}.member.${index + 1}`)
    if (read.has(one.id)) throw validationError(`The query Id ${one.id} is used more than once`)
    read.set(one.id, one)
  }
  return read
}

function readQuery(query: MetricDataQuery, parameter: string): Query {
  const id = query.Id ?? ''
  if (!/^[a-z]\w{0,254}$/.test(id)) throw valueInvalid(id, `${parameter}.Id`)
  const base = { id, label: query.Label, returned: query.ReturnData ?? true }
  const { MetricStat, Expression: text } = query
  if ((MetricStat === undefined) === (text === undefined)) {
    throw invalidCombination(`${parameter} must have either MetricStat or Expression.`)
  }
  if (MetricStat === undefined) {
    if (query.Period !== undefined) requirePeriod(query.Period, `${parameter}.Period`)
    return { ...base, kind: 'expression', expression: requireExpression(id, text ?? '') }
  }
  const within = `${parameter}.MetricStat`
  const statistic = readStatistic(MetricStat.Stat ?? '')
  if (statistic === null) throw valueInvalid(MetricStat.Stat, `${within}.Stat`)
  return {
    ...base,
    kind: 'statistic',
    metric: requireMetric(MetricStat.Metric ?? {}, `${within}.Metric.`),
    unit: requireUnit(MetricStat.Unit, `${within}.Unit`),
    period: requirePeriod(MetricStat.Period, `${within}.Period`),
    statistic,
  }
}

function requireExpression(id: string, text: string): Expression {
  if (text.length > longestExpression) {
    throw validationError(`The expression '${id}' is longer than ${longestExpression} characters`)
  }
  try {
    return parseExpression(text)
  } catch (error) {
    throw inExpression(id, error)
  }
}

/** The error that names the expression in which something is wrong; any other is as it was. */
export function inExpression(id: string, error: unknown): unknown {
  if (!(error instanceof ExpressionError)) return error
  return validationError(`Error in expression '${id}': ${error.message}`)
}
