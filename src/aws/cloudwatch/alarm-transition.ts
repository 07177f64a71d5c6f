import type { Transaction } from '../../store/transaction.ts'
import { publishIn } from '../sns/publish-in.ts'
import { putHistory } from './alarm-history.ts'
import { alarmMessage, alarmSubject } from './alarm-message.ts'
import { type AlarmRecord, type AlarmState, alarmKeys } from './alarm-records.ts'

/**
 * Brings an alarm into another state: its record, its history and what its topics publish are one transaction, so that each subscriber is
 * told of the transition once.
 */
export async function changeState(
  tx: Transaction,
  alarm: AlarmRecord,
  state: AlarmState,
): Promise<void> {
  const before = alarm.state
  tx.put(alarmKeys.of(alarm.region, alarm.name), { ...alarm, state })
  putHistory(tx, alarm, {
    time: state.since,
    type: 'StateUpdate',
    summary: `Alarm updated from ${before.value} to ${state.value}`,
    data: JSON.stringify({
      version: '1.0',
      oldState: historyOf(before),
      newState: historyOf(state),
    }),
  })
  if (!alarm.settings.actionsEnabled) return
  for (const topic of alarm.settings.actions[state.value]) {
    await notify(tx, alarm, state, topic)
  }
}

function historyOf({ value, reason, reasonData }: AlarmState): object {
  return {
    stateValue: value,
    stateReason: reason,
    ...(reasonData === null ? {} : { stateReasonData: JSON.parse(reasonData) }),
  }
}

async function notify(
  tx: Transaction,
  alarm: AlarmRecord,
  state: AlarmState,
  topicArn: string,
): Promise<void> {
  const text = alarmMessage(alarm, alarm.state, state)
  const subject = alarmSubject(alarm, state)
  const messageId = await publishIn(tx, { topicArn, subject, text }, state.since)
  const done = messageId !== undefined
  putHistory(
    tx,
    alarm,
    {
      time: state.since,
      type: 'Action',
      summary: `${done ? 'Successfully executed' : 'Failed to execute'} action ${topicArn}`,
      data: JSON.stringify({
        actionState: done ? 'Succeeded' : 'Failed',
        stateUpdateTimestamp: state.since,
        notificationResource: topicArn,
        ...(done ? { publishedMessage: text } : { error: 'Topic does not exist' }),
      }),
    },
    1,
  )
}
