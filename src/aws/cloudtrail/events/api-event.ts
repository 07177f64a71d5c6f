/** From a call to its event. */
import { randomUUID } from 'node:crypto'
import type { ApiEvent, EventRecord, UserIdentity } from '../../../trail/event.ts'
import type { FinishedCall } from '../../wire/finished-call.ts'
import { isDataEvent, isReadOnly } from './kinds.ts'
import { recordedMembers, withoutSecrets } from './members.ts'
import { resourcesOf } from './resources.ts'

/** That of the newest members that are written. */
const eventVersion = '1.08'

/** Characters of what a client, or an error that repeats a client, may put into a record. */
const maxText = 1024

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
  const { input, output, userAgent, apiVersion } = call
  const readOnly = isReadOnly(eventName)
  return {
    eventVersion,
    userIdentity: identityOf(call, accountId),
    eventTime: new Date(call.time).toISOString().replace(/\.\d+/, ''),
    eventSource: `${call.service}.amazonaws.com`,
    eventName,
    awsRegion: call.region,
    sourceIPAddress: call.sourceAddress.replace(/^::ffff:(?=\d+\.)/, ''),
    ...(userAgent === undefined ? {} : { userAgent: cut(withoutSecrets(userAgent)) }),
    ...errorOf(call),
    requestParameters: input === undefined ? null : recordedMembers(input),
    responseElements: output === undefined || readOnly ? null : recordedMembers(output),
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly,
    eventType: 'AwsApiCall',
    ...(apiVersion === undefined ? {} : { apiVersion }),
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
  }
}

/** The account's root user is the only one. */
function identityOf({ authenticated, accessKeyId }: FinishedCall, account: string): UserIdentity {
  const known = accessKeyId !== null && isName(accessKeyId) ? { accessKeyId } : {}
  if (!authenticated) return { type: 'Unknown', ...known }
  return {
    type: 'Root',
    principalId: account,
    arn: `arn:aws:iam::${account}:root`,
    accountId: account,
    ...known,
  }
}

/** EC2's codes say whose fault it is; other services have the names of their models. */
function errorOf({ error, service }: FinishedCall): Partial<EventRecord> {
  if (error === undefined) return {}
  const code = error.shape ?? error.code
  const side = error.status >= 500 ? 'Server' : 'Client'
  return {
    errorCode: service === 'ec2' ? `${side}.${code}` : code,
    errorMessage: cut(withoutSecrets(error.message)),
  }
}

/** Of what nobody has checked, only what can be a name is kept. */
function isName(text: string): boolean {
  return /^\w{1,128}$/.test(text)
}

function cut(text: string): string {
  return text.length > maxText ? text.slice(0, maxText) : text
}
