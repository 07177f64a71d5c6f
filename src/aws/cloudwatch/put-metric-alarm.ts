import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { atomically, type Transaction } from '../../store/transaction.ts'
import { validationError } from '../wire/errors.ts'
import type { Call, Operation } from '../wire/service.ts'
import { putHistory } from './alarm-history.ts'
import {
  type AlarmRecord,
  type AlarmSettings,
  type AlarmState,
  alarmArn,
  alarmKeys,
  listAlarms,
  type TagRecord,
} from './alarm-records.ts'
import { readAlarmSettings } from './alarm-settings.ts'
import { requestedTags } from './alarm-tags.ts'
import { tooManyAlarms, valueInvalid } from './errors.ts'
import type { CloudWatchPorts } from './ports.ts'

/** "When you update an existing alarm, its state is left unchanged, but the update completely overwrites the previous configuration." */
export function putMetricAlarm({ quotas }: CloudWatchPorts): Operation<PutMetricAlarmInput> {
  return async (input, call) => {
    const name = requireAlarmName(input.AlarmName)
    const settings = readAlarmSettings(input, call.region)
    if (input.EvaluationCriteria !== undefined || input.ThresholdMetricId !== undefined) {
      throw validationError('Alarms on queries and on anomalies are not available here')
    }
    const tags = requestedTags(input.Tags)
    await atomically(call.store, async (tx) => {
      const before = await tx.get<AlarmRecord>(alarmKeys.of(call.region, name))
      if (before === undefined) await create(tx, { name, settings, tags }, call, quotas.alarms)
      else update(tx, before, settings, call)
    })
    return {}
  }
}

async function create(
  tx: Transaction,
  { name, settings, tags }: { name: string; settings: AlarmSettings; tags: readonly TagRecord[] },
  { region, accountId, clock }: Call,
  quota: number,
): Promise<void> {
  if ((await listAlarms(tx, region)).length >= quota) throw tooManyAlarms(quota)
  const now = clock.now()
  const state: AlarmState = {
    value: 'INSUFFICIENT_DATA',
    reason: 'Unchecked: Initial alarm creation',
    reasonData: null,
    since: now,
  }
  const arn = alarmArn(region, accountId, name)
  const alarm = { region, accountId, name, arn, settings, configuredAt: now, state, tags }
  tx.put(alarmKeys.of(region, name), alarm)
  putConfigurationHistory(tx, alarm, now, 'created', { type: 'Create', createdAlarm: settings })
}

function update(
  tx: Transaction,
  before: AlarmRecord,
  settings: AlarmSettings,
  { clock }: Call,
): void {
  const now = clock.now()
  const alarm = { ...before, settings, configuredAt: now }
  tx.put(alarmKeys.of(alarm.region, alarm.name), alarm)
  putConfigurationHistory(tx, alarm, now, 'updated', { type: 'Update', updatedAlarm: settings })
}

export function putConfigurationHistory(
  tx: Transaction,
  alarm: Pick<AlarmRecord, 'region' | 'name'>,
  time: number,
  what: 'created' | 'updated' | 'deleted',
  data: object,
): void {
  putHistory(tx, alarm, {
    time,
    type: 'ConfigurationUpdate',
    summary: `Alarm "${alarm.name}" ${what}`,
    data: JSON.stringify({ version: '1.0', ...data }),
  })
}

function requireAlarmName(name = ''): string {
  if (name === '' || name.length > 255 || /\p{Cc}/u.test(name)) {
    throw valueInvalid(JSON.stringify(name), 'AlarmName')
  }
  return name
}
