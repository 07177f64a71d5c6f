/** What subscribers of an alarm's topics get: a subject, and a text that is JSON. */
import type { AlarmRecord, AlarmSettings, AlarmState } from './alarm-records.ts'
import { regionName } from './region-names.ts'
import { plainStatistics } from './statistic.ts'

/** "Subjects must be less than 100 characters long" (SNS, Publish). */
const longestSubject = 99

export function alarmSubject({ name, region }: AlarmRecord, { value }: AlarmState): string {
  const [start, end] = [`${value}: "`, `" in ${regionName(region)}`]
  const room = longestSubject - start.length - end.length
  return `${start}${name.length <= room ? name : `${name.slice(0, room - 3)}...`}${end}`
}

export function alarmMessage(alarm: AlarmRecord, before: AlarmState, state: AlarmState): string {
  const { settings } = alarm
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: settings.description,
    AWSAccountId: alarm.accountId,
    AlarmConfigurationUpdatedTimestamp: timestamp(alarm.configuredAt),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: timestamp(state.since),
    Region: regionName(alarm.region),
    AlarmArn: alarm.arn,
    OldStateValue: before.value,
    OKActions: settings.actions.OK,
    AlarmActions: settings.actions.ALARM,
    InsufficientDataActions: settings.actions.INSUFFICIENT_DATA,
    Trigger: trigger(settings),
  })
}

/** `2024-12-06T05:36:35.649+0000` */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000')
}

function trigger({ watched, ...settings }: AlarmSettings): object {
  const { evaluationPeriods, datapointsToAlarm } = settings
  const common = {
    Period: watched.period,
    EvaluationPeriods: evaluationPeriods,
    ...(datapointsToAlarm === null ? {} : { DatapointsToAlarm: datapointsToAlarm }),
    ComparisonOperator: settings.comparison,
    Threshold: settings.threshold,
    TreatMissingData: settings.treatMissingData ?? '',
    EvaluateLowSampleCountPercentile: settings.lowSampleCountPercentile ?? '',
  }
  if (watched.kind === 'math') return { ...common, Metrics: watched.queries }
  const plain = plainStatistics.some((one) => one === watched.statistic)
  return {
    MetricName: watched.name,
    Namespace: watched.namespace,
    ...(plain
      ? { StatisticType: 'Statistic', Statistic: statisticNames[watched.statistic] }
      : { StatisticType: 'ExtendedStatistic', ExtendedStatistic: watched.statistic }),
    Unit: watched.unit,
    Dimensions: watched.dimensions.map(({ name, value }) => ({ value, name })),
    ...common,
  }
}

const statisticNames: Readonly<Record<string, string>> = {
  Average: 'AVERAGE',
  Maximum: 'MAXIMUM',
  Minimum: 'MINIMUM',
  SampleCount: 'SAMPLE_COUNT',
  Sum: 'SUM',
}
