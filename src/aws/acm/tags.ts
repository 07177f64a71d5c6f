import type {
  AddTagsToCertificateRequest,
  ListTagsForCertificateRequest,
  ListTagsForCertificateResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  RemoveTagsFromCertificateRequest,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-acm'
import { atomically, reader } from '../../store/transaction.ts'
import { check, maxLength, minLength, pattern, reject } from '../wire/constraints.ts'
import type { Call, Operation } from '../wire/service.ts'
import { invalid, reservedTag, tooManyTags } from './errors.ts'
import { findAcmCertificate, type TagRecord } from './records.ts'

/** "You can add up to 50 tags" (ACM user guide, "Tag restrictions"). */
const maxTags = 50
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

export const addTags: Operation<AddTagsToCertificateRequest> = async (input, call) => {
  const added = requestedTags(input.Tags)
  await changeTags(call, input.CertificateArn, (tags, arn) => withTags(tags, added, arn))
  return {}
}

/** A tag that is named with a value goes only if it has that value. Tags that are not there are passed over. */
export const removeTags: Operation<RemoveTagsFromCertificateRequest> = async (input, call) => {
  const named = requestedTags(input.Tags)
  const isNamed = (tag: TagRecord) =>
    named.some(({ key, value }) => key === tag.key && (value === null || value === tag.value))
  await changeTags(call, input.CertificateArn, (tags) => tags.filter((tag) => !isNamed(tag)))
  return {}
}

export const listTags: Operation<
  ListTagsForCertificateRequest,
  ListTagsForCertificateResponse
> = async (input, call) => ({ Tags: await tagsOf(call, input.CertificateArn) })

// The same by the names that other services use. Certificates are the only resources with tags here.

export const tagResource: Operation<TagResourceRequest> = (input, call) =>
  addTags({ CertificateArn: input.ResourceArn, Tags: input.Tags }, call)

export const untagResource: Operation<UntagResourceRequest> = (input, call) => {
  const tags = input.TagKeys?.map((Key) => ({ Key }))
  return removeTags({ CertificateArn: input.ResourceArn, Tags: tags }, call)
}

export const listResourceTags: Operation<
  ListTagsForResourceRequest,
  ListTagsForResourceResponse
> = async (input, call) => ({ Tags: await tagsOf(call, input.ResourceArn) })

/** @throws ApiError ValidationException, InvalidTagException */
export function requestedTags(tags: readonly Tag[] | undefined): TagRecord[] {
  reject([
    ...check('tags', tags, minLength(1), maxLength(maxTags)),
    ...(tags ?? []).flatMap(({ Key, Value }, index) => [
      ...check(`tags.${index + 1}.member.key`, Key, minLength(1), maxLength(128), pattern(allowed)),
      ...check(`tags.${index + 1}.member.value`, Value, maxLength(256), pattern(allowed)),
    ]),
  ])
  const records = (tags ?? []).map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? null }))
  const reserved = records.find(({ key }) => key.toLowerCase().startsWith('aws:'))
  if (reserved !== undefined) throw reservedTag(reserved.key)
  const keys = records.map(({ key }) => key)
  const twice = keys.find((key, index) => keys.indexOf(key) < index)
  if (twice !== undefined) throw invalid(`Tag key '${twice}' was specified more than once`)
  return records
}

/** @throws ApiError TooManyTagsException */
export function withTags(
  tags: readonly TagRecord[],
  added: readonly TagRecord[],
  arn: string,
): TagRecord[] {
  const merged = new Map([...tags, ...added].map((tag) => [tag.key, tag]))
  if (merged.size > maxTags) throw tooManyTags(arn, maxTags)
  return [...merged.values()]
}

async function tagsOf(call: Call, arn: string | undefined): Promise<Tag[]> {
  const { record } = await findAcmCertificate(reader(call.store), arn ?? '', call)
  return record.tags.map(({ key, value }) => ({
    Key: key,
    ...(value === null ? {} : { Value: value }),
  }))
}

function changeTags(
  call: Call,
  arn: string | undefined,
  change: (tags: readonly TagRecord[], arn: string) => readonly TagRecord[],
): Promise<void> {
  return atomically(call.store, async (tx) => {
    const { key, record } = await findAcmCertificate(tx, arn ?? '', call)
    tx.put(key, { ...record, tags: change(record.tags, record.arn) })
  })
}
