import type {
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  Tag,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-cloudwatch'
import { atomically, reader, type Transaction } from '../../store/transaction.ts'
import type { Call, Operation } from '../wire/service.ts'
import { type AlarmRecord, alarmArn, alarmKeys, type TagRecord } from './alarm-records.ts'
import { invalidValue, noSuchResource, tooMany, valueInvalid } from './errors.ts'

/** "You can associate as many as 50 tags with a CloudWatch resource" (API reference, TagResource). */
const maxTags = 50
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

export const tagResource: Operation<TagResourceInput> = async ({ ResourceARN, Tags }, call) => {
  const added = requestedTags(Tags)
  await changeTags(call, ResourceARN, (tags) => {
    const merged = new Map([...tags, ...added].map((tag) => [tag.key, tag]))
    if (merged.size > maxTags) throw tooMany('Tags', maxTags)
    return [...merged.values()]
  })
  return {}
}

/** Keys that are not there are passed over. */
export const untagResource: Operation<UntagResourceInput> = async (
  { ResourceARN, TagKeys = [] },
  call,
) => {
  await changeTags(call, ResourceARN, (tags) => tags.filter(({ key }) => !TagKeys.includes(key)))
  return {}
}

export const listTagsForResource: Operation<
  ListTagsForResourceInput,
  ListTagsForResourceOutput
> = async ({ ResourceARN }, call) => {
  const { tags } = await tagged(reader(call.store), ResourceARN, call)
  return { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }
}

/** @throws ApiError InvalidParameterValue */
export function requestedTags(tags: readonly Tag[] = []): TagRecord[] {
  if (tags.length > maxTags) throw tooMany('Tags', maxTags)
  const records = tags.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }))
  for (const [index, { key, value }] of records.entries()) {
    const at = `Tags.member.${index + 1}`
    if (key === '' || key.length > 128 || !allowed.test(key) || /^aws:/i.test(key)) {
      throw valueInvalid(key, `${at}.Key`)
    }
    if (value.length > 256 || !allowed.test(value)) throw valueInvalid(value, `${at}.Value`)
  }
  const keys = records.map(({ key }) => key)
  const twice = keys.find((key, index) => keys.indexOf(key) < index)
  if (twice !== undefined) throw invalidValue(`The tag key ${twice} is there twice.`)
  return records
}

function changeTags(
  call: Call,
  arn: string | undefined,
  change: (tags: readonly TagRecord[]) => readonly TagRecord[],
): Promise<void> {
  return atomically(call.store, async (tx) => {
    const alarm = await tagged(tx, arn, call)
    tx.put(alarmKeys.of(alarm.region, alarm.name), { ...alarm, tags: change(alarm.tags) })
  })
}

/** @throws ApiError ResourceNotFoundException */
async function tagged(
  from: Pick<Transaction, 'get'>,
  arn = '',
  { region, accountId }: Call,
): Promise<AlarmRecord> {
  const name = arn.slice(alarmArn(region, accountId, '').length)
  const alarm = await from.get<AlarmRecord>(alarmKeys.of(region, name))
  if (alarm?.arn !== arn) throw noSuchResource(arn)
  return alarm
}
