/** Alarms as they are stored. */
import type {
  ComparisonOperator,
  MetricAlarm,
  MetricDataQuery,
  StateValue,
} from '@aws-sdk/client-cloudwatch'
import type { SeriesName } from '../../metrics/metric-datum.ts'
import type { Reader } from '../../store/transaction.ts'
import { apiDimensions } from './metric-names.ts'
import { plainStatistics } from './statistic.ts'

export interface AlarmRecord {
  readonly region: string
  readonly accountId: string
  /** Unique in the region. */
  readonly name: string
  readonly arn: string
  readonly settings: AlarmSettings
  /** When the settings were made, in milliseconds since the epoch. */
  readonly configuredAt: number
  readonly state: AlarmState
  readonly tags: readonly TagRecord[]
}

export interface TagRecord {
  readonly key: string
  readonly value: string
}

export interface AlarmSettings {
  readonly description: string | null
  readonly actionsEnabled: boolean
  /** ARNs of topics that are told when the alarm comes into the state. */
  readonly actions: Readonly<Record<StateValue, readonly string[]>>
  readonly watched: WatchedMetric | WatchedMath
  /** How many periods decide. */
  readonly evaluationPeriods: number
  /** How many of them have to be across the threshold; null: all. */
  readonly datapointsToAlarm: number | null
  readonly threshold: number
  readonly comparison: keyof typeof comparisons
  readonly treatMissingData: MissingData | null
  readonly lowSampleCountPercentile: LowSampleCount | null
}

export interface WatchedMetric extends Omit<SeriesName, 'region' | 'unit'> {
  readonly kind: 'metric'
  readonly unit: string | null
  /** `Average`, `p99.9`, … */
  readonly statistic: string
  /** Seconds. */
  readonly period: number
}

export interface WatchedMath {
  readonly kind: 'math'
  /** As they were given; one of them is returned. */
  readonly queries: readonly MetricDataQuery[]
  /** Seconds. */
  readonly period: number
}

export const missingDataChoices = ['missing', 'notBreaching', 'breaching', 'ignore'] as const
export type MissingData = (typeof missingDataChoices)[number]

export const lowSampleCountChoices = ['evaluate', 'ignore'] as const
export type LowSampleCount = (typeof lowSampleCountChoices)[number]

/** Whether a value is across the threshold, and in words. */
export const comparisons = {
  GreaterThanOrEqualToThreshold: {
    words: 'greater than or equal to',
    across: (value: number, threshold: number) => value >= threshold,
  },
  GreaterThanThreshold: {
    words: 'greater than',
    across: (value: number, threshold: number) => value > threshold,
  },
  LessThanThreshold: {
    words: 'less than',
    across: (value: number, threshold: number) => value < threshold,
  },
  LessThanOrEqualToThreshold: {
    words: 'less than or equal to',
    across: (value: number, threshold: number) => value <= threshold,
  },
} as const satisfies Partial<Record<ComparisonOperator, unknown>>

export interface AlarmState {
  readonly value: StateValue
  readonly reason: string
  /** JSON. */
  readonly reasonData: string | null
  /** In milliseconds since the epoch. */
  readonly since: number
}

export const alarmKeys = {
  all: 'cloudwatch/alarm/',
  inRegion: (region: string) => `cloudwatch/alarm/${region}/`,
  of: (region: string, name: string) => `cloudwatch/alarm/${region}/${name}`,
} as const

export function alarmArn(region: string, accountId: string, name: string): string {
  return `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`
}

/** In order of their names. */
export async function listAlarms(reader: Reader, region: string): Promise<AlarmRecord[]> {
  const alarms = await reader.list<AlarmRecord>(alarmKeys.inRegion(region))
  return alarms.sort((some, other) => (some.name < other.name ? -1 : 1))
}

export function toMetricAlarm({
  name,
  arn,
  settings,
  state,
  configuredAt,
}: AlarmRecord): MetricAlarm {
  const { actions, description, datapointsToAlarm, treatMissingData } = settings
  const { lowSampleCountPercentile: low } = settings
  return {
    AlarmName: name,
    AlarmArn: arn,
    ...(description === null ? {} : { AlarmDescription: description }),
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
    ActionsEnabled: settings.actionsEnabled,
    OKActions: [...actions.OK],
    AlarmActions: [...actions.ALARM],
    InsufficientDataActions: [...actions.INSUFFICIENT_DATA],
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData === null ? {} : { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: new Date(state.since),
    StateTransitionedTimestamp: new Date(state.since),
    ...watchedMembers(settings.watched),
    EvaluationPeriods: settings.evaluationPeriods,
    ...(datapointsToAlarm === null ? {} : { DatapointsToAlarm: datapointsToAlarm }),
    Threshold: settings.threshold,
    ComparisonOperator: settings.comparison,
    ...(treatMissingData === null ? {} : { TreatMissingData: treatMissingData }),
    ...(low === null ? {} : { EvaluateLowSampleCountPercentile: low }),
  }
}

function watchedMembers(watched: AlarmSettings['watched']): Partial<MetricAlarm> {
  if (watched.kind === 'math') return { Metrics: [...watched.queries], Dimensions: [] }
  const { namespace, name, dimensions, unit, statistic, period } = watched
  const plain = plainStatistics.find((one) => one === statistic)
  return {
    MetricName: name,
    Namespace: namespace,
    ...(plain === undefined ? { ExtendedStatistic: statistic } : { Statistic: plain }),
    Dimensions: apiDimensions(dimensions),
    Period: period,
    ...(unit === null ? {} : { Unit: unit as NonNullable<MetricAlarm['Unit']> }),
  }
}
