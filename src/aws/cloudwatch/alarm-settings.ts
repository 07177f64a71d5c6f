/** What PutMetricAlarm may be given: API reference, "PutMetricAlarm". */
import type { PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch'
import { validationError } from '../wire/errors.ts'
import {
  type AlarmSettings,
  comparisons,
  lowSampleCountChoices,
  missingDataChoices,
  type WatchedMath,
  type WatchedMetric,
} from './alarm-records.ts'
import {
  exclusive,
  invalidValue,
  missing,
  missingOneOf,
  notInSet,
  tooMany,
  valueInvalid,
} from './errors.ts'
import { requireMetric } from './metric-names.ts'
import { type Query, readQueries } from './metric-queries.ts'
import { readStatistic } from './statistic.ts'
import { requirePeriod } from './time-range.ts'
import { requireUnit } from './units.ts'

const maxActions = 5
const maxQueries = 20

const hour = 3600
const day = 86_400

/** @throws ApiError */
export function readAlarmSettings(input: PutMetricAlarmInput, region: string): AlarmSettings {
  const { Threshold, EvaluationPeriods, DatapointsToAlarm } = input
  if (Threshold === undefined) throw missing('Threshold')
  if (EvaluationPeriods === undefined) throw missing('EvaluationPeriods')
  const settings: AlarmSettings = {
    description: input.AlarmDescription ?? null,
    actionsEnabled: input.ActionsEnabled ?? true,
    actions: readActions(input, region),
    watched: readWatched(input),
    evaluationPeriods: requireWhole(EvaluationPeriods, 'EvaluationPeriods'),
    datapointsToAlarm:
      DatapointsToAlarm === undefined ? null : requireWhole(DatapointsToAlarm, 'DatapointsToAlarm'),
    threshold: Threshold,
    comparison: requireChoice(input, 'ComparisonOperator', comparisonNames),
    treatMissingData: choice(input, 'TreatMissingData', missingDataChoices),
    lowSampleCountPercentile: choice(
      input,
      'EvaluateLowSampleCountPercentile',
      lowSampleCountChoices,
    ),
  }
  checkTogether(settings)
  return settings
}

const comparisonNames = Object.keys(comparisons) as (keyof typeof comparisons)[]

function checkTogether(settings: AlarmSettings): void {
  const { description, evaluationPeriods, datapointsToAlarm, threshold, watched } = settings
  if ((description ?? '').length > 1024) throw invalidValue('AlarmDescription is longer than 1024')
  if (!Number.isFinite(threshold)) throw valueInvalid(threshold, 'Threshold')
  if ((datapointsToAlarm ?? 1) > evaluationPeriods) {
    throw validationError('DatapointsToAlarm must be less than or equal to EvaluationPeriods')
  }
  const longest = watched.period < hour ? day : 7 * day
  if (evaluationPeriods * watched.period <= longest) return
  throw validationError(
    `Metrics cannot be checked across more than ${longest === day ? 'a day' : 'seven days'} (EvaluationPeriods * Period must be <= ${longest})`,
  )
}

function readActions(input: PutMetricAlarmInput, region: string): AlarmSettings['actions'] {
  const members: Record<StateValue, 'OKActions' | 'AlarmActions' | 'InsufficientDataActions'> = {
    OK: 'OKActions',
    ALARM: 'AlarmActions',
    INSUFFICIENT_DATA: 'InsufficientDataActions',
  }
  const read = (state: StateValue) =>
    requireTopics(input[members[state]] ?? [], members[state], region)
  return {
    OK: read('OK'),
    ALARM: read('ALARM'),
    INSUFFICIENT_DATA: read('INSUFFICIENT_DATA'),
  }
}

/** Other kinds of actions, as on EC2 instances, are not there. */
function requireTopics(arns: readonly string[], parameter: string, region: string): string[] {
  if (arns.length > maxActions) throw tooMany(parameter, maxActions)
  for (const arn of arns) {
    const [, service, there] = /^arn:aws[\w-]*:([\w-]+):([\w-]*):\d{12}:.+$/.exec(arn) ?? []
    if (service === undefined) throw validationError(`Invalid arn syntax: ${arn}`)
    if (service !== 'sns') {
      throw validationError(`The action ${arn} is not available here: actions are topics of SNS`)
    }
    if (there !== region) {
      throw validationError(`Invalid region ${there} specified. Only ${region} is supported.`)
    }
  }
  return [...new Set(arns)]
}

function readWatched(input: PutMetricAlarmInput): WatchedMetric | WatchedMath {
  if (input.Metrics === undefined || input.Metrics.length === 0) return readMetric(input)
  const others = ['MetricName', 'Namespace', 'Period', 'Statistic', 'ExtendedStatistic'] as const
  const other = others.find((member) => input[member] !== undefined)
  if (other !== undefined) throw exclusive('Metrics', other)
  const queries = readQueries(input.Metrics, 'Metrics', maxQueries)
  if ([...queries.values()].filter(({ returned }) => returned).length !== 1) {
    throw validationError('Exactly one element of the metrics list should return data.')
  }
  return { kind: 'math', queries: input.Metrics, period: periodOf(input, queries) }
}

/** That of the expression, or the longest of what it is over. In seconds. */
function periodOf(
  { Metrics = [] }: PutMetricAlarmInput,
  queries: ReadonlyMap<string, Query>,
): number {
  const given = Metrics.find(({ ReturnData = true }) => ReturnData)?.Period
  if (given !== undefined) return requireMinutes(given)
  const periods = [...queries.values()].flatMap((query) =>
    query.kind === 'statistic' ? [query.period / secondMs] : [],
  )
  if (periods.length === 0) throw validationError('The expression needs a Period')
  return Math.max(...periods)
}

function readMetric(input: PutMetricAlarmInput): WatchedMetric {
  const { Statistic, ExtendedStatistic } = input
  const metric = requireMetric(input)
  if (Statistic !== undefined && ExtendedStatistic !== undefined) {
    throw exclusive('Statistic', 'ExtendedStatistic')
  }
  const name = Statistic ?? ExtendedStatistic
  if (name === undefined) throw missingOneOf(['Statistic', 'ExtendedStatistic'])
  const statistic = readStatistic(name)
  const extended = statistic?.kind === 'percentile'
  if (statistic === null || extended !== (Statistic === undefined)) {
    throw valueInvalid(name, Statistic === undefined ? 'ExtendedStatistic' : 'Statistic')
  }
  return {
    kind: 'metric',
    ...metric,
    unit: requireUnit(input.Unit, 'Unit') ?? null,
    statistic: name,
    period: requireMinutes(input.Period),
  }
}

/** Metrics are kept by the minute. @returns seconds */
function requireMinutes(period: number | undefined): number {
  const ms = requirePeriod(period)
  if (period !== undefined && period * secondMs === ms) return period
  throw invalidValue('The parameter Period must be a multiple of 60.')
}

const secondMs = 1000

function requireWhole(value: number, parameter: string): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw valueInvalid(value, parameter)
}

function choice<T extends string>(
  input: PutMetricAlarmInput,
  parameter: 'ComparisonOperator' | 'TreatMissingData' | 'EvaluateLowSampleCountPercentile',
  choices: readonly T[],
): T | null {
  const value = input[parameter]
  if (value === undefined) return null
  const found = choices.find((one) => one === value)
  if (found === undefined) throw notInSet(parameter, choices)
  return found
}

function requireChoice<T extends string>(
  input: PutMetricAlarmInput,
  parameter: 'ComparisonOperator',
  choices: readonly T[],
): T {
  const found = choice(input, parameter, choices)
  if (found === null) throw missing(parameter)
  return found
}
