import type {
  ListServerCertificateTagsRequest,
  ListServerCertificateTagsResponse,
  Tag,
  TagServerCertificateRequest,
  UntagServerCertificateRequest,
} from '@aws-sdk/client-iam'
import { atomically, reader } from '../../store/transaction.ts'
import { certificateKeys } from '../certificates/records.ts'
import { check, maxLength, minLength, pattern, reject } from '../wire/constraints.ts'
import { page } from '../wire/paging.ts'
import type { Call, Operation } from '../wire/service.ts'
import { certificateName, pageOf, pageViolations } from './constraints.ts'
import { invalidInput, tooManyTags } from './errors.ts'
import { findServerCertificate, type TagRecord } from './server-certificate-records.ts'

/** "Tags that can be attached to an IAM resource" (IAM and STS quotas). */
const maxTags = 50
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

export const tagServerCertificate: Operation<TagServerCertificateRequest> = async (input, call) => {
  const added = requestedTags(input.Tags)
  await changeTags(call, input.ServerCertificateName, (tags) => withTags(tags, added))
  return {}
}

/** Keys that are not there are passed over. */
export const untagServerCertificate: Operation<UntagServerCertificateRequest> = async (
  input,
  call,
) => {
  const keys = input.TagKeys ?? []
  reject([
    ...check('tagKeys', keys, maxLength(maxTags)),
    ...keys.flatMap((key, index) => keyViolations(`tagKeys.${index + 1}.member`, key)),
  ])
  const gone = new Set(keys.map(folded))
  await changeTags(call, input.ServerCertificateName, (tags) =>
    tags.filter(({ key }) => !gone.has(folded(key))),
  )
  return {}
}

export const listServerCertificateTags: Operation<
  ListServerCertificateTagsRequest,
  ListServerCertificateTagsResponse
> = async (input, { store }) => {
  reject(pageViolations(input))
  const { tags } = await findServerCertificate(reader(store), input.ServerCertificateName ?? '')
  const sorted = tags.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const { items, nextMarker } = page(sorted, ({ key }) => key, pageOf(input))
  return {
    Tags: tagViews(items),
    IsTruncated: nextMarker !== undefined,
    ...(nextMarker === undefined ? {} : { Marker: nextMarker }),
  }
}

export function tagViews(tags: readonly TagRecord[]): Tag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}

/** @throws ApiError ValidationError, InvalidInput */
export function requestedTags(tags: readonly Tag[] | undefined): TagRecord[] {
  const sent = tags ?? []
  reject([
    ...check('tags', sent, maxLength(maxTags)),
    ...sent.flatMap(({ Key, Value }, index) => [
      ...keyViolations(`tags.${index + 1}.member.key`, Key),
      ...check(`tags.${index + 1}.member.value`, Value, maxLength(256), pattern(allowed)),
    ]),
  ])
  const records = sent.map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' }))
  if (new Set(records.map(({ key }) => folded(key))).size < records.length) {
    throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  const reserved = records.find(({ key }) => folded(key).startsWith('aws:'))
  if (reserved !== undefined) {
    throw invalidInput(`Tag key ${reserved.key} begins with aws:, which is reserved`)
  }
  return records
}

function changeTags(
  { store }: Call,
  name: string | undefined,
  change: (tags: readonly TagRecord[]) => readonly TagRecord[],
): Promise<void> {
  reject(check('serverCertificateName', name, ...certificateName))
  return atomically(store, async (tx) => {
    const record = await findServerCertificate(tx, name ?? '')
    tx.put(certificateKeys.ofIam(record.name), { ...record, tags: change(record.tags) })
  })
}

/** A key that is there, in whichever case, gets the new value. */
function withTags(tags: readonly TagRecord[], added: readonly TagRecord[]): TagRecord[] {
  const merged = new Map([...tags, ...added].map((tag) => [folded(tag.key), tag]))
  if (merged.size > maxTags) throw tooManyTags()
  return [...merged.values()]
}

function keyViolations(path: string, key: string | undefined) {
  return check(path, key, minLength(1), maxLength(128), pattern(allowed))
}

function folded(key: string): string {
  return key.toLowerCase()
}
