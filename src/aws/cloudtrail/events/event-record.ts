/** What the records of all calls have in common, whosever API it was. */
import { randomUUID } from 'node:crypto'
import type { EventRecord, UserIdentity } from '../../../trail/event.ts'
import { withoutSecrets } from './members.ts'

/** That of the newest members that are written. */
const eventVersion = '1.08'

/** Characters of what a client, or an error that repeats a client, may put into a record. */
const maxText = 1024

/** What is to be said of a call. */
export interface CallFacts
  extends Pick<
    EventRecord,
    | 'eventSource'
    | 'eventName'
    | 'awsRegion'
    | 'requestParameters'
    | 'responseElements'
    | 'readOnly'
  > {
  readonly apiVersion?: string | undefined
  readonly requestId: string
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly accessKeyId: string | null
  /** Whether the caller may act for the account. */
  readonly authenticated: boolean
  readonly sourceAddress: string
  readonly userAgent: string | undefined
  readonly error: { readonly code: string; readonly message: string } | undefined
}

export function eventRecord(facts: CallFacts, accountId: string): EventRecord {
  const { userAgent, error, apiVersion } = facts
  return {
    eventVersion,
    userIdentity: identityOf(facts, accountId),
    eventTime: new Date(facts.time).toISOString().replace(/\.\d+/, ''),
    eventSource: facts.eventSource,
    eventName: facts.eventName,
    awsRegion: facts.awsRegion,
    sourceIPAddress: facts.sourceAddress.replace(/^::ffff:(?=\d+\.)/, ''),
    ...(userAgent === undefined ? {} : { userAgent: cut(withoutSecrets(userAgent)) }),
    ...(error === undefined
      ? {}
      : { errorCode: error.code, errorMessage: cut(withoutSecrets(error.message)) }),
    requestParameters: facts.requestParameters,
    responseElements: facts.responseElements,
    requestID: facts.requestId,
    eventID: randomUUID(),
    readOnly: facts.readOnly,
    eventType: 'AwsApiCall',
    ...(apiVersion === undefined ? {} : { apiVersion }),
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
  }
}

/** The account's root user is the only one. */
function identityOf({ authenticated, accessKeyId }: CallFacts, account: string): UserIdentity {
  const known = accessKeyId !== null && isName(accessKeyId) ? { accessKeyId } : {}
  if (!authenticated) return { type: 'Unknown', ...(mayBeSecret(accessKeyId) ? {} : known) }
  return {
    type: 'Root',
    principalId: account,
    arn: `arn:aws:iam::${account}:root`,
    accountId: account,
    ...known,
  }
}

/** Ids are in upper case: what is not may be the secret, which somebody took for the id. */
function mayBeSecret(accessKeyId: string | null): boolean {
  return accessKeyId !== null && /[a-z]/.test(accessKeyId)
}

/** Of what nobody has checked, only what can be a name is kept. */
export function isName(text: string): boolean {
  return /^\w{1,128}$/.test(text)
}

function cut(text: string): string {
  return text.length > maxText ? text.slice(0, maxText) : text
}
