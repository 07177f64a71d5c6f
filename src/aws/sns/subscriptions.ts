import { randomUUID } from 'node:crypto'
import type {
  ConfirmSubscriptionInput,
  ConfirmSubscriptionResponse,
  SubscribeInput,
  SubscribeResponse,
  UnsubscribeInput,
} from '@aws-sdk/client-sns'
import { atomically, type Reader, type Transaction } from '../../store/transaction.ts'
import type { Operation } from '../wire/service.ts'
import { type Destination, requireDestination } from './endpoints.ts'
import {
  authenticationRequired,
  invalidParameter,
  noSuchSubscription,
  noSuchTopic,
  tooManySubscriptions,
} from './errors.ts'
import type { SnsPorts } from './ports.ts'
import { enqueue } from './publish-in.ts'
import type { ConfirmationRecord } from './queue-records.ts'
import { readArn, type SubscriptionRecord, snsKeys, type TopicRecord } from './records.ts'
import {
  newSettings,
  requestedSettings,
  type SubscriptionSettings,
} from './subscription-settings.ts'
import { requireTopic } from './topics.ts'

/** The endpoint is asked whether it wants to be subscribed, as often as this is called until it has said yes. */
export function subscribe(ports: SnsPorts): Operation<SubscribeInput, SubscribeResponse> {
  return async (input, call) => {
    const destination = requireDestination(input.Protocol, input.Endpoint, ports.email)
    const settings = requestedSettings(input.Attributes ?? {}, destination.protocol)
    const { arn, confirmed } = await atomically(call.store, async (tx) => {
      const topic = await requireTopic(tx, input.TopicArn, call)
      const existing = await findSubscription(tx, topic, destination, ports)
      if (existing !== undefined) requireSame(existing, settings)
      const now = call.clock.now()
      const record = {
        ...(existing ?? newSubscription(topic, destination, settings)),
        requestedAt: now,
      }
      if (record.confirmed) return record
      tx.put(snsKeys.subscription(topic.region, topic.name, record.id), record)
      enqueue(tx, confirmation(topic, now), [record])
      return record
    })
    const shown = confirmed || input.ReturnSubscriptionArn === true
    return { SubscriptionArn: shown ? arn : 'pending confirmation' }
  }
}

/** The token alone is the right to confirm; it comes by a link from an endpoint, from any region. */
export function confirmSubscription({
  tokens,
}: SnsPorts): Operation<ConfirmSubscriptionInput, ConfirmSubscriptionResponse> {
  return async ({ TopicArn = '', Token = '', AuthenticateOnUnsubscribe = 'false' }, call) => {
    const topic = readArn(TopicArn)
    if (topic === undefined || topic.subscription !== null) throw invalidParameter('TopicArn')
    const arn = tokens.subscriptionOf(Token, TopicArn, call.clock.now())
    const authenticateOnUnsubscribe = AuthenticateOnUnsubscribe.toLowerCase() === 'true'
    if (authenticateOnUnsubscribe && call.linked) throw authenticationRequired()
    await atomically(call.store, async (tx) => {
      if ((await tx.get(snsKeys.topic(topic.region, topic.topic))) === undefined)
        throw noSuchTopic()
      if (arn === undefined) throw invalidParameter('Token')
      const { key, record } = await requireSubscription(tx, arn)
      if (record.confirmed) return
      const confirmed: SubscriptionRecord = {
        ...record,
        confirmed: true,
        authenticateOnUnsubscribe,
        confirmationWasAuthenticated: !call.linked,
      }
      tx.put(key, confirmed)
    })
    return { SubscriptionArn: arn }
  }
}

/** Those that are not confirmed can be removed too. */
export const unsubscribe: Operation<UnsubscribeInput> = async ({ SubscriptionArn }, call) => {
  await atomically(call.store, async (tx) => {
    const { key, record } = await requireSubscription(tx, SubscriptionArn)
    if (record.authenticateOnUnsubscribe && call.linked) throw authenticationRequired()
    tx.delete(key)
  })
  return {}
}

/** @throws ApiError InvalidParameter, NotFound */
export async function requireSubscription(
  tx: Pick<Reader, 'get'>,
  arn = '',
): Promise<{ key: string; record: SubscriptionRecord }> {
  const name = readArn(arn)
  const parts = arn.split(':').length
  if (parts < 6) {
    throw invalidParameter(
      `SubscriptionArn Reason: An ARN must have at least 6 elements, not ${parts}`,
    )
  }
  if (name === undefined || name.subscription === null) throw invalidParameter('SubscriptionId')
  const key = snsKeys.subscription(name.region, name.topic, name.subscription)
  const record = await tx.get<SubscriptionRecord>(key)
  if (record?.arn !== arn) throw noSuchSubscription()
  return { key, record }
}

/** That of the topic with that destination. @throws ApiError SubscriptionLimitExceeded when there is none, and no room for one */
async function findSubscription(
  tx: Transaction,
  { region, name }: TopicRecord,
  { protocol, endpoint }: Destination,
  { quotas }: SnsPorts,
): Promise<SubscriptionRecord | undefined> {
  const all = await tx.list<SubscriptionRecord>(snsKeys.subscriptionsOf(region, name))
  const found = all.find((each) => each.protocol === protocol && each.endpoint === endpoint)
  if (found === undefined && all.length >= quotas.subscriptions) {
    throw tooManySubscriptions(quotas.subscriptions)
  }
  return found
}

function newSubscription(
  { arn: topicArn, accountId }: TopicRecord,
  destination: Destination,
  settings: Partial<SubscriptionSettings>,
): Omit<SubscriptionRecord, 'requestedAt'> {
  const id = randomUUID()
  return {
    arn: `${topicArn}:${id}`,
    id,
    topicArn,
    accountId,
    ...destination,
    confirmed: false,
    authenticateOnUnsubscribe: false,
    confirmationWasAuthenticated: false,
    ...newSettings,
    ...settings,
  }
}

function confirmation({ arn: topicArn }: TopicRecord, now: number): ConfirmationRecord {
  return { kind: 'confirmation', id: randomUUID(), topicArn, publishedAt: now }
}

function requireSame(existing: SubscriptionRecord, settings: Partial<SubscriptionSettings>): void {
  if (JSON.stringify({ ...existing, ...settings }) === JSON.stringify(existing)) return
  throw invalidParameter('Attributes Reason: Subscription already exists with different attributes')
}
