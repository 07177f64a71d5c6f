/** Pages of Octavia's lists, and the order that they are in ("Pagination" and "Sorting" of the API reference). */
import { invalidInput } from '../wire/errors.ts'
import type { Query } from '../wire/http.ts'
import { flagOf } from './fields.ts'
import type { View } from './resource.ts'

type Order = (a: Item, b: Item) => number

type Item = { readonly id: string } & Readonly<Record<string, unknown>>

interface Page {
  readonly items: readonly View[]
  readonly links: readonly { readonly rel: 'next' | 'previous'; readonly href: string }[]
}

/**
 * @param fitting those that the page is of
 * @param all those that the marker can be of: it need not fit
 * @throws HuaweiError ELB.8902
 */
export function pageOf(
  fitting: readonly View[],
  all: readonly View[],
  order: Order,
  query: Query,
  url: string,
): Page {
  const backwards = flagOf(query, 'page_reverse')
  const direction = backwards ? -1 : 1
  const marker = markerOf(all, query)
  const rest = (fitting as readonly (View & Item)[])
    .filter((view) => marker === undefined || direction * order(view, marker) > 0)
    .sort((a, b) => direction * order(a, b))
  const limit = limitOf(query)
  const page = rest.slice(0, limit)
  const items = backwards ? page.toReversed() : page
  const hasMore = { ahead: rest.length > page.length, behind: marker !== undefined }
  const [first, last] = [items[0], items.at(-1)]
  if (first === undefined || last === undefined) return { items, links: [] }
  const next = { rel: 'next', href: `${url}?${queryFrom(query, last.id, false)}` } as const
  const previous = { rel: 'previous', href: `${url}?${queryFrom(query, first.id, true)}` } as const
  const links = [
    ...((backwards ? hasMore.behind : hasMore.ahead) ? [next] : []),
    ...((backwards ? hasMore.ahead : hasMore.behind) ? [previous] : []),
  ]
  return { items, links }
}

/** Where the page begins. One that is gone still has its place in the order of ids. */
function markerOf(all: readonly View[], query: Query): Item | undefined {
  const id = query.get('marker')?.[0]
  if (id === undefined || id === '') return undefined
  const found = all.find((view) => view.id === id)
  if (found === undefined && (query.has('sort') || query.has('sort_key'))) {
    throw invalidInput(`Invalid input for 'marker': ${id} is not there`)
  }
  return (found ?? { id }) as Item
}

/** Without a limit there is one page. */
function limitOf(query: Query): number {
  const text = query.get('limit')?.[0]
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw invalidInput(`Invalid input for 'limit': ${text}. It is a positive number.`)
}

function queryFrom(query: Query, marker: string, backwards: boolean): URLSearchParams {
  const further = new URLSearchParams()
  for (const [name, values] of query) {
    if (name === 'marker' || name === 'page_reverse') continue
    for (const value of values) further.append(name, value)
  }
  further.append('marker', marker)
  if (backwards) further.append('page_reverse', 'True')
  return further
}

/**
 * By `sort=name:desc,id`, or `sort_key` and `sort_dir`; in the end by id.
 * @throws HuaweiError ELB.8902
 */
export function orderOf(query: Query, attributes: readonly string[]): Order {
  const keys = sortKeys(query).map(([name = '', direction = 'asc', ...rest]) => {
    if (!attributes.includes(name) || rest.length > 0) {
      throw invalidInput(`Lists cannot be sorted by '${[name, direction, ...rest].join(':')}'`)
    }
    if (direction === 'asc' || direction === 'desc') {
      return { name, sign: direction === 'asc' ? 1 : -1 }
    }
    throw invalidInput(`Invalid sort direction '${direction}': it is asc or desc`)
  })
  return (a, b) => {
    for (const { name, sign } of keys) {
      const order = sign * compare(a[name], b[name])
      if (order !== 0) return order
    }
    return compare(a.id, b.id)
  }
}

/** Names, each with its direction where it has one. */
function sortKeys(query: Query): string[][] {
  const listed = (name: string) => query.get(name)?.flatMap((text) => text.split(',')) ?? []
  const sort = listed('sort').map((key) => key.split(':'))
  const directions = listed('sort_dir')
  return sort.length > 0
    ? sort
    : listed('sort_key').map((name, index) => [name, directions[index] ?? 'asc'])
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [first, second] = [String(a ?? ''), String(b ?? '')]
  if (first === second) return 0
  return first < second ? -1 : 1
}
