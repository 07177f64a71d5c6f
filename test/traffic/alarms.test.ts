import { get } from 'node:http'
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch'
import { SNS } from '@aws-sdk/client-sns'
import { expect, onTestFinished, test } from 'vitest'
import { type Mail, MailServer } from '../support/mail-server.ts'
import { createLoadBalancer, Instance, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const minutes = 60_000

/** A topic whose only recipient has followed the link in its mail. */
async function subscribeByMail(sns: SNS, mails: MailServer): Promise<string> {
  const { TopicArn = '' } = await sns.createTopic({ Name: 'my-topic' })
  await sns.subscribe({ TopicArn, Protocol: 'email', Endpoint: 'operator@example.com' })
  const [{ text = '' } = {}] = await mails.received(1)
  const [link = ''] = /^http:\S+$/m.exec(text) ?? []
  expect((await fetch(link)).status).toBe(200)
  return TopicArn
}

function request(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host, port: 8080, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode))
    }).once('error', reject)
  })
}

/** One request after the other, until so many mails have come. */
async function requestUntil(host: string, mails: MailServer, count: number): Promise<Mail> {
  const end = Date.now() + 4 * minutes
  while (mails.mails.length < count) {
    if (Date.now() > end) throw new Error(`mail ${count} did not come within four minutes`)
    expect(await request(host)).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return mails.mails[count - 1]!
}

test(
  'an alarm on Latency fires and recovers with a slow instance, and its mails say so',
  async () => {
    await using mails = await MailServer.start()
    await using weir = await Weir.start({
      args: ['--smtp', `smtp://127.0.0.1:${mails.port}`, '--smtp-from', 'alarms@weir.example.com'],
    })
    let slow = true
    await using instance = await Instance.declare(weir, 'us-west-2a', (_, response) => {
      setTimeout(() => response.end('ok'), slow ? 1000 : 0)
    })
    await createLoadBalancer(weir, 'web', [instance])
    const [host = ''] = await nodeAddresses(weir, 'web')

    const client = {
      endpoint: weir.api,
      region: weir.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }
    const cloudWatch = new CloudWatchClient(client)
    const sns = new SNS(client)
    onTestFinished(() => {
      cloudWatch.destroy()
      sns.destroy()
    })
    const topic = await subscribeByMail(sns, mails)
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'slow',
        Namespace: 'AWS/ELB',
        MetricName: 'Latency',
        Dimensions: [{ Name: 'LoadBalancerName', Value: 'web' }],
        Statistic: 'Average',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0.5,
        ComparisonOperator: 'GreaterThanThreshold',
        AlarmActions: [topic],
        OKActions: [topic],
      }),
    )

    const fired = await requestUntil(host, mails, 2)
    expect(fired.to).toEqual(['operator@example.com'])
    expect(fired.headers.get('subject')).toBe('ALARM: "slow" in US West (Oregon)')
    expect(fired.text).toContain('was greater than the threshold (0.5)')

    slow = false
    const recovered = await requestUntil(host, mails, 3)
    expect(recovered.headers.get('subject')).toBe('OK: "slow" in US West (Oregon)')
    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({}))
    expect(MetricAlarms).toMatchObject([{ AlarmName: 'slow', StateValue: 'OK' }])
    expect(mails.mails).toHaveLength(3)
  },
  9 * minutes,
)
