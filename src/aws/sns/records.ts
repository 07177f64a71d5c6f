/** Topics and their subscriptions as they are stored. */
import type { DeliveryPolicy } from './delivery-policy.ts'
import type { FilterPolicy } from './filter-policy.ts'

export interface TopicRecord {
  readonly arn: string
  readonly region: string
  /** Unique in the region. */
  readonly name: string
  readonly accountId: string
  /** Who mails are from; '' for none. */
  readonly displayName: string
  /** JSON; null: the default. Stored and shown: there is one account, and it may do everything. */
  readonly policy: string | null
  readonly deliveryPolicy: DeliveryPolicy | null
  readonly signatureVersion: '1' | '2'
  readonly tags: readonly TagRecord[]
}

export interface TagRecord {
  readonly key: string
  readonly value: string
}

export const protocols = ['email', 'email-json', 'http', 'https'] as const

export type SubscriptionProtocol = (typeof protocols)[number]

export interface SubscriptionRecord {
  /** ARN of the topic, a colon, and `id`. */
  readonly arn: string
  /** A UUID. */
  readonly id: string
  readonly topicArn: string
  readonly accountId: string
  readonly protocol: SubscriptionProtocol
  /** An address or URL. */
  readonly endpoint: string
  /** Nothing but the question whether it wants them is sent to an endpoint that has not confirmed. */
  readonly confirmed: boolean
  /** Only a signed request may end it. */
  readonly authenticateOnUnsubscribe: boolean
  readonly confirmationWasAuthenticated: boolean
  /** The message alone, without what SNS has around it. */
  readonly rawMessageDelivery: boolean
  readonly filterPolicy: FilterPolicy | null
  readonly deliveryPolicy: DeliveryPolicy | null
  /** When it was last asked for, in milliseconds since the epoch. */
  readonly requestedAt: number
}

export const snsKeys = {
  topic: (region: string, name: string) => `sns/topic/${region}/${name}`,
  topicsIn: (region: string) => `sns/topic/${region}/`,
  subscription: (region: string, topic: string, id: string) =>
    `sns/subscription/${region}/${topic}/${id}`,
  subscriptionsOf: (region: string, topic: string) => `sns/subscription/${region}/${topic}/`,
  allSubscriptions: 'sns/subscription/',
  subscriptionsIn: (region: string) => `sns/subscription/${region}/`,
} as const

/** What an ARN of a topic or of a subscription says. */
export interface SnsName {
  readonly region: string
  readonly accountId: string
  readonly topic: string
  /** Its id; null: the ARN is a topic's. */
  readonly subscription: string | null
}

const secrets = 'sns/secret/'

/** Each is sealed under its own key. */
export const snsSecretKeys = {
  confirmation: `${secrets}confirmation`,
  signing: `${secrets}signing`,
} as const

/** Whether a key of the store is that of such a secret. */
export function isSnsSecret(key: string): boolean {
  return key.startsWith(secrets)
}

const arnPattern = /^arn:aws:sns:([a-z0-9-]+):(\d{12}):([\w-]{1,256})(?::([0-9a-f-]{36}))?$/

/** @returns undefined for what is no ARN of a topic or of a subscription */
export function readArn(arn: string): SnsName | undefined {
  const match = arnPattern.exec(arn)
  if (match === null) return undefined
  const [, region = '', accountId = '', topic = '', subscription = null] = match
  return { region, accountId, topic, subscription }
}

export function topicArn(region: string, accountId: string, name: string): string {
  return `arn:aws:sns:${region}:${accountId}:${name}`
}
