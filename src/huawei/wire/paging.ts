/** Lists: filters, and pages of what is left (Huawei's "Querying … : limit, marker, page_reverse"). */
import { z } from 'zod'
import { invalidInput } from './errors.ts'
import type { Query } from './http.ts'

const maxLimit = 2000

/** What every list takes, as JSON Schema: each once. */
export const pagingForms: Readonly<Record<string, object>> = {
  limit: { type: 'integer', minimum: 0, maximum: maxLimit, default: maxLimit },
  marker: { type: 'string' },
  page_reverse: { type: 'boolean', default: false },
}

export const pagingParameters: readonly string[] = Object.keys(pagingForms)

export const pageInfo = z
  .strictObject({
    /** Absent on the last page. */
    next_marker: z.string().optional(),
    previous_marker: z.string().optional(),
    current_count: z.number().int(),
  })
  .meta({ id: 'PageInfo' })

export interface Page<View> {
  readonly items: readonly View[]
  readonly info: z.infer<typeof pageInfo>
}

/**
 * One page of the items, which are in order of id: behind the marker, or with `page_reverse` before it. Behind the last item there is an
 * empty page. The marker need not be there any more.
 * @throws HuaweiError ELB.8902
 */
export function pageOf<View extends { readonly id: string }>(
  items: readonly View[],
  query: Query,
): Page<View> {
  const limit = limitOf(query)
  const marker = single(query, 'marker')
  const reverse = flagOf(query, 'page_reverse')
  if (reverse && marker !== undefined) {
    const before = items.filter(({ id }) => id < marker)
    return pageFrom(before.slice(Math.max(0, before.length - limit)), items)
  }
  const rest = marker === undefined ? items : items.filter(({ id }) => id > marker)
  return pageFrom(rest.slice(0, limit), items)
}

function pageFrom<View extends { readonly id: string }>(
  items: readonly View[],
  all: readonly View[],
): Page<View> {
  const current_count = items.length
  const [first, last] = [items[0], items.at(-1)]
  if (first === undefined || last === undefined) return { items, info: { current_count } }
  const isLast = all.at(-1)?.id === last.id
  return {
    items,
    info: {
      ...(isLast ? {} : { next_marker: last.id }),
      previous_marker: first.id,
      current_count,
    },
  }
}

function limitOf(query: Query): number {
  const text = single(query, 'limit')
  if (text === undefined) return maxLimit
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (limit >= 0 && limit <= maxLimit) return limit
  throw invalidInput(`Invalid input for 'limit': ${text}. It is 0 to ${maxLimit}.`)
}

function flagOf(query: Query, name: string): boolean {
  const text = single(query, name)?.toLowerCase()
  if (text === undefined || text === 'false') return false
  if (text === 'true') return true
  throw invalidInput(`Invalid input for '${name}': ${text}. It is true or false.`)
}

/** Which of several is meant, nobody knows. */
function single(query: Query, name: string): string | undefined {
  const values = query.get(name)
  if (values === undefined || values.length === 1) return values?.[0]
  throw invalidInput(`The query parameter '${name}' is given ${values.length} times`)
}

/**
 * Items that fit all filters; of a filter that is given many times, any one.
 * @param valuesOf what of an item a filter looks at: one of these values has to be one of those that are asked for
 */
export function filtered<View>(
  items: readonly View[],
  query: Query,
  valuesOf: ReadonlyMap<string, (view: View) => readonly unknown[]>,
): readonly View[] {
  let left = items
  for (const [name, wanted] of query) {
    const values = valuesOf.get(name)
    if (values === undefined) continue
    left = left.filter((item) => values(item).some((value) => wanted.includes(String(value))))
  }
  return left
}
