import { createPublicKey, createVerify } from 'node:crypto'
import { expect, test } from 'vitest'
import { CertificateAuthority } from '../../test/support/certificate-authority.ts'
import { eventually } from '../../test/support/eventually.ts'
import { NotificationEndpoint } from '../../test/support/notification-endpoint.ts'
import { Origin } from '../../test/support/peer.ts'
import { newTopic, SnsSystem } from '../../test/support/sns.ts'
import { keyPair } from '../../test/support/tls.ts'

/** A topic with one subscriber that has confirmed. */
async function subscribed(
  system: SnsSystem,
  endpoint: NotificationEndpoint,
  Attributes: Record<string, string> = {},
) {
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const Protocol = new URL(endpoint.url).protocol.slice(0, -1)
  await sns.subscribe({ TopicArn, Protocol, Endpoint: endpoint.url, Attributes })
  await endpoint.confirm()
  endpoint.received.length = 0
  return { sns, TopicArn }
}

/** As "Verifying the signatures of Amazon SNS messages" has it, written once more. */
async function isSigned(system: SnsSystem, message: Record<string, string>): Promise<boolean> {
  const names =
    message.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const text = names.flatMap((name) => (name in message ? [name, message[name]] : []))
  const { pathname, origin } = new URL(message.SigningCertURL ?? '')
  expect(origin).toBe(system.api.url)
  const pem = (await system.notifications.certificateAt(pathname)) ?? ''
  const algorithm = message.SignatureVersion === '2' ? 'RSA-SHA256' : 'RSA-SHA1'
  const verify = createVerify(algorithm).update(`${text.join('\n')}\n`)
  return verify.verify(createPublicKey(pem), message.Signature ?? '', 'base64')
}

test('an endpoint is asked before it is sent anything, and gets what is published from then on', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint: endpoint.url })
  await sns.publish({ TopicArn, Message: 'too early' })
  const [question] = await endpoint.messages(1)
  expect(question).toMatchObject({
    Type: 'SubscriptionConfirmation',
    TopicArn,
    Token: expect.stringMatching(/^[0-9a-f]+$/),
    Timestamp: '2026-01-01T00:00:00.000Z',
  })
  expect(endpoint.received[0]?.headers).toMatchObject({
    'content-type': 'text/plain; charset=UTF-8',
    'x-amz-sns-message-type': 'SubscriptionConfirmation',
    'x-amz-sns-message-id': question?.MessageId,
    'x-amz-sns-topic-arn': TopicArn,
  })
  expect(await endpoint.confirm()).toContain(`<SubscriptionArn>${TopicArn}:`)
  const { MessageId } = await sns.publish({ TopicArn, Subject: 'Ünï', Message: 'a\n"b"\n' })
  const [, notification] = await endpoint.messages(2)
  expect(notification).toMatchObject({
    Type: 'Notification',
    MessageId,
    TopicArn,
    Subject: 'Ünï',
    Message: 'a\n"b"\n',
  })
  const [subscription] = (await sns.listSubscriptions()).Subscriptions ?? []
  expect(endpoint.received[1]?.headers).toMatchObject({
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-subscription-arn': subscription?.SubscriptionArn,
  })
  await fetch(notification?.UnsubscribeURL ?? '')
  expect((await sns.listSubscriptions()).Subscriptions ?? []).toEqual([])
})

test.for(['1', '2'])('messages are signed with version %s as the topic says', async (version) => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const sns = system.client()
  const { TopicArn } = await sns.createTopic({
    Name: 'my-topic',
    Attributes: { SignatureVersion: version },
  })
  await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint: endpoint.url })
  await endpoint.confirm()
  await sns.publish({ TopicArn, Message: 'without a subject' })
  await sns.publish({ TopicArn, Subject: 'Subject', Message: 'with\na subject' })
  for (const message of await endpoint.messages(3)) {
    expect(message.SignatureVersion).toBe(version)
    expect(await isSigned(system, message)).toBe(true)
    expect(await isSigned(system, { ...message, Message: 'another' })).toBe(false)
  }
})

test('the key that messages are signed with outlives a restart', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, endpoint)
  await sns.publish({ TopicArn, Message: 'one' })
  await endpoint.messages(1)
  await system.restart()
  await sns.publish({ TopicArn, Message: 'two' })
  const [first, second] = await endpoint.messages(2)
  expect(second?.SigningCertURL).toBe(first?.SigningCertURL)
  const { entries } = await system.api.store.list('sns/secret/')
  expect(JSON.stringify(entries)).not.toContain('PRIVATE KEY')
})

test('an endpoint that fails twice gets the message at the third attempt, once', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, endpoint, {
    DeliveryPolicy: JSON.stringify({ healthyRetryPolicy: { numRetries: 3, minDelayTarget: 10 } }),
  })
  endpoint.answers.push(500, 429)
  await sns.publish({ TopicArn, Message: 'hello' })
  for (const failed of [1, 2]) {
    await eventually('a failure', () => system.notifications.counts.failed === failed)
    expect(endpoint.received).toHaveLength(failed)
    system.clock.advance(20_000)
  }
  const messages = await endpoint.messages(3)
  expect(new Set(messages.map(({ MessageId }) => MessageId)).size).toBe(1)
  await eventually('delivered', () => system.notifications.counts.waiting === 0)
  expect(system.notifications.counts).toEqual({
    delivered: 2,
    failed: 2,
    givenUp: 0,
    waiting: 0,
  })
  expect((await system.api.store.list('sns/message/')).entries).toEqual([])
})

test('an endpoint that wants to speak another protocol is tried again', async () => {
  await using system = await SnsSystem.start()
  const answers = ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n']
  await using origin = await Origin.answering(
    () => answers.shift() ?? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  )
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const Endpoint = `http://127.0.0.1:${origin.port}/`
  await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint })
  await eventually('delivered', () => system.notifications.counts.delivered === 1)
  expect(system.notifications.counts.failed).toBe(1)
})

test('a delivery is given up, counted and logged when its retries are used up', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, endpoint, {
    DeliveryPolicy: JSON.stringify({ healthyRetryPolicy: { numRetries: 2, numNoDelayRetries: 2 } }),
  })
  endpoint.answers.push(500, 503, 500)
  const { MessageId } = await sns.publish({ TopicArn, Message: 'hello' })
  await eventually('given up', () => system.notifications.counts.givenUp === 1)
  expect(system.log.at(-1)).toMatchObject({
    msg: 'a notification is given up',
    messageId: MessageId,
    attempts: 3,
    reason: 'the endpoint answered 500',
  })
  await eventually('nothing waits', () => system.notifications.counts.waiting === 0)
  expect(endpoint.received).toHaveLength(3)
})

test.for([404, 302])(
  'an endpoint that answers %i is not tried again, or elsewhere',
  async (status) => {
    await using system = await SnsSystem.start()
    await using endpoint = await NotificationEndpoint.start()
    const { sns, TopicArn } = await subscribed(system, endpoint)
    endpoint.answers.push(status)
    await sns.publish({ TopicArn, Message: 'hello' })
    await eventually('given up', () => system.notifications.counts.givenUp === 1)
    expect(endpoint.received).toHaveLength(1)
  },
)

test('an endpoint that does not answer holds up nobody, and is tried again after 15 seconds', async () => {
  await using system = await SnsSystem.start()
  await using dead = await NotificationEndpoint.start()
  await using alive = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, dead)
  await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint: alive.url })
  await alive.confirm()
  dead.answers.push(null)
  for (const Message of ['one', 'two', 'three']) await sns.publish({ TopicArn, Message })
  await dead.messages(1)
  expect((await alive.messages(4)).slice(1).map(({ Message }) => Message)).toEqual([
    'one',
    'two',
    'three',
  ])
  expect(dead.received).toHaveLength(1)
  system.clock.advance(15_000)
  expect((await dead.messages(4)).map(({ Message }) => Message).sort()).toEqual([
    'one',
    'one',
    'three',
    'two',
  ])
})

test('what waits is delivered after a restart, to an endpoint that is back', async () => {
  await using system = await SnsSystem.start()
  const first = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, first)
  const { port } = new URL(first.url)
  await first[Symbol.asyncDispose]()
  const { MessageId } = await sns.publish({ TopicArn, Message: 'hello' })
  await eventually('the immediate retries', () => system.notifications.counts.failed === 4)
  await system.restart()
  await using back = await NotificationEndpoint.start(undefined, Number(port))
  system.clock.advance(1000)
  expect(await back.messages(1)).toMatchObject([{ MessageId }])
})

test('an attempt that a restart cuts short is made anew, with the same MessageId', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, endpoint)
  endpoint.answers.push(null)
  await sns.publish({ TopicArn, Message: 'hello' })
  await endpoint.messages(1)
  await system.restart()
  const [first, second] = await endpoint.messages(2)
  expect(second?.MessageId).toBe(first?.MessageId)
})

test('what is unsubscribed or deleted while it waits is not delivered', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, endpoint)
  endpoint.answers.push(500, 500, 500, 500)
  await sns.publish({ TopicArn, Message: 'hello' })
  await eventually('the immediate retries', () => system.notifications.counts.failed === 4)
  await sns.deleteTopic({ TopicArn })
  system.clock.advance(1000)
  await eventually('nothing waits', () => system.notifications.counts.waiting === 0)
  expect(endpoint.received).toHaveLength(4)
  expect((await system.api.store.list('sns/message/')).entries).toEqual([])
})

test('raw messages come without anything around them', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, endpoint, {
    RawMessageDelivery: 'true',
    DeliveryPolicy: JSON.stringify({ requestPolicy: { headerContentType: 'application/json' } }),
  })
  await sns.publish({
    TopicArn,
    MessageStructure: 'json',
    Message: JSON.stringify({ default: 'for others', http: '{"é":1}' }),
  })
  await eventually('the message', () => endpoint.received.length === 1)
  expect(endpoint.received[0]).toMatchObject({
    body: '{"é":1}',
    headers: { 'x-amz-sns-rawdelivery': 'true', 'content-type': 'application/json' },
  })
})

test('attributes of a message come with it, and decide who gets it', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, endpoint, {
    FilterPolicy: '{"kind":["alarm"]}',
  })
  const publish = (Message: string, kind: string) =>
    sns.publish({
      TopicArn,
      Message,
      MessageAttributes: { kind: { DataType: 'String', StringValue: kind } },
    })
  await publish('no', 'news')
  await publish('yes', 'alarm')
  expect(await endpoint.messages(1)).toMatchObject([
    { Message: 'yes', MessageAttributes: { kind: { Type: 'String', Value: 'alarm' } } },
  ])
})

test('no more is sent to an endpoint in a second than its policy lets', async () => {
  await using system = await SnsSystem.start()
  await using endpoint = await NotificationEndpoint.start()
  const { sns, TopicArn } = await subscribed(system, endpoint, {
    DeliveryPolicy: JSON.stringify({ throttlePolicy: { maxReceivesPerSecond: 2 } }),
  })
  system.clock.advance(1000)
  for (const Message of ['one', 'two']) await sns.publish({ TopicArn, Message })
  await endpoint.messages(1)
  await eventually('one waits', () => system.notifications.counts.waiting === 1)
  system.clock.advance(499)
  expect(endpoint.received).toHaveLength(1)
  system.clock.advance(1)
  await endpoint.messages(2)
})

test('HTTPS endpoints need a certificate of an authority that is trusted', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = keyPair(await authority.server({ names: ['localhost'] }))
  await using system = await SnsSystem.start({ ca: authority.certificate })
  await using endpoint = await NotificationEndpoint.start(certificate)
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  const { port } = new URL(endpoint.url)
  const subscribe = (Endpoint: string) => sns.subscribe({ TopicArn, Protocol: 'https', Endpoint })
  await subscribe(`https://127.0.0.1:${port}/`)
  await eventually('the immediate retries', () => system.notifications.counts.failed === 4)
  expect(endpoint.received).toEqual([])
  await subscribe(`https://localhost:${port}/path?a=b`)
  await endpoint.messages(1)
  expect(endpoint.received[0]?.path).toBe('/path?a=b')
})
