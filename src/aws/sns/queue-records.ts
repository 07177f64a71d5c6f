/**
 * The queue of deliveries: what was published lies once in the store, and beside it a delivery for each subscription that is to get it. A
 * delivery is removed when its endpoint has taken the message, or is given up; the message goes with its last delivery.
 */
import type { SubscriptionProtocol } from './records.ts'

export type MessageRecord = NotificationRecord | ConfirmationRecord

export interface NotificationRecord {
  readonly kind: 'notification'
  /** The MessageId, a UUID: the same for every subscription and every attempt. */
  readonly id: string
  readonly topicArn: string
  readonly subject: string | null
  readonly text: string
  /** Texts for protocols that have one of their own. */
  readonly textByProtocol: Partial<Readonly<Record<SubscriptionProtocol, string>>>
  readonly attributes: Readonly<Record<string, MessageAttribute>>
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
}

/** Asks an endpoint whether it wants the topic's messages. */
export interface ConfirmationRecord {
  readonly kind: 'confirmation'
  readonly id: string
  readonly topicArn: string
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
}

export interface MessageAttribute {
  /** `String`, `String.Array`, `Number`, `Binary`, with what the publisher added after a dot. */
  readonly type: string
  /** Base64 for Binary. */
  readonly value: string
}

export interface DeliveryRecord {
  readonly messageId: string
  readonly subscriptionArn: string
  /** How much of the queue it is, whether or not others share the message. */
  readonly bytes: number
  /** Attempts begun. */
  readonly attempts: number
  /** Milliseconds since the epoch. It is put off before an attempt begins, so that another is made if this one comes to no end. */
  readonly nextAt: number
  /** An attempt has begun, and its end is not known. */
  readonly underWay: boolean
}

export const queueKeys = {
  message: (id: string) => `sns/message/${id}`,
  allDeliveries: 'sns/delivery/',
  deliveriesOf: (messageId: string) => `sns/delivery/${messageId}/`,
  delivery: (messageId: string, subscriptionId: string) =>
    `sns/delivery/${messageId}/${subscriptionId}`,
} as const
