/** What all Describe operations have in common: by ids or all, filtered, with their tags, a page at a time. */
import type { Filter, Tag } from '@aws-sdk/client-ec2'
import { type FilterFields, filtered } from './filters.ts'
import { type Page, type PageRequest, pageOf } from './paging.ts'
import type { TagRecord } from './records.ts'
import { all, type Kind, needAll, type Place } from './resources.ts'
import { readTags } from './tags.ts'

export interface DescribeRequest extends PageRequest {
  readonly Filters?: readonly Filter[] | undefined
}

export interface Described<R> extends Page<R> {
  /** The tags of a record, as the API writes them. */
  tagsOf(record: R): Tag[]
}

/** @throws ApiError `Invalid….NotFound` for an id that does not exist, and those of filters and pages. */
export async function describe<R>(
  at: Place,
  kind: Kind<R>,
  ids: readonly string[] | undefined,
  request: DescribeRequest,
  fields: FilterFields<R>,
): Promise<Described<R>> {
  const named = ids !== undefined && ids.length > 0
  const records = named ? await needAll(at, kind, ids) : await all(at, kind)
  return await select(at, kind, records, request, fields)
}

/** Filters and pages records that were chosen already. */
export async function select<R>(
  at: Place,
  kind: Pick<Kind<R>, 'id'>,
  records: readonly R[],
  request: DescribeRequest,
  fields: FilterFields<R>,
): Promise<Described<R>> {
  const tags = await readTags(at)
  const tagsOf = (record: R): readonly TagRecord[] => tags.get(kind.id(record)) ?? []
  const passing = filtered(records, request.Filters, fields, tagsOf)
  passing.sort((a, b) => (kind.id(a) < kind.id(b) ? -1 : 1))
  return {
    ...pageOf(passing, kind.id, request),
    tagsOf: (record) => tagsOf(record).map(({ key, value }) => ({ Key: key, Value: value })),
  }
}
