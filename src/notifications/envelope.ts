/** What SNS has around a message, and signs ("Parsing Amazon SNS message formats", "Verifying the signatures of Amazon SNS messages"). */
import type { ConfirmationTokens } from '../aws/sns/confirmation-tokens.ts'
import type { MessageAttribute, NotificationRecord } from '../aws/sns/queue-records.ts'
import type { SubscriptionRecord } from '../aws/sns/records.ts'
import type { Links } from './links.ts'
import type { Parcel } from './post.ts'
import type { SigningIdentity } from './signing-identity.ts'

export interface EnvelopeParts {
  readonly identity: SigningIdentity
  readonly tokens: ConfirmationTokens
  readonly links: Links
}

/** JSON, in lines, as AWS writes it. */
export async function envelope(parcel: Parcel, parts: EnvelopeParts): Promise<string> {
  const content = contentOf(parcel, parts)
  const version = parcel.topic.signatureVersion
  const { signature, certificatePath } = await parts.identity.sign(canonical(content), version)
  const { UnsubscribeURL, MessageAttributes, ...signed } = content
  return JSON.stringify(
    {
      ...signed,
      SignatureVersion: version,
      Signature: signature,
      SigningCertURL: parts.links.certificate(certificatePath),
      UnsubscribeURL,
      MessageAttributes,
    },
    null,
    2,
  )
}

/** What the endpoint is to see of a notification. */
export function textFor(message: NotificationRecord, { protocol }: SubscriptionRecord): string {
  return message.textByProtocol[protocol] ?? message.text
}

/** The link that confirms the subscription, and the token in it. */
export function confirmationOf(
  { message, subscription }: Parcel,
  { tokens, links }: Pick<EnvelopeParts, 'tokens' | 'links'>,
): { token: string; link: string } {
  const token = tokens.of(subscription.arn, message.publishedAt)
  return { token, link: links.confirm(subscription.topicArn, token) }
}

interface Content {
  readonly Type: 'Notification' | 'SubscriptionConfirmation'
  readonly MessageId: string
  readonly Token?: string
  readonly TopicArn: string
  readonly Subject?: string
  readonly Message: string
  readonly SubscribeURL?: string
  readonly Timestamp: string
  readonly UnsubscribeURL?: string
  readonly MessageAttributes?: Record<string, { Type: string; Value: string }>
}

function contentOf(parcel: Parcel, parts: EnvelopeParts): Content {
  const { message, subscription } = parcel
  const { id: MessageId, topicArn: TopicArn, publishedAt } = message
  const Timestamp = new Date(publishedAt).toISOString()
  if (message.kind === 'confirmation') {
    const { token: Token, link: SubscribeURL } = confirmationOf(parcel, parts)
    const Message = `You have chosen to subscribe to the topic ${TopicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
    const Type = 'SubscriptionConfirmation'
    return { Type, MessageId, Token, TopicArn, Message, SubscribeURL, Timestamp }
  }
  return {
    Type: 'Notification',
    MessageId,
    TopicArn,
    ...(message.subject === null ? {} : { Subject: message.subject }),
    Message: textFor(message, subscription),
    Timestamp,
    UnsubscribeURL: parts.links.unsubscribe(subscription.arn),
    ...attributesView(message.attributes),
  }
}

function attributesView(attributes: Readonly<Record<string, MessageAttribute>>) {
  const entries = Object.entries(attributes)
  if (entries.length === 0) return {}
  const views = entries.map(([name, { type, value }]) => [name, { Type: type, Value: value }])
  return { MessageAttributes: Object.fromEntries(views) }
}

/** In the order of their names, those that are there. Attributes and the link to unsubscribe are not signed. */
const signedMembers = [
  'Message',
  'MessageId',
  'Subject',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
] as const

function canonical(content: Content): string {
  return signedMembers
    .filter((name) => content[name] !== undefined)
    .map((name) => `${name}\n${content[name]}\n`)
    .join('')
}
