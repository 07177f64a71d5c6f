import type { PublishInput, PublishResponse } from '@aws-sdk/client-sns'
import { atomically } from '../../store/transaction.ts'
import type { Call, Operation } from '../wire/service.ts'
import { invalidParameter, noSuchTopic } from './errors.ts'
import { readMessage } from './message.ts'
import { publishIn } from './publish-in.ts'
import { requireTopic } from './topics.ts'

export const publish: Operation<PublishInput, PublishResponse> = async (input, call) => {
  if (input.PhoneNumber !== undefined) {
    throw invalidParameter('PhoneNumber Reason: text messages are not served')
  }
  const arn = input.TopicArn ?? input.TargetArn
  if (arn === undefined) {
    throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter')
  }
  return { MessageId: await publishTo(arn, input, call) }
}

/** @throws ApiError InvalidParameter, NotFound */
function publishTo(arn: string, input: PublishInput, call: Call): Promise<string> {
  const message = readMessage(input)
  return atomically(call.store, async (tx) => {
    const { arn: topicArn } = await requireTopic(tx, arn, call)
    const id = await publishIn(tx, { topicArn, ...message }, call.clock.now())
    if (id === undefined) throw noSuchTopic()
    return id
  })
}
