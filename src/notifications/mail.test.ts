import type { SNS } from '@aws-sdk/client-sns'
import { expect, test } from 'vitest'
import { CertificateAuthority } from '../../test/support/certificate-authority.ts'
import { eventually } from '../../test/support/eventually.ts'
import { MailServer } from '../../test/support/mail-server.ts'
import { newTopic, SnsSystem } from '../../test/support/sns.ts'
import { keyPair } from '../../test/support/tls.ts'
import { publishIn } from '../aws/sns/publish-in.ts'
import { atomically } from '../store/transaction.ts'
import type { SmtpServer } from './mail-post.ts'

const Endpoint = 'ops@example.com'

function systemWith({ port }: MailServer, change: Partial<SmtpServer> = {}): Promise<SnsSystem> {
  const smtp: SmtpServer = {
    host: '127.0.0.1',
    port,
    tls: 'offered',
    credentials: null,
    ca: undefined,
    from: 'sns@weir.example.com',
    ...change,
  }
  return SnsSystem.start({ smtp })
}

/** Subscribes, follows the link in the mail, and forgets the mail. */
async function subscribe(sns: SNS, server: MailServer, Protocol = 'email'): Promise<string> {
  const TopicArn = await newTopic(sns)
  await sns.subscribe({ TopicArn, Protocol, Endpoint })
  const [mail] = await server.received(1)
  const [link = ''] = /http:\S+ConfirmSubscription[^\s"]+/.exec(mail?.text ?? '') ?? []
  expect((await fetch(link)).status).toBe(200)
  server.mails.length = 0
  return TopicArn
}

test('an address is asked by mail before it gets anything', async () => {
  await using server = await MailServer.start()
  await using system = await systemWith(server)
  const sns = system.client()
  const { TopicArn } = await sns.createTopic({
    Name: 'my-topic',
    Attributes: { DisplayName: 'Ünï "Ops" <x@example.com>' },
  })
  await sns.subscribe({ TopicArn, Protocol: 'email', Endpoint })
  await sns.publish({ TopicArn, Message: 'too early' })
  const [mail] = await server.received(1)
  expect(mail).toMatchObject({ from: 'sns@weir.example.com', to: [Endpoint] })
  expect(mail?.headers.get('to')).toBe(Endpoint)
  expect(mail?.headers.get('subject')).toBe('AWS Notification - Subscription Confirmation')
  expect(mail?.headers.get('from')).toMatch(/<sns@weir\.example\.com>$/)
  expect(mail?.text).toContain(`to the topic:\n${TopicArn}\n`)
  const [link = ''] = /^http:\S+$/m.exec(mail?.text ?? '') ?? []
  expect(await (await fetch(link)).text()).toContain('<ConfirmSubscriptionResult>')
  const { MessageId } = await sns.publish({ TopicArn, Subject: 'Ünï', Message: 'Es läuft.\n.\n' })
  const [, notification] = await server.received(2)
  expect(notification?.headers.get('subject')).toBe('Ünï')
  expect(notification?.headers.get('message-id')).toContain(MessageId)
  expect(notification?.headers.get('auto-submitted')).toBe('auto-generated')
  expect(notification?.text).toMatch(/^Es läuft\.\n\.\n\n\n--\nIf you wish to stop receiving/)
  const [leave = ''] = /^http:\S+$/m.exec(notification?.text ?? '') ?? []
  await fetch(leave)
  expect((await sns.listSubscriptions()).Subscriptions ?? []).toEqual([])
})

test('email-json has the message as endpoints get it', async () => {
  await using server = await MailServer.start()
  await using system = await systemWith(server)
  const sns = system.client()
  const TopicArn = await subscribe(sns, server, 'email-json')
  const { MessageId } = await sns.publish({ TopicArn, Message: 'hello' })
  const [mail] = await server.received(1)
  expect(mail?.headers.get('subject')).toBe('AWS Notification Message')
  expect(JSON.parse(mail?.text ?? '')).toMatchObject({
    Type: 'Notification',
    MessageId,
    Message: 'hello',
  })
})

test('no part of a notification becomes a field of a mail’s head, or ends the mail', async () => {
  await using server = await MailServer.start()
  await using system = await systemWith(server)
  const sns = system.client()
  const topicArn = await subscribe(sns, server)
  const hostile = {
    topicArn,
    subject: 'ALARM\r\nBcc: all@example.com\r\n\r\nbody\u0000\u2028',
    text: 'one\r\n.\r\nMAIL FROM:<x@example.com>\r\nRCPT TO:<all@example.com>\r\n\u0000',
  }
  // What an alarm is called does not go through the rules of Publish.
  await atomically(system.api.store, (tx) => publishIn(tx, hostile, system.clock.now()))
  const [mail] = await server.received(1)
  expect(mail?.to).toEqual([Endpoint])
  expect(mail?.headers.has('bcc')).toBe(false)
  expect(mail?.headers.get('subject')).toBe('ALARM Bcc: all@example.com body')
  expect(mail?.text).toContain('one\n.\nMAIL FROM:<x@example.com>\nRCPT TO:<all@example.com>\n')
  expect(server.mails).toHaveLength(1)
})

test('a mail that the server refuses for now is tried again, one that it refuses for good is given up', async () => {
  await using server = await MailServer.start()
  await using system = await systemWith(server)
  const sns = system.client()
  const TopicArn = await subscribe(sns, server)
  server.refusal = 451
  await sns.publish({ TopicArn, Message: 'later' })
  await eventually('a failure', () => system.notifications.counts.failed === 1)
  server.refusal = undefined
  system.clock.advance(10_000)
  await server.received(1)
  server.refusal = 550
  await sns.publish({ TopicArn, Message: 'never' })
  await eventually('given up', () => system.notifications.counts.givenUp === 1)
  expect(system.log.at(-1)).toMatchObject({ reason: expect.stringContaining('550') })
})

test('the server is logged in at over TLS only, and its certificate is verified', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = keyPair(await authority.server({ names: ['localhost'] }))
  await using server = await MailServer.start({ ...certificate, authOptional: false })
  const secure = {
    host: 'localhost',
    tls: 'required',
    credentials: { user: 'weir', pass: 'secret' },
    ca: authority.certificate,
  } as const
  await using system = await systemWith(server, secure)
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  await sns.subscribe({ TopicArn, Protocol: 'email', Endpoint })
  expect(await server.received(1)).toMatchObject([{ encrypted: true, user: 'weir' }])

  const failing: Partial<SmtpServer>[] = [
    { ...secure, ca: undefined },
    { ...secure, credentials: { user: 'weir', pass: 'wrong' } },
  ]
  for (const smtp of failing) {
    await using other = await systemWith(server, smtp)
    const client = other.client()
    const arn = await newTopic(client)
    await client.subscribe({ TopicArn: arn, Protocol: 'email', Endpoint })
    await eventually('a failure', () => other.notifications.counts.failed === 1)
    expect(other.notifications.counts.givenUp).toBe(0)
  }
  await using plain = await MailServer.start()
  await using refusing = await systemWith(plain, secure)
  const client = refusing.client()
  const arn = await newTopic(client)
  await client.subscribe({ TopicArn: arn, Protocol: 'email', Endpoint })
  await eventually('a failure', () => refusing.notifications.counts.failed === 1)
  expect(plain.mails).toEqual([])
})

test('TLS from the first byte is spoken where the settings say so', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = keyPair(await authority.server({ names: ['localhost'] }))
  await using server = await MailServer.start({ ...certificate, secure: true })
  const ca = authority.certificate
  await using system = await systemWith(server, { host: 'localhost', tls: 'implicit', ca })
  const sns = system.client()
  const TopicArn = await newTopic(sns)
  await sns.subscribe({ TopicArn, Protocol: 'email', Endpoint })
  expect(await server.received(1)).toMatchObject([{ encrypted: true }])
})
