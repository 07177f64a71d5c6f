import type {
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
} from '@aws-sdk/client-cloudwatch'
import { reader } from '../../store/transaction.ts'
import type { Operation } from '../wire/service.ts'
import { type AlarmRecord, listAlarms, toMetricAlarm } from './alarm-records.ts'
import { exclusive, notInSet, tooMany } from './errors.ts'
import { requireMetric } from './metric-names.ts'
import { requireMaxRecords, tokenPage } from './paging.ts'

const maxNames = 100
const defaultPageSize = 50
const states: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA']

/** In order of names. There are no composite alarms. */
export const describeAlarms: Operation<DescribeAlarmsInput, DescribeAlarmsOutput> = async (
  input,
  { store, region },
) => {
  checkRequest(input)
  const limit = requireMaxRecords(input.MaxRecords, defaultPageSize)
  const alarms = (await listAlarms(reader(store), region)).filter((alarm) => isWanted(alarm, input))
  const request = { token: input.NextToken, limit }
  const { items, token } = tokenPage(alarms, ({ name }) => name, request)
  return { CompositeAlarms: [], MetricAlarms: items.map(toMetricAlarm), ...token }
}

function checkRequest({ AlarmNames, AlarmNamePrefix, StateValue }: DescribeAlarmsInput): void {
  if (AlarmNames?.length && AlarmNamePrefix !== undefined) {
    throw exclusive('AlarmNamePrefix', 'AlarmNames')
  }
  if ((AlarmNames ?? []).length > maxNames) throw tooMany('AlarmNames', maxNames)
  if (StateValue !== undefined && !states.includes(StateValue)) throw notInSet('StateValue', states)
}

function isWanted({ name, state, settings }: AlarmRecord, input: DescribeAlarmsInput): boolean {
  const { AlarmNames, AlarmNamePrefix = '', AlarmTypes, StateValue, ActionPrefix } = input
  const actions = Object.values(settings.actions).flat()
  return (
    (!AlarmNames?.length || AlarmNames.includes(name)) &&
    name.startsWith(AlarmNamePrefix) &&
    (!AlarmTypes?.length || AlarmTypes.includes('MetricAlarm')) &&
    (StateValue === undefined || state.value === StateValue) &&
    (ActionPrefix === undefined || actions.some((arn) => arn.startsWith(ActionPrefix))) &&
    input.ChildrenOfAlarmName === undefined &&
    input.ParentsOfAlarmName === undefined
  )
}

/** Alarms on exactly this metric; those on metric math are not among them. */
export const describeAlarmsForMetric: Operation<
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput
> = async (input, { store, region }) => {
  const metric = requireMetric(input)
  const dimensions = dimensionsText(metric.dimensions)
  const statistic = input.Statistic ?? input.ExtendedStatistic
  const alarms = (await listAlarms(reader(store), region)).filter(({ settings: { watched } }) => {
    if (watched.kind !== 'metric') return false
    return (
      watched.namespace === metric.namespace &&
      watched.name === metric.name &&
      dimensionsText(watched.dimensions) === dimensions &&
      (statistic === undefined || watched.statistic === statistic) &&
      (input.Period === undefined || watched.period === input.Period) &&
      (input.Unit === undefined || watched.unit === input.Unit)
    )
  })
  return { MetricAlarms: alarms.map(toMetricAlarm) }
}

function dimensionsText(dimensions: readonly { name: string; value: string }[]): string {
  return JSON.stringify(dimensions.map(({ name, value }) => [name, value]).sort())
}
