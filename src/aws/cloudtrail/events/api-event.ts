/** From a call of an AWS service to its event. */
import type { ApiEvent, EventRecord } from '../../../trail/event.ts'
import type { FinishedCall } from '../../wire/finished-call.ts'
import { type CallFacts, eventRecord, isName } from './event-record.ts'
import { isDataEvent, isReadOnly } from './kinds.ts'
import { recordedMembers } from './members.ts'
import { resourcesOf } from './resources.ts'

/** @returns undefined for a call that has no place among the management events. */
export function apiEvent(call: FinishedCall, accountId: string): ApiEvent | undefined {
  const { operation, service } = call
  if (operation === undefined || !isName(operation)) return undefined
  if (isDataEvent(service, operation)) return undefined
  const record = recordOf(call, operation, accountId)
  const { eventSource, requestParameters, responseElements } = record
  return {
    record,
    time: call.time,
    resources: resourcesOf(eventSource, [requestParameters, responseElements]),
  }
}

function recordOf(call: FinishedCall, eventName: string, accountId: string): EventRecord {
  const { input, output } = call
  const readOnly = isReadOnly(eventName)
  const facts = {
    ...call,
    eventSource: `${call.service}.amazonaws.com`,
    eventName,
    awsRegion: call.region,
    readOnly,
    error: errorOf(call),
    requestParameters: input === undefined ? null : recordedMembers(input),
    responseElements: output === undefined || readOnly ? null : recordedMembers(output),
  }
  return eventRecord(facts, accountId)
}

/** EC2's codes say whose fault it is; other services have the names of their models. */
function errorOf({ error, service }: FinishedCall): CallFacts['error'] {
  if (error === undefined) return undefined
  const code = error.shape ?? error.code
  const side = error.status >= 500 ? 'Server' : 'Client'
  return { code: service === 'ec2' ? `${side}.${code}` : code, message: error.message }
}
