/** What may be set of a topic, by CreateTopic and SetTopicAttributes. */
import { readTopicPolicy } from './delivery-policy-json.ts'
import { invalidParameter } from './errors.ts'
import type { TopicRecord } from './records.ts'

export type TopicSettings = Pick<
  TopicRecord,
  'displayName' | 'policy' | 'deliveryPolicy' | 'signatureVersion'
>

export const newSettings: TopicSettings = {
  displayName: '',
  policy: null,
  deliveryPolicy: null,
  signatureVersion: '1',
}

const maxDisplayName = 100

/** @throws ApiError InvalidParameter */
export function requestedSettings(
  attributes: Readonly<Record<string, string>>,
): Partial<TopicSettings> {
  const changes = Object.entries(attributes).map(([name, value]) => requestedSetting(name, value))
  return Object.assign({}, ...changes)
}

/** @throws ApiError InvalidParameter */
export function requestedSetting(name: string, value: string): Partial<TopicSettings> {
  switch (name) {
    case 'DisplayName':
      return { displayName: requireDisplayName(value) }
    case 'Policy':
      return { policy: value === '' ? null : requireJson(value) }
    case 'DeliveryPolicy':
      return { deliveryPolicy: readTopicPolicy(value) }
    case 'SignatureVersion':
      if (value !== '1' && value !== '2')
        throw invalidParameter(`SignatureVersion Reason: '${value}' is neither 1 nor 2`)
      return { signatureVersion: value }
    case 'FifoTopic':
      if (value === 'true') throw invalidParameter('Attributes Reason: FIFO topics are not served')
      return {}
    default:
      requireServed(name, value)
      return {}
  }
}

/** What AWS has more values of, with the one that is as Weir does. Terraform sets them all. */
const served: readonly [name: RegExp, value: string][] = [
  [/^KmsMasterKeyId$/, ''],
  [/^TracingConfig$/, 'PassThrough'],
  [/^(Application|Firehose|HTTP|Lambda|SQS)SuccessFeedbackSampleRate$/, '0'],
  [/^(Application|Firehose|HTTP|Lambda|SQS)(Success|Failure)FeedbackRoleArn$/, ''],
]

function requireServed(name: string, value: string): void {
  const [, only] = served.find(([pattern]) => pattern.test(name)) ?? []
  if (only === undefined) {
    throw invalidParameter(`AttributeName Reason: '${name}' cannot be set`)
  }
  if (value !== only && value !== '') {
    throw invalidParameter(`${name} Reason: '${value}' is not served, only '${only}'`)
  }
}

/** Whether any of these is another than the topic has. */
export function changedBy(topic: TopicSettings, settings: Partial<TopicSettings>): boolean {
  return JSON.stringify({ ...topic, ...settings }) !== JSON.stringify(topic)
}

function requireDisplayName(value: string): string {
  // It becomes a part of mails' heads.
  if (value.length <= maxDisplayName && !/\p{Cc}/u.test(value)) return value
  throw invalidParameter(
    `DisplayName Reason: at most ${maxDisplayName} characters, none of them a control character`,
  )
}

function requireJson(value: string): string {
  try {
    const parsed: unknown = JSON.parse(value)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return value
  } catch {
    // Said below.
  }
  throw invalidParameter('Policy Error: null')
}
