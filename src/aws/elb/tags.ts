import type {
  AddTagsInput,
  AddTagsOutput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
  RemoveTagsOutput,
  Tag,
  TagKeyOnly,
} from '@aws-sdk/client-elastic-load-balancing'
import { atomically, type Transaction } from '../../store/transaction.ts'
import {
  check,
  maxLength,
  minLength,
  pattern,
  reject,
  type Violation,
} from '../wire/constraints.ts'
import { validationError } from '../wire/errors.ts'
import type { Call } from '../wire/service.ts'
import { duplicateTagKeys, tooManyTags } from './errors.ts'
import { type ElbOperation, findLoadBalancer, readLoadBalancer } from './load-balancers.ts'
import type { ElbPorts } from './ports.ts'
import { elbKeys, type LoadBalancerRecord, type TagRecord } from './records.ts'

/** "Tag restrictions" (guide, page 85). */
const maxKeyLength = 127
const maxValueLength = 255
const allowedCharacters = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u
const reservedPrefix = 'aws:'

/** DescribeTags: "The names of the load balancers", at most 20. */
const maxNames = 20

export const addTags: ElbOperation<AddTagsInput, AddTagsOutput> = async (input, call, ports) => {
  reject([
    ...check('loadBalancerNames', input.LoadBalancerNames, minLength(1)),
    ...check('tags', input.Tags, minLength(1)),
  ])
  const added = requestedTags(input.Tags)
  await changeAll(call, input.LoadBalancerNames, (record) => ({
    ...record,
    tags: withTags(record, added, ports),
  }))
  return {}
}

/** Keys that are not there are passed over. */
export const removeTags: ElbOperation<RemoveTagsInput, RemoveTagsOutput> = async (input, call) => {
  reject([
    ...check('loadBalancerNames', input.LoadBalancerNames, minLength(1)),
    ...check('tags', input.Tags, minLength(1)),
    ...keyViolations(input.Tags),
  ])
  const keys = (input.Tags ?? []).map(({ Key }) => Key ?? '')
  for (const key of keys) checkText(key)
  await changeAll(call, input.LoadBalancerNames, (record) => ({
    ...record,
    tags: record.tags.filter(({ key }) => !keys.includes(key)),
  }))
  return {}
}

export const describeTags: ElbOperation<DescribeTagsInput, DescribeTagsOutput> = async (
  { LoadBalancerNames: names = [] },
  call,
) => {
  reject(check('loadBalancerNames', names, minLength(1), maxLength(maxNames)))
  const descriptions = []
  for (const name of names) {
    const { tags } = await readLoadBalancer(call, name)
    descriptions.push({
      LoadBalancerName: name,
      Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })),
    })
  }
  return { TagDescriptions: descriptions }
}

/** @throws ApiError ValidationError, DuplicateTagKeys */
export function requestedTags(tags: readonly Tag[] | undefined): TagRecord[] {
  reject([...keyViolations(tags), ...valueViolations(tags)])
  const records = (tags ?? []).map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' }))
  const seen = new Set<string>()
  for (const { key, value } of records) {
    checkText(key)
    checkText(value)
    if (seen.has(key)) throw duplicateTagKeys(key)
    seen.add(key)
  }
  return records
}

/**
 * The load balancer's tags with these: a key that it has gets the new value.
 * @throws ApiError TooManyTags
 */
export function withTags(
  { name, tags }: Pick<LoadBalancerRecord, 'name' | 'tags'>,
  added: readonly TagRecord[],
  ports: ElbPorts,
): TagRecord[] {
  const values = new Map([...tags, ...added].map(({ key, value }) => [key, value]))
  if (values.size > ports.quotas.tags) throw tooManyTags(name, ports.quotas.tags)
  return [...values].map(([key, value]) => ({ key, value }))
}

function changeAll(
  call: Call,
  names: readonly string[] = [],
  change: (record: LoadBalancerRecord) => LoadBalancerRecord,
): Promise<void> {
  return atomically(call.store, async (tx: Transaction) => {
    for (const name of new Set(names)) {
      const record = await findLoadBalancer(tx, call.region, name)
      tx.put(elbKeys.loadBalancer(call.region, name), change(record))
    }
  })
}

function keyViolations(tags: readonly TagKeyOnly[] = []): Violation[] {
  return tags.flatMap(({ Key }, index) =>
    check(
      `tags.${index + 1}.member.key`,
      Key,
      minLength(1),
      maxLength(maxKeyLength),
      pattern(allowedCharacters),
    ),
  )
}

function valueViolations(tags: readonly Tag[] = []): Violation[] {
  return tags.flatMap(({ Value }, index) =>
    check(
      `tags.${index + 1}.member.value`,
      Value,
      maxLength(maxValueLength),
      pattern(allowedCharacters),
    ),
  )
}

/** Of a key or a value. */
function checkText(text: string): void {
  if (text.toLowerCase().startsWith(reservedPrefix)) {
    throw validationError(`Tag '${text}' begins with ${reservedPrefix}, which is reserved`)
  }
  if (text !== text.trim()) {
    throw validationError(`Tag '${text}' must not begin or end with spaces`)
  }
}
