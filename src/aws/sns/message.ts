/** What Publish takes for a message. */
import type { MessageAttributeValue, PublishBatchRequestEntry } from '@aws-sdk/client-sns'
import { invalidParameter } from './errors.ts'
import type { Notification } from './publish-in.ts'
import type { MessageAttribute } from './queue-records.ts'
import { protocols } from './records.ts'

type Published = Pick<
  PublishBatchRequestEntry,
  'Subject' | 'Message' | 'MessageStructure' | 'MessageAttributes'
>

/** Of the message with its attributes, in bytes of UTF-8. */
export const maxMessageBytes = 262_144

const maxSubject = 100

type Message = Required<Omit<Notification, 'topicArn'>>

/** @throws ApiError InvalidParameter */
export function readMessage(published: Published): Message {
  const { Subject, Message: text = '', MessageStructure, MessageAttributes = {} } = published
  if (text === '') throw invalidParameter('Empty message')
  if (bytesOf(published) > maxMessageBytes) throw invalidParameter('Message too long')
  return {
    subject: Subject === undefined ? null : requireSubject(Subject),
    attributes: readAttributes(MessageAttributes),
    ...readText(text, MessageStructure),
  }
}

/** As the limit counts: text, and names, types and values of attributes. */
export function bytesOf({ Message: text = '', MessageAttributes = {} }: Published): number {
  const sizes = Object.entries(MessageAttributes).map(
    ([name, { DataType = '', StringValue = '', BinaryValue }]) =>
      Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
  )
  return sizes.reduce((sum, size) => sum + size, Buffer.byteLength(text))
}

/** "Must be UTF-8 text with no line breaks or control characters, and less than 100 characters long" (Publish). */
function requireSubject(subject: string): string {
  const fits = subject !== '' && [...subject].length <= maxSubject
  if (fits && !/[\p{Cc}\u2028\u2029]/u.test(subject)) return subject
  throw invalidParameter('Subject')
}

function readText(
  text: string,
  structure: string | undefined,
): Pick<Message, 'text' | 'textByProtocol'> {
  if (structure === undefined || structure === '') return { text, textByProtocol: {} }
  if (structure !== 'json') {
    throw invalidParameter(`MessageStructure Reason: '${structure}' is not json`)
  }
  const texts = parseTexts(text)
  const own = protocols.flatMap((protocol): [string, string][] => {
    const each = texts.get(protocol)
    return typeof each === 'string' ? [[protocol, each]] : []
  })
  const fallback = texts.get('default')
  if (typeof fallback !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body')
  }
  return { text: fallback, textByProtocol: Object.fromEntries(own) }
}

function parseTexts(text: string): Map<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return new Map(Object.entries(parsed))
  } catch {
    // Said below.
  }
  throw invalidParameter('Message Structure - JSON message body failed to parse')
}

function readAttributes(
  attributes: Readonly<Record<string, MessageAttributeValue>>,
): Record<string, MessageAttribute> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, readAttribute(name, value)]),
  )
}

const attributeName = /^(?!aws\.|amazon\.)(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i
const attributeType = /^(String|String\.Array|Number|Binary)(\.[\w.-]+)?$/

function readAttribute(
  name: string,
  { DataType: type = '', StringValue, BinaryValue }: MessageAttributeValue,
): MessageAttribute {
  if (!attributeName.test(name)) {
    throw invalidParameter(`MessageAttributes Reason: '${name}' is no name of an attribute`)
  }
  if (!attributeType.test(type) || type.length > 256) {
    throw invalidParameter(
      `MessageAttributes Reason: The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  if (type.startsWith('Binary')) {
    if (!BinaryValue?.byteLength) throw emptyAttribute(name, type)
    return { type, value: Buffer.from(BinaryValue).toString('base64') }
  }
  if (!StringValue) throw emptyAttribute(name, type)
  requireFit(name, type, StringValue)
  return { type, value: StringValue }
}

function emptyAttribute(name: string, type: string) {
  return invalidParameter(
    `MessageAttributes Reason: The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
  )
}

function requireFit(name: string, type: string, value: string): void {
  if (type.startsWith('Number') && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) {
    throw invalidParameter(
      `MessageAttributes Reason: Could not cast message attribute '${name}' value to number.`,
    )
  }
  if (type.startsWith('String.Array') && !isArrayOfScalars(value)) {
    throw invalidParameter(
      `MessageAttributes Reason: The message attribute '${name}' is no JSON array of texts, numbers, true, false and null.`,
    )
  }
}

function isArrayOfScalars(json: string): boolean {
  try {
    const parsed: unknown = JSON.parse(json)
    return (
      Array.isArray(parsed) && parsed.every((each) => each === null || typeof each !== 'object')
    )
  } catch {
    return false
  }
}
