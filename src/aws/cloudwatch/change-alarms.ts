/** What can be done to alarms that are there: switch their actions, set their state, delete them. */
import type {
  DeleteAlarmsInput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch'
import { atomically } from '../../store/transaction.ts'
import type { Call, Operation } from '../wire/service.ts'
import { type AlarmRecord, alarmKeys } from './alarm-records.ts'
import { changeState } from './alarm-transition.ts'
import { invalidValue, missing, noSuchAlarm, notInSet, notJson, tooMany } from './errors.ts'
import { putConfigurationHistory } from './put-metric-alarm.ts'

const maxNames = 100
const states = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const

export const enableAlarmActions: Operation<EnableAlarmActionsInput> = ({ AlarmNames }, call) =>
  switchActions(AlarmNames, true, call)

export const disableAlarmActions: Operation<DisableAlarmActionsInput> = ({ AlarmNames }, call) =>
  switchActions(AlarmNames, false, call)

/** Names of alarms that are not there are passed over. */
async function switchActions(
  names: readonly string[] | undefined,
  actionsEnabled: boolean,
  { store, region, clock }: Call,
): Promise<object> {
  const wanted = requireNames(names)
  await atomically(store, async (tx) => {
    for (const name of wanted) {
      const alarm = await tx.get<AlarmRecord>(alarmKeys.of(region, name))
      if (alarm === undefined || alarm.settings.actionsEnabled === actionsEnabled) continue
      const settings = { ...alarm.settings, actionsEnabled }
      const changed = { ...alarm, settings, configuredAt: clock.now() }
      tx.put(alarmKeys.of(region, name), changed)
      const data = { type: 'Update', updatedAlarm: settings }
      putConfigurationHistory(tx, changed, clock.now(), 'updated', data)
    }
  })
  return {}
}

/** All of them, or none: "If you specify even one alarm that does not exist, no alarms are deleted." */
export const deleteAlarms: Operation<DeleteAlarmsInput> = async ({ AlarmNames }, call) => {
  const { store, region, clock } = call
  const names = requireNames(AlarmNames)
  await atomically(store, async (tx) => {
    for (const name of names) {
      const alarm = await tx.get<AlarmRecord>(alarmKeys.of(region, name))
      if (alarm === undefined) throw noSuchAlarm(name)
      tx.delete(alarmKeys.of(region, name))
      const data = { type: 'Delete', deletedAlarm: alarm.settings }
      putConfigurationHistory(tx, alarm, clock.now(), 'deleted', data)
    }
  })
  return {}
}

/** Until the next evaluation, which may change it back. Subscribers are told as of any other transition. */
export const setAlarmState: Operation<SetAlarmStateInput> = async (input, call) => {
  const { AlarmName = '', StateReason, StateReasonData = null } = input
  const value = states.find((state) => state === input.StateValue)
  if (value === undefined) throw notInSet('StateValue', states)
  if (StateReason === undefined) throw missing('StateReason')
  if (StateReason.length > 1023) throw invalidValue('StateReason is longer than 1023 characters')
  if (StateReasonData !== null && !isJson(StateReasonData)) throw notJson('StateReasonData')
  await atomically(call.store, async (tx) => {
    const alarm = await tx.get<AlarmRecord>(alarmKeys.of(call.region, AlarmName))
    if (alarm === undefined) throw noSuchAlarm(AlarmName)
    const since = call.clock.now()
    const state = { value, reason: StateReason, reasonData: StateReasonData, since }
    if (alarm.state.value !== value) await changeState(tx, alarm, state)
    else tx.put(alarmKeys.of(alarm.region, alarm.name), { ...alarm, state })
  })
  return {}
}

function requireNames(names: readonly string[] | undefined): string[] {
  if (names === undefined || names.length === 0) throw missing('AlarmNames')
  if (names.length > maxNames) throw tooMany('AlarmNames', maxNames)
  return [...new Set(names)]
}

const longestReasonData = 4000

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return text.length <= longestReasonData
  } catch {
    return false
  }
}
