/** AddTags, RemoveTags, ListTags. Trails are named by their ARNs. */
import type {
  AddTagsRequest,
  ListTagsRequest,
  ListTagsResponse,
  RemoveTagsRequest,
  Tag,
} from '@aws-sdk/client-cloudtrail'
import { atomically, reader } from '../../store/transaction.ts'
import { type TrailRecord, type TrailTag, trailKeys } from '../../trail/trails.ts'
import type { Call, Operation } from '../wire/service.ts'
import { invalidTag, resourceNotFound, tooManyTags } from './errors.ts'
import { trailsOfRegion } from './found-trails.ts'
import { trailOfArn } from './trail-names.ts'

const maxTags = 50
const maxKey = 128
const maxValue = 256
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

export const addTags: Operation<AddTagsRequest> = async (input, call) => {
  const added = requestedTags(input.TagsList ?? [])
  await changeTags(call, input.ResourceId ?? '', (tags, arn) => withTags(tags, added, arn))
  return {}
}

/** By their keys: a value that is named beside it does not matter. */
export const removeTags: Operation<RemoveTagsRequest> = async (input, call) => {
  const keys = new Set(requestedTags(input.TagsList ?? []).map(({ key }) => key))
  await changeTags(call, input.ResourceId ?? '', (tags) => tags.filter(({ key }) => !keys.has(key)))
  return {}
}

export const listTags: Operation<ListTagsRequest, ListTagsResponse> = async (input, call) => {
  const arns = input.ResourceIdList ?? []
  for (const arn of arns) trailOfArn(arn)
  const trails = await trailsOfRegion(reader(call.store), call.region)
  return {
    ResourceTagList: arns.map((arn) => {
      const trail = trails.find((each) => each.arn === arn)
      if (trail === undefined) throw resourceNotFound(arn)
      return { ResourceId: arn, TagsList: trail.tags.map(tagView) }
    }),
  }
}

/** @throws ApiError InvalidTagParameterException */
export function requestedTags(tags: readonly Tag[]): TrailTag[] {
  const requested = tags.map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? null }))
  const keys = requested.map(({ key }) => key)
  const twice = keys.find((key, index) => keys.indexOf(key) < index)
  if (twice !== undefined) throw invalidTag(`Tag key '${twice}' is given twice`)
  for (const tag of requested) checkTag(tag)
  return requested
}

/** @throws ApiError TagsLimitExceededException */
export function withTags(
  tags: readonly TrailTag[],
  added: readonly TrailTag[],
  arn: string,
): TrailTag[] {
  const merged = new Map([...tags, ...added].map((tag) => [tag.key, tag]))
  if (merged.size > maxTags) throw tooManyTags(arn, maxTags)
  return [...merged.values()]
}

function checkTag({ key, value }: TrailTag): void {
  if (key.length < 1 || key.length > maxKey || !allowed.test(key)) {
    throw invalidTag(
      `Tag key '${key}' is not valid: 1 to ${maxKey} letters, digits, spaces and _.:/=+-@`,
    )
  }
  if (key.toLowerCase().startsWith('aws:')) {
    throw invalidTag(`Tag key '${key}' begins with aws:, which is reserved`)
  }
  if (value !== null && (value.length > maxValue || !allowed.test(value))) {
    throw invalidTag(
      `The value '${value}' of tag '${key}' is not valid: at most ${maxValue} letters, digits, spaces and _.:/=+-@`,
    )
  }
}

/** Trails are tagged in their home region. */
async function changeTags(
  { store, region }: Call,
  arn: string,
  change: (tags: readonly TrailTag[], arn: string) => readonly TrailTag[],
): Promise<void> {
  const { name } = trailOfArn(arn)
  const key = trailKeys.trail(region, name)
  await atomically(store, async (tx) => {
    const trail = await tx.get<TrailRecord>(key)
    if (trail?.arn !== arn) throw resourceNotFound(arn)
    tx.put(key, { ...trail, tags: change(trail.tags, arn) })
  })
}

function tagView({ key, value }: TrailTag): Tag {
  return { Key: key, ...(value === null ? {} : { Value: value }) }
}
