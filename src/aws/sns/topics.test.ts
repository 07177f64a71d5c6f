import { SNS } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi, type TestApi } from '../../../test/support/api.ts'
import { ConfirmationTokens } from './confirmation-tokens.ts'
import { createSnsService } from './service.ts'

let api: TestApi
let regions = 0

beforeAll(async () => {
  api = await startApi({
    services: [
      createSnsService({
        quotas: { topics: 102, subscriptions: 3 },
        tokens: new ConfirmationTokens(Buffer.alloc(3)),
        email: false,
        backlog: { waitingBytes: 0 },
      }),
    ],
  })
})

afterAll(() => api[Symbol.asyncDispose]())

/** Of a region that no other test uses. */
function newClient(): SNS {
  regions += 1
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
  return new SNS({ endpoint: api.url, region: `us-west-${regions}`, credentials, maxAttempts: 1 })
}

const arnOf = (name: string) => `arn:aws:sns:us-west-${regions}:123456789012:${name}`

test('a topic is created once, however often it is asked for', async () => {
  const sns = newClient()
  const TopicArn = arnOf('my-topic')
  for (let times = 0; times < 2; times += 1) {
    expect(await sns.createTopic({ Name: 'my-topic' })).toMatchObject({ TopicArn })
  }
  expect((await sns.listTopics()).Topics).toEqual([{ TopicArn }])
  await sns.deleteTopic({ TopicArn })
  await sns.deleteTopic({ TopicArn })
  expect((await sns.listTopics()).Topics ?? []).toEqual([])
})

test('a topic that is there with other attributes or tags is not created', async () => {
  const sns = newClient()
  const Tags = [{ Key: 'team', Value: 'a' }]
  await sns.createTopic({ Name: 'my-topic', Attributes: { DisplayName: 'Mine' }, Tags })
  await sns.createTopic({ Name: 'my-topic', Attributes: { DisplayName: 'Mine' }, Tags })
  await sns.createTopic({ Name: 'my-topic' })
  await expect(
    sns.createTopic({ Name: 'my-topic', Attributes: { DisplayName: 'Yours' } }),
  ).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining('different attributes'),
  })
  await expect(sns.createTopic({ Name: 'my-topic', Tags: [] })).resolves.toBeDefined()
  await expect(
    sns.createTopic({ Name: 'my-topic', Tags: [{ Key: 'team', Value: 'b' }] }),
  ).rejects.toMatchObject({
    message: 'Invalid parameter: Tags Reason: Topic already exists with different tags',
  })
})

test.for([
  ['a topic', {}, 'Invalid parameter: Topic Name'],
  ['x'.repeat(257), {}, 'Invalid parameter: Topic Name'],
  ['a.fifo', { FifoTopic: 'true' }, 'Invalid parameter: Name Reason: FIFO topics are not served'],
  ['a', { FifoTopic: 'true' }, 'Invalid parameter: Attributes Reason: FIFO topics are not served'],
  [
    'a',
    { KmsMasterKeyId: 'k' },
    "Invalid parameter: KmsMasterKeyId Reason: 'k' is not served, only ''",
  ],
  [
    'a',
    { HTTPSuccessFeedbackSampleRate: '5' },
    "Invalid parameter: HTTPSuccessFeedbackSampleRate Reason: '5' is not served, only '0'",
  ],
  ['a', { Policy: 'none' }, 'Invalid parameter: Policy Error: null'],
  ['a', { Colour: 'red' }, "Invalid parameter: AttributeName Reason: 'Colour' cannot be set"],
  [
    'a',
    { SignatureVersion: '3' },
    "Invalid parameter: SignatureVersion Reason: '3' is neither 1 nor 2",
  ],
  [
    'a',
    { DisplayName: 'x\r\nBcc: all@example.com' },
    'Invalid parameter: DisplayName Reason: at most 100 characters, none of them a control character',
  ],
] as const)('a topic like that is refused: %s %j', async ([Name, Attributes, message]) => {
  await expect(newClient().createTopic({ Name, Attributes })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message,
  })
})

test('topics are listed in pages of a hundred', async () => {
  const sns = newClient()
  const names = Array.from({ length: 102 }, (_, index) => `topic-${100 + index}`)
  for (const Name of names) await sns.createTopic({ Name })
  const first = await sns.listTopics()
  expect(first.Topics).toHaveLength(100)
  const second = await sns.listTopics({ NextToken: first.NextToken })
  expect(second.Topics).toEqual(names.slice(100).map((name) => ({ TopicArn: arnOf(name) })))
  expect(second.NextToken).toBeUndefined()
  await expect(sns.listTopics({ NextToken: 'x' })).rejects.toMatchObject({
    message: 'Invalid parameter: NextToken',
  })
  await expect(sns.createTopic({ Name: 'one-too-many' })).rejects.toMatchObject({
    name: 'TopicLimitExceededException',
    $metadata: { httpStatusCode: 403 },
  })
})

test('attributes of a topic can be set and read', async () => {
  const sns = newClient()
  const { TopicArn } = await sns.createTopic({ Name: 'my-topic' })
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.setTopicAttributes({ TopicArn, AttributeName, AttributeValue })
  await set('DisplayName', 'My alarms')
  await set('SignatureVersion', '2')
  const { Attributes } = await sns.getTopicAttributes({ TopicArn })
  expect(Attributes).toMatchObject({
    TopicArn,
    Owner: '123456789012',
    DisplayName: 'My alarms',
    SignatureVersion: '2',
    SubscriptionsConfirmed: '0',
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
  })
  expect(JSON.parse(Attributes?.Policy ?? '')).toMatchObject({ Id: '__default_policy_ID' })
  await set('Policy', '{"Version":"2008-10-17","Statement":[]}')
  expect((await sns.getTopicAttributes({ TopicArn })).Attributes?.Policy).toBe(
    '{"Version":"2008-10-17","Statement":[]}',
  )
})

test('a delivery policy is shown as it was set, and what holds without one too', async () => {
  const sns = newClient()
  const { TopicArn } = await sns.createTopic({ Name: 'my-topic' })
  const get = async () => (await sns.getTopicAttributes({ TopicArn })).Attributes ?? {}
  expect(await get()).not.toHaveProperty('DeliveryPolicy')
  expect(JSON.parse((await get()).EffectiveDeliveryPolicy ?? '')).toMatchObject({
    http: { defaultHealthyRetryPolicy: { numRetries: 50 } },
  })
  const policy = {
    http: {
      defaultHealthyRetryPolicy: {
        numRetries: 9,
        numNoDelayRetries: 2,
        numMinDelayRetries: 2,
        numMaxDelayRetries: 5,
        minDelayTarget: 2,
        maxDelayTarget: 4,
        backoffFunction: 'linear',
      },
      disableSubscriptionOverrides: false,
      defaultThrottlePolicy: { maxReceivesPerSecond: 1 },
    },
  }
  const AttributeValue = JSON.stringify(policy)
  await sns.setTopicAttributes({ TopicArn, AttributeName: 'DeliveryPolicy', AttributeValue })
  expect(JSON.parse((await get()).DeliveryPolicy ?? '')).toEqual(policy)
})

test('tags of a topic can be added, replaced, listed and removed', async () => {
  const sns = newClient()
  const { TopicArn: ResourceArn = '' } = await sns.createTopic({
    Name: 'my-topic',
    Tags: [{ Key: 'team', Value: 'a' }],
  })
  await sns.tagResource({
    ResourceArn,
    Tags: [
      { Key: 'team', Value: 'b' },
      { Key: 'stage', Value: '' },
    ],
  })
  await sns.untagResource({ ResourceArn, TagKeys: ['stage', 'other'] })
  expect((await sns.listTagsForResource({ ResourceArn })).Tags).toEqual([
    { Key: 'team', Value: 'b' },
  ])
  await expect(
    sns.tagResource({ ResourceArn: arnOf('other'), Tags: [{ Key: 'a', Value: '' }] }),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  const many = Array.from({ length: 50 }, (_, index) => ({ Key: `key-${index}`, Value: '' }))
  await expect(sns.tagResource({ ResourceArn, Tags: many })).rejects.toMatchObject({
    name: 'TagLimitExceededException',
  })
})

test('a topic of another region, or none at all, is not found', async () => {
  const sns = newClient()
  const get = (TopicArn: string) => sns.getTopicAttributes({ TopicArn })
  await expect(get(arnOf('other'))).rejects.toMatchObject({
    name: 'NotFoundException',
    message: 'Topic does not exist',
    $metadata: { httpStatusCode: 404 },
  })
  await expect(get('alarms')).rejects.toMatchObject({
    message: 'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
  })
  await expect(get('arn:aws:sns:eu-west-1:123456789012:alarms')).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
})

test.for([
  [{ Message: '' }, 'Empty message'],
  [{ Message: 'x'.repeat(262_145) }, 'Message too long'],
  [{ Message: 'é'.repeat(131_073) }, 'Message too long'],
  [{ Message: 'x', Subject: 'x'.repeat(101) }, 'Subject'],
  [{ Message: 'x', Subject: 'Hello\r\nBcc: all@example.com' }, 'Subject'],
  [
    { Message: 'x', MessageStructure: 'json' },
    'Message Structure - JSON message body failed to parse',
  ],
  [
    { Message: '{"email":"x"}', MessageStructure: 'json' },
    'Message Structure - No default entry in JSON message body',
  ],
  [
    { Message: 'x', MessageAttributes: { a: { DataType: 'Number', StringValue: 'x' } } },
    "MessageAttributes Reason: Could not cast message attribute 'a' value to number.",
  ],
  [{ PhoneNumber: '+1', Message: 'x' }, 'PhoneNumber Reason: text messages are not served'],
] as const)('a message like that is not published: case %#', async ([input, problem]) => {
  const sns = newClient()
  const { TopicArn } = await sns.createTopic({ Name: 'my-topic' })
  await expect(sns.publish({ TopicArn, ...input })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: `Invalid parameter: ${problem}`,
  })
})

test('a message of 256 KiB is published', async () => {
  const sns = newClient()
  const { TopicArn } = await sns.createTopic({ Name: 'my-topic' })
  const { MessageId } = await sns.publish({
    TopicArn,
    Subject: 'Ünï©ode',
    Message: 'é'.repeat(131_072),
  })
  expect(MessageId).toMatch(/^[0-9a-f-]{36}$/)
})
