/** The topic of "Create CloudWatch alarms for your load balancer" (page 95, step 5) by the AWS CLI: created, and its recipients asked by mail. */
import { createVerify, X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { AwsCli, testWithAwsCli } from '../support/aws-cli.ts'
import { MailServer } from '../support/mail-server.ts'
import { NotificationEndpoint } from '../support/notification-endpoint.ts'
import { Weir } from '../support/weir.ts'

const running = new AsyncDisposableStack()
let mails: MailServer
let weir: Weir
let folder: string

beforeAll(async () => {
  mails = running.use(await MailServer.start())
  const smtp = ['--smtp', `smtp://127.0.0.1:${mails.port}`, '--smtp-from', 'sns@weir.example.com']
  weir = running.use(await Weir.start({ args: smtp }))
  folder = await mkdtemp(join(tmpdir(), 'weir-guide-'))
  running.defer(() => rm(folder, { recursive: true }))
})

afterAll(() => running.disposeAsync())

async function start(program: string): Promise<AwsCli> {
  await fetch(`${weir.api}/_weir/reset`, { method: 'POST' })
  mails.mails.length = 0
  return new AwsCli(weir, program, folder)
}

const arn = 'arn:aws:sns:us-west-2:123456789012:my-topic'

testWithAwsCli(
  'recipients confirm by the link in a mail, and get what is published',
  async (program) => {
    const aws = await start(program)
    expect(await aws.json('aws sns create-topic --name my-topic')).toEqual({ TopicArn: arn })
    const subscribe = `aws sns subscribe --topic-arn ${arn} --protocol email --notification-endpoint`
    for (const address of ['a@example.com', 'b@example.com']) {
      expect(await aws.json(`${subscribe} ${address}`)).toEqual({
        SubscriptionArn: 'pending confirmation',
      })
    }
    for (const { text } of await mails.received(2)) {
      const [link = ''] = /^http:\S+$/m.exec(text) ?? []
      expect((await fetch(link)).status).toBe(200)
    }
    expect(await aws.json(`aws sns list-subscriptions-by-topic --topic-arn ${arn}`)).toMatchObject({
      Subscriptions: [
        { SubscriptionArn: expect.stringContaining(arn), Protocol: 'email' },
        { SubscriptionArn: expect.stringContaining(arn), Protocol: 'email' },
      ],
    })
    const published = await aws.json(
      `aws sns publish --topic-arn ${arn} --subject 'ALARM: "slow" in US West' --message 'You are receiving this.'`,
    )
    expect(published).toEqual({ MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    const [, , ...notifications] = await mails.received(4)
    expect(notifications.flatMap(({ to }) => to).sort()).toEqual(['a@example.com', 'b@example.com'])
    for (const { headers, text } of notifications) {
      expect(headers.get('subject')).toBe('ALARM: "slow" in US West')
      expect(text).toMatch(/^You are receiving this\.\n/)
    }
    const metrics = await (await fetch(`${weir.api}/metrics`)).text()
    expect(metrics).toMatch(/^weir_notifications_delivered_total \d+$/m)
    expect(metrics).toMatch(/^weir_notifications_waiting 0$/m)
    await aws.text(`aws sns delete-topic --topic-arn ${arn}`)
    expect(await aws.json('aws sns list-topics')).toEqual({ Topics: [] })
  },
)

testWithAwsCli(
  'an alarm tells its recipients of each change of its state once',
  async (program) => {
    const aws = await start(program)
    await aws.text('aws sns create-topic --name my-topic')
    await aws.text(
      `aws sns subscribe --topic-arn ${arn} --protocol email --notification-endpoint a@example.com`,
    )
    const [question] = await mails.received(1)
    const [link = ''] = /^http:\S+$/m.exec(question?.text ?? '') ?? []
    await fetch(link)
    await aws.text(
      `aws cloudwatch put-metric-alarm --alarm-name slow --namespace AWS/ELB --metric-name Latency --dimensions Name=LoadBalancerName,Value=my-loadbalancer --statistic Average --period 300 --evaluation-periods 1 --threshold 120 --comparison-operator GreaterThanThreshold --alarm-actions ${arn}`,
    )
    const change = (state: string) =>
      aws.text(
        `aws cloudwatch set-alarm-state --alarm-name slow --state-value ${state} --state-reason test`,
      )
    for (const state of ['ALARM', 'OK', 'ALARM']) await change(state)
    const [, ...alarms] = await mails.received(3)
    const subject = 'ALARM: "slow" in US West (Oregon)'
    expect(alarms.map(({ headers }) => headers.get('subject'))).toEqual([subject, subject])
    expect(new Set(alarms.map(({ headers }) => headers.get('message-id'))).size).toBe(2)
    expect(alarms[0]?.text).toContain('"NewStateValue":"ALARM"')
  },
)

testWithAwsCli(
  'an endpoint confirms by the CLI, and verifies messages by the certificate that they name',
  async (program) => {
    const aws = await start(program)
    await using endpoint = await NotificationEndpoint.start()
    await aws.text('aws sns create-topic --name my-topic --attributes SignatureVersion=2')
    await aws.text(
      `aws sns subscribe --topic-arn ${arn} --protocol http --notification-endpoint ${endpoint.url} --attributes '{"FilterPolicy":"{\\"kind\\":[\\"alarm\\"]}"}'`,
    )
    const [{ Token = '' } = {}] = await endpoint.messages(1)
    await aws.text(`aws sns confirm-subscription --topic-arn ${arn} --token ${Token}`)
    const publish = (kind: string) =>
      aws.text(
        `aws sns publish --topic-arn ${arn} --message ${kind} --message-attributes '{"kind":{"DataType":"String","StringValue":"${kind}"}}'`,
      )
    await publish('news')
    await publish('alarm')
    const [, message = {}] = await endpoint.messages(2)
    const { Message, MessageId, Timestamp, SigningCertURL = '', Signature = '' } = message
    expect(Message).toBe('alarm')
    const signed = `Message\nalarm\nMessageId\n${MessageId}\nTimestamp\n${Timestamp}\nTopicArn\n${arn}\nType\nNotification\n`
    const certificate = new X509Certificate(await (await fetch(SigningCertURL)).text())
    const verify = createVerify('RSA-SHA256').update(signed)
    expect(verify.verify(certificate.publicKey, Signature, 'base64')).toBe(true)
  },
)
