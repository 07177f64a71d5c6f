/** Octavia's lists: filters and choice of attributes ("Filtering and column selection" of the API reference). */
import type { Listing } from '../elb/operations.ts'
import { invalidInput } from '../wire/errors.ts'
import type { Query } from '../wire/http.ts'
import { orderOf, pageOf } from './pages.ts'
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

const paging = ['limit', 'marker', 'page_reverse', 'sort', 'sort_key', 'sort_dir'] as const

/** What chooses attributes, of lists and of single resources. */
export const selection = { parameters: ['fields'], of: selected }

/** @param filterBy further attributes */
export function listingOf(plural: string, filterBy: readonly string[]): Listing<View> {
  const attributes = [...common, ...filterBy]
  return {
    parameters: [...attributes, ...tagFilters, ...paging, ...selection.parameters],
    page: (views, _, query, url) => {
      const fitting = views.filter((view) => fits(view, query))
      const { items, links } = pageOf(fitting, views, orderOf(query, attributes), query, url)
      const shown = items.map((view) => selected(view, query))
      return { [plural]: shown, [`${plural}_links`]: links }
    },
  }
}

/** @throws HuaweiError ELB.8902 that names an attribute that there is not */
function selected(view: object, query: Query): object {
  const wanted = query.get('fields')?.flatMap((names) => names.split(','))
  if (wanted === undefined) return view
  const unknown = wanted.find((name) => !Object.hasOwn(view, name))
  if (unknown !== undefined) {
    throw invalidInput(`Invalid input for 'fields': there is no attribute '${unknown}'`)
  }
  return Object.fromEntries(Object.entries(view).filter(([name]) => wanted.includes(name)))
}

function fits(view: View, query: Query): boolean {
  return [...query].every(([name, wanted]) => {
    if (name === 'fields' || paging.some((each) => each === name)) return true
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
