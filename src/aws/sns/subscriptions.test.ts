import type { SNS } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { newTopic, SnsSystem } from '../../../test/support/sns.ts'

let system: SnsSystem

beforeAll(async () => {
  system = await SnsSystem.start({ quotas: { subscriptions: 103 } })
})

afterAll(() => system[Symbol.asyncDispose]())

const day = 86_400_000

/** Nobody listens there. */
const Endpoint = 'http://127.0.0.1:9/'

/** Subscribes an endpoint that does not answer. @returns the ARN */
async function pending(sns: SNS, TopicArn: string): Promise<string> {
  const { SubscriptionArn = '' } = await sns.subscribe({
    TopicArn,
    Protocol: 'http',
    Endpoint,
    ReturnSubscriptionArn: true,
  })
  return SubscriptionArn
}

const tokenFor = (arn: string) => system.tokens.of(arn, system.clock.now())

test('a subscription is pending until its token comes back', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  expect(await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint })).toMatchObject({
    SubscriptionArn: 'pending confirmation',
  })
  const arn = await pending(sns, TopicArn)
  expect(arn).toMatch(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`))
  const shown = { Owner: '123456789012', Protocol: 'http', Endpoint, TopicArn }
  const list = async () => (await sns.listSubscriptionsByTopic({ TopicArn })).Subscriptions
  expect(await list()).toEqual([{ SubscriptionArn: 'PendingConfirmation', ...shown }])
  const confirmed = await sns.confirmSubscription({ TopicArn, Token: tokenFor(arn) })
  expect(confirmed.SubscriptionArn).toBe(arn)
  expect(await list()).toEqual([{ SubscriptionArn: arn, ...shown }])
  expect(await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint })).toMatchObject({
    SubscriptionArn: arn,
  })
  expect((await sns.getTopicAttributes({ TopicArn })).Attributes).toMatchObject({
    SubscriptionsConfirmed: '1',
    SubscriptionsPending: '0',
  })
})

test('a token is worth nothing for another subscription, changed, or after two days', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const other = await newTopic(sns, 'other')
  const arn = await pending(sns, TopicArn)
  const Token = tokenFor(arn)
  const refusal = { name: 'InvalidParameterException', message: 'Invalid parameter: Token' }
  const wrong: [string, string][] = [
    [TopicArn, ''],
    [TopicArn, 'x'],
    [TopicArn, Token.toUpperCase()],
    [TopicArn, `${Token}00`],
    [TopicArn, Token.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    [other, Token],
  ]
  for (const [topic, token] of wrong) {
    const confirming = sns.confirmSubscription({ TopicArn: topic, Token: token })
    await expect(confirming).rejects.toMatchObject(refusal)
  }
  const confirming = sns.confirmSubscription({ TopicArn: `${TopicArn}x`, Token })
  await expect(confirming).rejects.toMatchObject({ name: 'NotFoundException' })
  system.clock.advance(2 * day)
  await expect(sns.confirmSubscription({ TopicArn, Token })).rejects.toMatchObject(refusal)
})

test('a subscription that nobody confirms is gone when its token has ended', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const arn = await pending(sns, TopicArn)
  await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint: `${Endpoint}silent` })
  await sns.confirmSubscription({ TopicArn, Token: tokenFor(arn) })
  const left = async () => (await sns.listSubscriptions()).Subscriptions
  system.clock.advance(2 * day - 3_600_000)
  expect(await left()).toHaveLength(2)
  system.clock.advance(3_600_000)
  await eventually('one subscription', async () => (await left())?.length === 1)
  expect(await left()).toMatchObject([{ SubscriptionArn: arn }])
})

test.for([
  ['http', 'https://example.com/', 'Endpoint must match the specified protocol'],
  ['https', 'http://example.com/', 'Endpoint must match the specified protocol'],
  ['http', 'example.com', 'Endpoint must match the specified protocol'],
  ['http', 'http://exa mple.com/', 'Endpoint must match the specified protocol'],
  [
    'http',
    'http://user:secret@example.com/',
    'Endpoint Reason: user names and passwords in URLs are not served',
  ],
  ['email', 'nobody', 'Email address'],
  ['email', 'a@example.com\r\nBcc: all@example.com', 'Email address'],
  ['email', 'a@example.com, b@example.com', 'Email address'],
  [
    'email',
    'a@example.com',
    'Protocol Reason: no mail can be sent: Weir was started without an SMTP server (--smtp)',
  ],
  [
    'sqs',
    'arn:aws:sqs:us-west-2:123456789012:queue',
    'Protocol Reason: sqs is not served here; served are email, email-json, http, https',
  ],
  ['pigeon', 'x', 'Amazon SNS does not support this protocol string: pigeon'],
])('that cannot be subscribed: %s %s', async ([Protocol, endpoint, problem]) => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  await expect(sns.subscribe({ TopicArn, Protocol, Endpoint: endpoint })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: `Invalid parameter: ${problem}`,
  })
})

test('attributes of a subscription can be set and read', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const SubscriptionArn = await pending(sns, TopicArn)
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName, AttributeValue })
  const get = async () => (await sns.getSubscriptionAttributes({ SubscriptionArn })).Attributes
  expect(await get()).toMatchObject({
    SubscriptionArn,
    TopicArn,
    Owner: '123456789012',
    Protocol: 'http',
    Endpoint,
    PendingConfirmation: 'true',
    ConfirmationWasAuthenticated: 'false',
    RawMessageDelivery: 'false',
  })
  const policy = { kind: ['alarm', { prefix: 'a' }], size: [{ numeric: ['>', 0, '<=', 5] }] }
  await set('RawMessageDelivery', 'true')
  await set('FilterPolicy', JSON.stringify(policy))
  await set('DeliveryPolicy', '{"healthyRetryPolicy":{"numRetries":7}}')
  const attributes = (await get()) ?? {}
  expect(attributes).toMatchObject({
    RawMessageDelivery: 'true',
    FilterPolicy: JSON.stringify(policy),
    FilterPolicyScope: 'MessageAttributes',
  })
  expect(JSON.parse(attributes.EffectiveDeliveryPolicy ?? '')).toMatchObject({
    healthyRetryPolicy: { numRetries: 7, minDelayTarget: 20, backoffFunction: 'linear' },
  })
  await set('FilterPolicy', '{}')
  expect(await get()).not.toHaveProperty('FilterPolicy')
})

test.for([
  [
    'RawMessageDelivery',
    'maybe',
    'RawMessageDelivery Reason: Invalid value [maybe]. Must be true or false.',
  ],
  ['FilterPolicy', 'x', 'FilterPolicy: failed to parse JSON'],
  ['FilterPolicy', '{"a":"b"}', 'FilterPolicy: a must be a list'],
  ['FilterPolicy', '{"a":[{"cidr":"10.0.0.0/8"}]}', 'FilterPolicy: a.0 must be a text, a number,'],
  [
    'FilterPolicy',
    '{"a":[{"numeric":["~",1]}]}',
    'FilterPolicy: a.0.numeric must be comparisons and numbers in turn',
  ],
  ['FilterPolicyScope', 'MessageBody', "FilterPolicyScope Reason: 'MessageBody' is not served"],
  [
    'DeliveryPolicy',
    '{"healthyRetryPolicy":{"numRetries":101}}',
    'DeliveryPolicy: healthyRetryPolicy.numRetries: ',
  ],
  [
    'DeliveryPolicy',
    '{"healthyRetryPolicy":{"numRetries":2,"minDelayTarget":3600,"maxDelayTarget":3600}}',
    'DeliveryPolicy: healthyRetryPolicy: takes more than 3600 seconds',
  ],
  ['DeliveryPolicy', '{"requestPolicy":{"headerContentType":"a\\r\\nb: c"}}', 'DeliveryPolicy: '],
  ['Colour', 'red', "AttributeName Reason: 'Colour' cannot be set"],
])('an attribute like that is refused: %s %s', async ([AttributeName, AttributeValue, problem]) => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const SubscriptionArn = await pending(sns, TopicArn)
  await expect(
    sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName, AttributeValue }),
  ).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining(`Invalid parameter: ${problem}`),
  })
})

test('the same endpoint is not subscribed anew with other attributes', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  await pending(sns, TopicArn)
  const again = { TopicArn, Protocol: 'http', Endpoint }
  await expect(
    sns.subscribe({ ...again, Attributes: { RawMessageDelivery: 'true' } }),
  ).rejects.toMatchObject({ message: expect.stringContaining('different attributes') })
  await sns.subscribe({ ...again, Attributes: { RawMessageDelivery: 'false' } })
  expect((await sns.listSubscriptions()).Subscriptions).toHaveLength(1)
})

test('subscriptions are listed in pages of a hundred, by topic and for the region', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const subscribe = (number: number) =>
    sns.subscribe({ TopicArn, Protocol: 'http', Endpoint: `${Endpoint}${number}` })
  for (let number = 0; number < 103; number += 1) await subscribe(number)
  const first = await sns.listSubscriptionsByTopic({ TopicArn })
  const { NextToken } = first
  expect(first.Subscriptions).toHaveLength(100)
  const rest = await sns.listSubscriptionsByTopic({ TopicArn, NextToken })
  expect(rest.Subscriptions).toHaveLength(3)
  expect((await sns.listSubscriptions({ NextToken })).Subscriptions).toHaveLength(3)
  await expect(subscribe(103)).rejects.toMatchObject({
    name: 'SubscriptionLimitExceededException',
  })
})

test('a subscription ends by Unsubscribe, and with its topic', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const SubscriptionArn = await pending(sns, TopicArn)
  await sns.unsubscribe({ SubscriptionArn })
  await expect(sns.unsubscribe({ SubscriptionArn })).rejects.toMatchObject({
    name: 'NotFoundException',
    message: 'Subscription does not exist',
  })
  await expect(sns.unsubscribe({ SubscriptionArn: 'x' })).rejects.toMatchObject({
    message:
      'Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1',
  })
  await pending(sns, TopicArn)
  await sns.deleteTopic({ TopicArn })
  expect((await sns.listSubscriptions()).Subscriptions ?? []).toEqual([])
})

test('who confirms with AuthenticateOnUnsubscribe cannot be unsubscribed by the link', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const SubscriptionArn = await pending(sns, TopicArn)
  const follow = async (parameters: Record<string, string>) =>
    (await fetch(`${system.api.url}/?${new URLSearchParams(parameters)}`)).text()
  const confirmation = { TopicArn, Token: tokenFor(SubscriptionArn) }
  const byLink = { Action: 'ConfirmSubscription', AuthenticateOnUnsubscribe: 'true' }
  expect(await follow({ ...byLink, ...confirmation })).toContain('<Code>AuthorizationError</Code>')
  await sns.confirmSubscription({ AuthenticateOnUnsubscribe: 'true', ...confirmation })
  expect(await follow({ Action: 'Unsubscribe', SubscriptionArn })).toContain(
    '<Code>AuthorizationError</Code>',
  )
  await sns.unsubscribe({ SubscriptionArn })
})

test('a batch is published as far as its entries are right', async () => {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const entry = (Id: string, Message = 'x') => ({ Id, Message })
  const { Successful, Failed } = await sns.publishBatch({
    TopicArn,
    PublishBatchRequestEntries: [entry('a'), entry('b', ''), entry('c')],
  })
  expect(Successful?.map(({ Id }) => Id)).toEqual(['a', 'c'])
  expect(new Set(Successful?.map(({ MessageId }) => MessageId)).size).toBe(2)
  expect(Failed).toEqual([
    {
      Id: 'b',
      Code: 'InvalidParameter',
      Message: 'Invalid parameter: Empty message',
      SenderFault: true,
    },
  ])
  const long = 'x'.repeat(140_000)
  const wrong: [string, ReturnType<typeof entry>[]][] = [
    ['EmptyBatchRequestException', []],
    ['BatchEntryIdsNotDistinctException', [entry('a'), entry('a')]],
    ['InvalidBatchEntryIdException', [entry('a b')]],
    ['BatchRequestTooLongException', [entry('a', long), entry('b', long)]],
    [
      'TooManyEntriesInBatchRequestException',
      Array.from({ length: 11 }, (_, index) => entry(`${index}`)),
    ],
  ]
  for (const [name, PublishBatchRequestEntries] of wrong) {
    const publishing = sns.publishBatch({ TopicArn, PublishBatchRequestEntries })
    await expect(publishing).rejects.toMatchObject({ name })
  }
})
