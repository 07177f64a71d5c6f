import { randomUUID } from 'node:crypto'
import type { Transaction } from '../../store/transaction.ts'
import { matches } from './filter-policy.ts'
import {
  type DeliveryRecord,
  type MessageRecord,
  type NotificationRecord,
  queueKeys,
} from './queue-records.ts'
import { readArn, type SubscriptionRecord, snsKeys, type TopicRecord } from './records.ts'

/** What is published to a topic. Its parts keep the rules of Publish. */
export interface Notification {
  readonly topicArn: string
  readonly subject: string | null
  readonly text: string
  readonly textByProtocol?: NotificationRecord['textByProtocol']
  readonly attributes?: NotificationRecord['attributes']
}

/**
 * Publishes as a part of the caller's transaction: when that is committed, and only then, each confirmed subscription of the topic gets the
 * notification, also after a crash.
 * @param now milliseconds since the epoch
 * @returns the MessageId; undefined when there is no such topic
 */
export async function publishIn(
  tx: Transaction,
  notification: Notification,
  now: number,
): Promise<string | undefined> {
  const topic = await findTopic(tx, notification.topicArn)
  if (topic === undefined) return undefined
  const { region, name, arn } = topic
  const attributes = notification.attributes ?? {}
  const subscriptions = await tx.list<SubscriptionRecord>(snsKeys.subscriptionsOf(region, name))
  const message: NotificationRecord = {
    kind: 'notification',
    id: randomUUID(),
    topicArn: arn,
    subject: notification.subject,
    text: notification.text,
    textByProtocol: notification.textByProtocol ?? {},
    attributes,
    publishedAt: now,
  }
  const wants = ({ confirmed, filterPolicy }: SubscriptionRecord) =>
    confirmed && (filterPolicy === null || matches(filterPolicy, attributes))
  enqueue(tx, message, subscriptions.filter(wants))
  return message.id
}

/** Has a message delivered to each of the subscriptions. */
export function enqueue(
  tx: Transaction,
  message: MessageRecord,
  to: readonly SubscriptionRecord[],
): void {
  if (to.length === 0) return
  tx.put(queueKeys.message(message.id), message)
  const bytes = Buffer.byteLength(JSON.stringify(message))
  for (const { id, arn } of to) {
    const delivery: DeliveryRecord = {
      messageId: message.id,
      subscriptionArn: arn,
      bytes,
      attempts: 0,
      nextAt: message.publishedAt,
      underWay: false,
    }
    tx.put(queueKeys.delivery(message.id, id), delivery)
  }
}

/** @returns undefined when there is none */
async function findTopic(tx: Transaction, arn: string): Promise<TopicRecord | undefined> {
  const name = readArn(arn)
  if (name === undefined || name.subscription !== null) return undefined
  const record = await tx.get<TopicRecord>(snsKeys.topic(name.region, name.topic))
  return record?.arn === arn ? record : undefined
}
