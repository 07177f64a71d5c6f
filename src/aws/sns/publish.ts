import type {
  BatchResultErrorEntry,
  PublishBatchInput,
  PublishBatchRequestEntry,
  PublishBatchResponse,
  PublishInput,
  PublishResponse,
} from '@aws-sdk/client-sns'
import { atomically, type Transaction } from '../../store/transaction.ts'
import { ApiError } from '../wire/errors.ts'
import type { Call, Operation } from '../wire/service.ts'
import {
  batchTooLong,
  emptyBatch,
  invalidBatchId,
  invalidParameter,
  repeatedBatchId,
  throttled,
  tooManyInBatch,
} from './errors.ts'
import { bytesOf, maxMessageBytes, readMessage } from './message.ts'
import type { Backlog, SnsPorts } from './ports.ts'
import { publishIn } from './publish-in.ts'
import { requireTopic } from './topics.ts'

/** What may wait for delivery, in bytes, counted for each subscription: it is all on the disk. */
const maxWaiting = 1_073_741_824

const maxBatch = 10

export function publish({ backlog }: SnsPorts): Operation<PublishInput, PublishResponse> {
  return async (input, call) => {
    if (input.PhoneNumber !== undefined) {
      throw invalidParameter('PhoneNumber Reason: text messages are not served')
    }
    const arn = input.TopicArn ?? input.TargetArn
    if (arn === undefined) {
      throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter')
    }
    requireRoom(backlog)
    const message = readMessage(input)
    const MessageId = await atomically(call.store, (tx) => publishTo(tx, arn, message, call))
    return { MessageId }
  }
}

/** Entries that are wrong do not stop the others. */
export function publishBatch({
  backlog,
}: SnsPorts): Operation<PublishBatchInput, PublishBatchResponse> {
  return async ({ TopicArn, PublishBatchRequestEntries: entries = [] }, call) => {
    checkBatch(entries)
    requireRoom(backlog)
    const read = entries.map((entry) => ({ id: entry.Id ?? '', message: messageOrFailure(entry) }))
    const failed = read.flatMap(({ id, message }) =>
      message instanceof ApiError ? [failure(id, message)] : [],
    )
    const successful = await atomically(call.store, async (tx) => {
      await requireTopic(tx, TopicArn, call)
      const published = []
      for (const { id, message } of read) {
        if (message instanceof ApiError) continue
        published.push({ Id: id, MessageId: await publishTo(tx, TopicArn, message, call) })
      }
      return published
    })
    return { Successful: successful, Failed: failed }
  }
}

type Message = ReturnType<typeof readMessage>

/** @returns the MessageId @throws ApiError InvalidParameter, NotFound */
async function publishTo(
  tx: Transaction,
  arn: string | undefined,
  message: Message,
  call: Call,
): Promise<string | undefined> {
  const { arn: topicArn } = await requireTopic(tx, arn, call)
  return publishIn(tx, { topicArn, ...message }, call.clock.now())
}

function requireRoom({ waitingBytes }: Backlog): void {
  if (waitingBytes > maxWaiting) throw throttled(waitingBytes)
}

/** @throws ApiError of the batch as a whole */
function checkBatch(entries: readonly PublishBatchRequestEntry[]): void {
  if (entries.length === 0) throw emptyBatch()
  if (entries.length > maxBatch) throw tooManyInBatch(maxBatch)
  const ids = entries.map(({ Id }) => Id ?? '')
  for (const id of ids) if (!/^[\w-]{1,80}$/.test(id)) throw invalidBatchId(id)
  if (new Set(ids).size < ids.length) throw repeatedBatchId()
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
  if (bytes > maxMessageBytes) throw batchTooLong()
}

function messageOrFailure(entry: PublishBatchRequestEntry): Message | ApiError {
  try {
    return readMessage(entry)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

function failure(Id: string, { code, message }: ApiError): BatchResultErrorEntry {
  return { Id, Code: code, Message: message, SenderFault: true }
}
