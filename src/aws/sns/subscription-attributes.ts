import type {
  GetSubscriptionAttributesInput,
  GetSubscriptionAttributesResponse,
  SetSubscriptionAttributesInput,
} from '@aws-sdk/client-sns'
import { atomically, reader } from '../../store/transaction.ts'
import type { Operation } from '../wire/service.ts'
import { defaultDeliveryPolicy } from './delivery-policy.ts'
import { subscriptionPolicyJson } from './delivery-policy-json.ts'
import { readArn, type SubscriptionRecord, snsKeys, type TopicRecord } from './records.ts'
import { isHttp, requestedSetting } from './subscription-settings.ts'
import { requireSubscription } from './subscriptions.ts'

export const getSubscriptionAttributes: Operation<
  GetSubscriptionAttributesInput,
  GetSubscriptionAttributesResponse
> = async ({ SubscriptionArn }, { store, accountId }) => {
  const read = reader(store)
  const { record } = await requireSubscription(read, SubscriptionArn)
  const { region = '', topic = '' } = readArn(record.topicArn) ?? {}
  const { deliveryPolicy } = (await read.get<TopicRecord>(snsKeys.topic(region, topic))) ?? {}
  return {
    Attributes: {
      SubscriptionArn: record.arn,
      TopicArn: record.topicArn,
      Owner: record.accountId,
      Protocol: record.protocol,
      Endpoint: record.endpoint,
      PendingConfirmation: String(!record.confirmed),
      ConfirmationWasAuthenticated: String(record.confirmationWasAuthenticated),
      RawMessageDelivery: String(record.rawMessageDelivery),
      SubscriptionPrincipal: `arn:aws:iam::${accountId}:root`,
      ...filterView(record),
      ...deliveryView(record, deliveryPolicy ?? null),
    },
  }
}

export const setSubscriptionAttributes: Operation<SetSubscriptionAttributesInput> = async (
  { SubscriptionArn, AttributeName = '', AttributeValue = '' },
  { store },
) => {
  await atomically(store, async (tx) => {
    const { key, record } = await requireSubscription(tx, SubscriptionArn)
    const changes = requestedSetting(AttributeName, AttributeValue, record.protocol)
    tx.put(key, { ...record, ...changes })
  })
  return {}
}

function filterView({ filterPolicy }: SubscriptionRecord): Record<string, string> {
  if (filterPolicy === null) return {}
  return { FilterPolicy: JSON.stringify(filterPolicy), FilterPolicyScope: 'MessageAttributes' }
}

function deliveryView(
  { protocol, deliveryPolicy }: SubscriptionRecord,
  ofTopic: TopicRecord['deliveryPolicy'],
): Record<string, string> {
  if (!isHttp(protocol)) return {}
  const effective = deliveryPolicy ?? ofTopic ?? defaultDeliveryPolicy
  return {
    ...(deliveryPolicy === null ? {} : { DeliveryPolicy: subscriptionPolicyJson(deliveryPolicy) }),
    EffectiveDeliveryPolicy: subscriptionPolicyJson(effective),
  }
}
