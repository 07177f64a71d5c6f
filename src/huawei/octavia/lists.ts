/** Octavia's lists: filters, and pages ("Filtering and column selection", "Pagination" of the API reference). */
import type { Listing } from '../elb/operations.ts'
import { invalidInput } from '../wire/errors.ts'
import type { Query } from '../wire/http.ts'
import type { View } from './resource.ts'

const tagFilters = ['tags', 'tags-any', 'not-tags', 'not-tags-any'] as const

/** Attributes that all resources have. */
const common = [
  'id',
  'name',
  'admin_state_up',
  'project_id',
  'provisioning_status',
  'operating_status',
  'created_at',
  'updated_at',
] as const

/** @param filterBy further attributes */
export function listingOf(plural: string, filterBy: readonly string[]): Listing<View> {
  return {
    parameters: [...common, ...filterBy, ...tagFilters, 'limit', 'marker'],
    page: (views, _, query, url) => pageOf(plural, views, query, url),
  }
}

/** The views that fit all filters, of the page that is asked for, under the plural's name; behind it the links to what follows. */
function pageOf(plural: string, views: readonly View[], query: Query, url: string): object {
  const fitting = views.filter((view) => fits(view, query))
  const marker = query.get('marker')?.[0] ?? ''
  const rest = fitting.filter(({ id }) => id > marker)
  const limit = limitOf(query)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  const links =
    last === undefined || page.length === rest.length
      ? []
      : [{ rel: 'next', href: `${url}?${nextQuery(query, last.id)}` }]
  return { [plural]: page, [`${plural}_links`]: links }
}

function fits(view: View, query: Query): boolean {
  return [...query].every(([name, wanted]) => {
    if (name === 'limit' || name === 'marker') return true
    if (tagFilters.some((filter) => filter === name)) return fitsTags(view, name, wanted)
    const values = valuesOf(view, name).map((value) => comparable(String(value)))
    return wanted.some((value) => values.includes(comparable(value)))
  })
}

/** What hangs on something else has lists of references: `loadbalancer_id` looks at `loadbalancers`. */
function valuesOf(view: View, name: string): readonly unknown[] {
  const attributes = view as unknown as Readonly<Record<string, unknown>>
  const references = attributes[name.replace(/_id$/, 's')]
  if (!name.endsWith('_id') || name in attributes || !Array.isArray(references)) {
    return [attributes[name]]
  }
  return references.map((each: { readonly id: string }) => each.id)
}

/** Python's clients write True for true. */
function comparable(value: string): string {
  return value === 'True' || value === 'False' ? value.toLowerCase() : value
}

function fitsTags({ tags }: View, filter: string, wanted: readonly string[]): boolean {
  const names = wanted.flatMap((value) => value.split(','))
  const has = (tag: string) => tags.includes(tag)
  const fitting = filter.endsWith('any') ? names.some(has) : names.every(has)
  return filter.startsWith('not') ? !fitting : fitting
}

/** Without a limit there is one page. */
function limitOf(query: Query): number {
  const text = query.get('limit')?.[0]
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw invalidInput(`Invalid input for 'limit': ${text}. It is a positive number.`)
}

function nextQuery(query: Query, marker: string): URLSearchParams {
  const next = new URLSearchParams()
  for (const [name, values] of query) {
    if (name !== 'marker') for (const value of values) next.append(name, value)
  }
  next.append('marker', marker)
  return next
}
