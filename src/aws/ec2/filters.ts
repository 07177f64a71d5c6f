/**
 * Filters of the Describe operations: a record passes when for every filter one of its values matches one of the filter's.
 * `*` stands for any text and `?` for one character, unless a backslash precedes it.
 */
import type { Filter } from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { invalidValue } from './errors.ts'
import type { TagRecord } from './records.ts'

/** What a filter looks at; absent values match nothing. */
export type FilterValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly (string | number | boolean | null | undefined)[]

/**
 * By name of the filter; clients may write `is-default` as `isDefault` too. `tag:KEY`, `tag-key` and `tag-value` are known
 * for every resource that has tags.
 */
export type FilterFields<R> = Readonly<Record<string, (record: R) => FilterValue>>

/** AWS's limit on the values of one request's filters. */
const maxFilterValues = 200

/** @throws ApiError InvalidParameterValue for a filter that the resource does not have; FilterLimitExceeded. */
export function filtered<R>(
  records: readonly R[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<R>,
  tagsOf: (record: R) => readonly TagRecord[],
): R[] {
  const tests = (filters ?? []).map((filter) => compile(filter, fields, tagsOf))
  return records.filter((record) => tests.every((passes) => passes(record)))
}

function compile<R>(
  { Name: name = '', Values: values = [] }: Filter,
  fields: FilterFields<R>,
  tagsOf: (record: R) => readonly TagRecord[],
): (record: R) => boolean {
  if (values.length > maxFilterValues) {
    throw new ApiError(
      'FilterLimitExceeded',
      `The maximum number of filter values specified on a single call is ${maxFilterValues}`,
    )
  }
  const field = fieldNamed(name, fields, tagsOf)
  const patterns = values.map(pattern)
  return (record) => {
    const actual = asList(field(record))
    return actual.some((value) => patterns.some((each) => each.test(value)))
  }
}

function fieldNamed<R>(
  name: string,
  fields: FilterFields<R>,
  tagsOf: (record: R) => readonly TagRecord[],
): (record: R) => FilterValue {
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length)
    return (record) => tagsOf(record).find((tag) => tag.key === key)?.value
  }
  if (name === 'tag-key') return (record) => tagsOf(record).map((tag) => tag.key)
  if (name === 'tag-value') return (record) => tagsOf(record).map((tag) => tag.value)
  const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const field = Object.hasOwn(fields, dashed) ? fields[dashed] : undefined
  if (field === undefined) throw invalidValue(`The filter '${name}' is invalid`)
  return field
}

function asList(value: FilterValue): string[] {
  const values = Array.isArray(value) ? (value as readonly FilterValue[]) : [value]
  return values.flatMap((each) => (each === null || each === undefined ? [] : [String(each)]))
}

function pattern(text: string): RegExp {
  const source = text.replace(/\\[*?\\]|[\s\S]/gu, (part) => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    return escapeForPattern(part.length > 1 && part.startsWith('\\') ? part.slice(1) : part)
  })
  return new RegExp(`^${source}$`, 'su')
}

function escapeForPattern(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character
}
