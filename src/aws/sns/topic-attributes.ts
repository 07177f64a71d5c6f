import type {
  GetTopicAttributesInput,
  GetTopicAttributesResponse,
  SetTopicAttributesInput,
} from '@aws-sdk/client-sns'
import { atomically, reader } from '../../store/transaction.ts'
import type { Operation } from '../wire/service.ts'
import { defaultDeliveryPolicy } from './delivery-policy.ts'
import { topicPolicyJson } from './delivery-policy-json.ts'
import { type SubscriptionRecord, snsKeys, type TopicRecord } from './records.ts'
import { requestedSetting } from './topic-settings.ts'
import { changeTopic, requireTopic } from './topics.ts'

export const getTopicAttributes: Operation<
  GetTopicAttributesInput,
  GetTopicAttributesResponse
> = async ({ TopicArn }, call) => {
  const read = reader(call.store)
  const topic = await requireTopic(read, TopicArn, call)
  const subscriptions = await read.list<SubscriptionRecord>(
    snsKeys.subscriptionsOf(topic.region, topic.name),
  )
  const confirmed = subscriptions.filter((each) => each.confirmed).length
  return {
    Attributes: {
      ...settingsView(topic),
      SubscriptionsConfirmed: String(confirmed),
      SubscriptionsPending: String(subscriptions.length - confirmed),
      SubscriptionsDeleted: '0',
    },
  }
}

export const setTopicAttributes: Operation<SetTopicAttributesInput> = async (
  { TopicArn, AttributeName = '', AttributeValue = '' },
  call,
) => {
  const changes = requestedSetting(AttributeName, AttributeValue)
  await atomically(call.store, (tx) =>
    changeTopic(tx, TopicArn, call, (topic) => ({ ...topic, ...changes })),
  )
  return {}
}

function settingsView(topic: TopicRecord): Record<string, string> {
  return {
    TopicArn: topic.arn,
    Owner: topic.accountId,
    DisplayName: topic.displayName,
    Policy: topic.policy ?? defaultPolicy(topic),
    ...deliveryView(topic),
    SignatureVersion: topic.signatureVersion,
    TracingConfig: 'PassThrough',
  }
}

function deliveryView({ deliveryPolicy }: TopicRecord): Record<string, string> {
  const effective = topicPolicyJson(deliveryPolicy ?? defaultDeliveryPolicy)
  return {
    ...(deliveryPolicy === null ? {} : { DeliveryPolicy: topicPolicyJson(deliveryPolicy) }),
    EffectiveDeliveryPolicy: effective,
  }
}

/** What AWS gives to a new topic: its owner may do everything. */
function defaultPolicy({ arn, accountId }: TopicRecord): string {
  const actions = ['GetTopicAttributes', 'SetTopicAttributes', 'AddPermission', 'RemovePermission']
  const further = ['DeleteTopic', 'Subscribe', 'ListSubscriptionsByTopic', 'Publish']
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [...actions, ...further].map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': accountId } },
      },
    ],
  })
}
