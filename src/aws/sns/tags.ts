import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-sns'
import { atomically, reader, type Transaction } from '../../store/transaction.ts'
import type { Call, Operation } from '../wire/service.ts'
import { invalidParameter, invalidTag, noSuchResource, tooManyTags } from './errors.ts'
import { readArn, snsKeys, type TagRecord, type TopicRecord } from './records.ts'

/** "Amazon SNS topic tags": limits. */
const maxTags = 50
const maxKeyLength = 128
const maxValueLength = 256
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

export const tagResource: Operation<TagResourceRequest, TagResourceResponse> = async (
  { ResourceArn, Tags },
  call,
) => {
  const added = requestedTags(Tags)
  await changeTags(call, ResourceArn, (tags) => merged(tags, added))
  return {}
}

/** Keys that are not there are passed over. */
export const untagResource: Operation<UntagResourceRequest, UntagResourceResponse> = async (
  { ResourceArn, TagKeys = [] },
  call,
) => {
  await changeTags(call, ResourceArn, (tags) => tags.filter(({ key }) => !TagKeys.includes(key)))
  return {}
}

export const listTagsForResource: Operation<
  ListTagsForResourceRequest,
  ListTagsForResourceResponse
> = async ({ ResourceArn }, { store }) => {
  const { tags } = await taggedTopic(reader(store), ResourceArn)
  return { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }
}

/** @throws ApiError InvalidParameter, TagPolicy, TagLimitExceeded */
export function requestedTags(tags: readonly Tag[] = []): TagRecord[] {
  const records = tags.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }))
  for (const { key, value } of records) {
    if (key === '' || key.length > maxKeyLength || !allowed.test(key)) {
      throw invalidParameter(`Tags Reason: '${key}' is no key of a tag`)
    }
    if (value.length > maxValueLength || !allowed.test(value)) {
      throw invalidParameter(`Tags Reason: '${value}' is no value of a tag`)
    }
    if (/^aws:/i.test(key)) throw invalidTag(`Tag key '${key}' begins with aws:, which is reserved`)
  }
  const keys = records.map(({ key }) => key)
  const twice = keys.find((key, index) => keys.indexOf(key) < index)
  if (twice !== undefined) throw invalidParameter(`Tags Reason: Duplicated key '${twice}'`)
  return merged([], records)
}

function merged(tags: readonly TagRecord[], added: readonly TagRecord[]): TagRecord[] {
  const all = new Map([...tags, ...added].map((tag) => [tag.key, tag]))
  if (all.size > maxTags) throw tooManyTags(maxTags)
  return [...all.values()]
}

function changeTags(
  call: Call,
  arn: string | undefined,
  change: (tags: readonly TagRecord[]) => readonly TagRecord[],
): Promise<void> {
  return atomically(call.store, async (tx) => {
    const topic = await taggedTopic(tx, arn)
    tx.put(snsKeys.topic(topic.region, topic.name), { ...topic, tags: change(topic.tags) })
  })
}

/** @throws ApiError ResourceNotFound */
async function taggedTopic(tx: Pick<Transaction, 'get'>, arn = ''): Promise<TopicRecord> {
  const { region = '', topic = '' } = readArn(arn) ?? {}
  const record = await tx.get<TopicRecord>(snsKeys.topic(region, topic))
  if (record?.arn !== arn) throw noSuchResource()
  return record
}
