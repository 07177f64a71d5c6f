/** Tags of resources of any kind: CreateTags, DeleteTags, DescribeTags, and the tags that creating operations take. */
import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  Tag,
  TagDescription,
  TagSpecification,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { invalidValue, needParameter } from './errors.ts'
import { filtered } from './filters.ts'
import type { Action } from './operation.ts'
import { pageOf } from './paging.ts'
import { ec2Keys, type TagRecord, type TagsRecord } from './records.ts'
import { all, type Kind, kinds, need, type Place } from './resources.ts'

/** AWS's "Tag restrictions": 50 tags a resource, keys of 1 to 128 characters, values of up to 256. */
const maxTags = 50
const maxKeyLength = 128
const maxValueLength = 256

const ruleType = 'security-group-rule'

/** Tags by id of their resource. */
export async function readTags(at: Place): Promise<ReadonlyMap<string, readonly TagRecord[]>> {
  const records = await at.tx.list<TagsRecord>(ec2Keys.tags(at.region))
  return new Map(records.map(({ resourceId, tags }) => [resourceId, tags]))
}

/**
 * Gives a new resource the tags that its creation asks for. @returns them as the API writes them.
 * @param alsoTaggable resource types that the operation takes too, e.g. volumes, which a declared host has none of.
 */
export async function tagNew(
  at: Place,
  type: string,
  id: string,
  specifications: readonly TagSpecification[] | undefined,
  alsoTaggable: readonly string[] = [],
): Promise<Tag[]> {
  const tags: Tag[] = []
  for (const specification of specifications ?? []) {
    const { ResourceType: given, Tags: list = [] } = specification
    if (given === type) tags.push(...list)
    else if (!alsoTaggable.includes(given ?? '')) {
      throw invalidValue(`'${given}' is not a valid taggable resource type for this operation.`)
    }
  }
  await addTags(at, id, tags)
  return tags
}

export const createTags: Action<CreateTagsRequest, object> = async (input, scope) => {
  const tags = needParameter(input.Tags, 'Tag')
  for (const id of needParameter(input.Resources, 'ResourceId')) {
    await checkExists(scope, id)
    await addTags(scope, id, tags)
  }
  return {}
}

/** A tag without a value is removed whatever its value; without tags, all of the caller's are. */
export const deleteTags: Action<DeleteTagsRequest, object> = async (input, scope) => {
  for (const id of needParameter(input.Resources, 'ResourceId')) {
    await checkExists(scope, id)
    const kept = (await tagsOf(scope, id)).filter(
      (tag) => !(input.Tags === undefined || input.Tags.some((each) => names(each, tag))),
    )
    store(scope, id, kept)
  }
  return {}
}

export const describeTags: Action<DescribeTagsRequest, DescribeTagsResult> = async (
  input,
  scope,
) => {
  const records = await scope.tx.list<TagsRecord>(ec2Keys.tags(scope.region))
  const each = records.flatMap(({ resourceId, tags }) =>
    tags.map((tag) => describeTag(resourceId, tag)),
  )
  const passing = filtered(each, input.Filters, tagFilters, ({ Key = '', Value = '' }) => [
    { key: Key, value: Value },
  ])
  const page = pageOf(passing, (tag) => `${tag.ResourceId} ${tag.Key}`, input)
  return { Tags: [...page.records], NextToken: page.nextToken }
}

const tagFilters = {
  key: (tag: TagDescription) => tag.Key,
  value: (tag: TagDescription) => tag.Value,
  'resource-id': (tag: TagDescription) => tag.ResourceId,
  'resource-type': (tag: TagDescription) => tag.ResourceType,
  tag: (tag: TagDescription) => `${tag.Key}=${tag.Value}`,
}

function describeTag(resourceId: string, { key, value }: TagRecord): TagDescription {
  const type = kindOf(resourceId)?.type ?? ruleType
  return {
    ResourceId: resourceId,
    ResourceType: type as NonNullable<TagDescription['ResourceType']>,
    Key: key,
    Value: value,
  }
}

async function tagsOf(at: Place, id: string): Promise<readonly TagRecord[]> {
  return (await at.tx.get<TagsRecord>(ec2Keys.tagsOf(at.region, id)))?.tags ?? []
}

async function addTags(at: Place, id: string, tags: readonly Tag[]): Promise<void> {
  if (tags.length === 0) return
  const merged = new Map((await tagsOf(at, id)).map(({ key, value }) => [key, value]))
  for (const tag of tags) merged.set(checkedKey(tag), checkedValue(tag))
  if (merged.size > maxTags) {
    throw new ApiError(
      'TagLimitExceeded',
      'The maximum number of Tags for a resource has been reached.',
    )
  }
  store(
    at,
    id,
    [...merged].map(([key, value]) => ({ key, value })),
  )
}

function store(at: Place, resourceId: string, tags: readonly TagRecord[]): void {
  const key = ec2Keys.tagsOf(at.region, resourceId)
  if (tags.length === 0) {
    at.tx.delete(key)
    return
  }
  const sorted = [...tags].sort((a, b) => (a.key < b.key ? -1 : 1))
  at.tx.put(key, { resourceId, tags: sorted } satisfies TagsRecord)
}

function checkedKey({ Key: key = '' }: Tag): string {
  if (/^aws:/i.test(key)) {
    throw invalidValue(`Tag keys starting with 'aws:' are reserved for internal use`)
  }
  if (key.length === 0 || key.length > maxKeyLength) {
    throw invalidValue(`Tag key '${key}' must have 1 to ${maxKeyLength} characters`)
  }
  return key
}

function checkedValue({ Value: value = '' }: Tag): string {
  if (value.length > maxValueLength) {
    throw invalidValue(`Tag value '${value}' exceeds ${maxValueLength} characters`)
  }
  return value
}

function names(given: Tag, tag: TagRecord): boolean {
  return given.Key === tag.key && (given.Value === undefined || given.Value === tag.value)
}

function kindOf(id: string): Kind<unknown> | undefined {
  return Object.values<Kind<unknown>>(kinds).find(({ prefix }) => id.startsWith(`${prefix}-`))
}

async function checkExists(at: Place, id: string): Promise<void> {
  const kind = kindOf(id)
  if (kind !== undefined) await need(at, kind, id)
  else if (!(await isRule(at, id))) {
    throw new ApiError('InvalidID', `The ID '${id}' is not valid`)
  }
}

async function isRule(at: Place, id: string): Promise<boolean> {
  const groups = await all(at, kinds.securityGroup)
  return groups.some(({ ingress, egress }) =>
    [...ingress, ...egress].some(({ ruleId }) => ruleId === id),
  )
}
