import type {
  CreateTopicInput,
  CreateTopicResponse,
  DeleteTopicInput,
  ListTopicsInput,
  ListTopicsResponse,
} from '@aws-sdk/client-sns'
import { atomically, type Reader, reader, type Transaction } from '../../store/transaction.ts'
import type { Call, Operation } from '../wire/service.ts'
import { invalidParameter, noSuchTopic, tooManyTopics } from './errors.ts'
import { pageOf } from './paging.ts'
import type { SnsPorts } from './ports.ts'
import { readArn, snsKeys, type TopicRecord, topicArn } from './records.ts'
import { requestedTags } from './tags.ts'
import { changedBy, newSettings, requestedSettings } from './topic-settings.ts'

/** One that is there already is answered as if it were new, if it has what is asked for. */
export function createTopic({
  quotas,
}: SnsPorts): Operation<CreateTopicInput, CreateTopicResponse> {
  return async ({ Name: name = '', Attributes = {}, Tags }, call) => {
    requireName(name)
    const settings = requestedSettings(Attributes)
    const tags = requestedTags(Tags)
    const { region, accountId } = call
    const arn = topicArn(region, accountId, name)
    await atomically(call.store, async (tx) => {
      const key = snsKeys.topic(region, name)
      const existing = await tx.get<TopicRecord>(key)
      if (existing !== undefined) return requireSame(existing, settings, tags)
      const others = await tx.list(snsKeys.topicsIn(region))
      if (others.length >= quotas.topics) throw tooManyTopics(quotas.topics)
      const record: TopicRecord = {
        arn,
        region,
        name,
        accountId,
        ...newSettings,
        ...settings,
        tags,
      }
      tx.put(key, record)
    })
    return { TopicArn: arn }
  }
}

/** With its subscriptions, and what is on its way to them. One that is not there is no error. */
export const deleteTopic: Operation<DeleteTopicInput> = async ({ TopicArn }, call) => {
  const name = topicName(TopicArn, call)
  await atomically(call.store, async (tx) => {
    tx.delete(snsKeys.topic(call.region, name))
    const subscriptions = await tx.entries(snsKeys.subscriptionsOf(call.region, name))
    for (const [key] of subscriptions) tx.delete(key)
  })
  return {}
}

export const listTopics: Operation<ListTopicsInput, ListTopicsResponse> = async (
  { NextToken },
  { store, region },
) => {
  const topics = await reader(store).list<TopicRecord>(snsKeys.topicsIn(region))
  const { items, next } = pageOf(topics, ({ name }) => name, NextToken)
  return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), ...next }
}

/** @throws ApiError InvalidParameter, NotFound */
export async function requireTopic(
  tx: Pick<Reader, 'get'>,
  arn: string | undefined,
  call: Call,
): Promise<TopicRecord> {
  const record = await tx.get<TopicRecord>(snsKeys.topic(call.region, topicName(arn, call)))
  if (record === undefined) throw noSuchTopic()
  return record
}

export async function changeTopic(
  tx: Transaction,
  arn: string | undefined,
  call: Call,
  change: (record: TopicRecord) => TopicRecord,
): Promise<void> {
  const record = await requireTopic(tx, arn, call)
  tx.put(snsKeys.topic(record.region, record.name), change(record))
}

/** The name in the ARN of a topic, there or not. @throws ApiError InvalidParameter */
function topicName(arn = '', { region, accountId }: Call): string {
  const name = readArn(arn)
  const parts = arn.split(':').length
  if (parts < 6) {
    throw invalidParameter(`TopicArn Reason: An ARN must have at least 6 elements, not ${parts}`)
  }
  if (name === undefined || topicArn(region, accountId, name.topic) !== arn) {
    throw invalidParameter(`TopicArn Reason: ${arn} is no topic of this account and region`)
  }
  return name.topic
}

function requireName(name: string): void {
  if (name.endsWith('.fifo')) throw invalidParameter('Name Reason: FIFO topics are not served')
  if (!/^[\w-]{1,256}$/.test(name)) throw invalidParameter('Topic Name')
}

function requireSame(
  existing: TopicRecord,
  settings: Partial<TopicRecord>,
  tags: TopicRecord['tags'],
): void {
  if (changedBy(existing, settings)) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes')
  }
  const sorted = (all: TopicRecord['tags']) =>
    JSON.stringify(all.map(({ key, value }) => [key, value]).sort())
  if (tags.length > 0 && sorted(tags) !== sorted(existing.tags)) {
    throw invalidParameter('Tags Reason: Topic already exists with different tags')
  }
}
