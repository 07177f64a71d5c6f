import { SNS } from '@aws-sdk/client-sns'
import { expect, test } from 'vitest'
import { childProcess } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { NotificationEndpoint } from '../support/notification-endpoint.ts'
import { newTopic } from '../support/sns.ts'
import { Weir } from '../support/weir.ts'

test('what is published reaches its endpoint although control is killed before it is delivered', async () => {
  await using weir = await Weir.start()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const sns = new SNS({ endpoint: weir.api, region: weir.region, credentials })
  const endpoint = await NotificationEndpoint.start()
  const { port } = new URL(endpoint.url)
  const TopicArn = await newTopic(sns)
  await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint: endpoint.url })
  await endpoint.confirm()
  await endpoint[Symbol.asyncDispose]()
  const published: (string | undefined)[] = []
  for (const Message of ['one', 'two', 'three']) {
    published.push((await sns.publish({ TopicArn, Message })).MessageId)
  }
  const control = childProcess(weir.process.pid ?? 0, 'control') ?? 0
  process.kill(control, 'SIGKILL')
  await using back = await NotificationEndpoint.start(undefined, Number(port))
  await eventually('all messages', () => back.received.length === 3)
  const ids = (await back.messages(3)).map(({ MessageId }) => MessageId)
  expect(ids.sort()).toEqual(published.sort())
  expect(childProcess(weir.process.pid ?? 0, 'control')).not.toBe(control)
})
