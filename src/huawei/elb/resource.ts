/** The five operations that every resource has, as routes. */
import { z } from 'zod'
import type { Query } from '../wire/http.ts'
import { filtered, pageOf, pagingParameters } from '../wire/paging.ts'
import { type Answer, type Input, type Route, route } from '../wire/routes.ts'
import type { Project, Table } from './project.ts'
import { type Change, change, type ElbPorts, inspect, type Scope } from './scope.ts'

type Params = Input<unknown>['params']

export const root = '/v3/{project_id}/elb'

export interface Resource<
  R extends { readonly id: string },
  View extends { readonly id: string },
  C,
  U,
> {
  /** As operations name it: `LoadBalancer` in CreateLoadBalancer. */
  readonly title: string
  /** Its plural; absent: with an `s`. */
  readonly titles?: string
  /** `loadbalancer`: the key of bodies. */
  readonly singular: string
  /** `loadbalancers`: the key of lists. */
  readonly plural: string
  /** `{loadbalancer_id}`, as the path names it. */
  readonly idName: string
  /** Where the resource is, below {@link root}. */
  readonly path: string
  readonly table: (project: Project) => Table<R>
  /** @throws HuaweiError ELB.8904 when what the path names is not there */
  readonly owner?: (project: Project, params: Params) => void
  /** Whether it belongs to what the path names; absent: it belongs to the project. */
  readonly within?: (record: R, params: Params) => boolean
  readonly creation: z.ZodType<C>
  readonly update: z.ZodType<U>
  readonly view: (scope: Scope, record: R) => View
  /** Attributes that lists can be filtered by. */
  readonly filterBy: readonly (keyof View & string)[]
  /** Further filters: one of the values has to be one of those that are asked for. */
  readonly filters?: Readonly<Record<string, (view: View, scope: Scope) => readonly unknown[]>>
  readonly create: (change: Change, fields: C, params: Params) => R | Promise<R>
  readonly change: (change: Change, record: R, fields: U) => R | Promise<R>
  readonly remove: (change: Change, record: R) => void | Promise<void>
}

export function resourceRoutes<
  R extends { readonly id: string },
  View extends { readonly id: string },
  C,
  U,
>(resource: Resource<R, View, C, U>, ports: ElbPorts): Route[] {
  return [...collectionRoutes(resource, ports), ...itemRoutes(resource, ports)]
}

function collectionRoutes<
  R extends { readonly id: string },
  View extends { readonly id: string },
  C,
  U,
>(resource: Resource<R, View, C, U>, ports: ElbPorts): Route[] {
  const { title, singular } = resource
  const path = `${root}/${resource.path}`
  return [
    route({
      method: 'POST',
      path,
      name: `Create${title}`,
      status: 201,
      body: wrapped(singular, resource.creation),
      run: ({ params, body }, call) =>
        change(call, ports, async (made) => {
          const record = await resource.create(made, body[singular] as C, params)
          return { status: 201, body: { [singular]: resource.view(made, record) } }
        }),
    }),
    route({
      method: 'GET',
      path,
      name: `List${resource.titles ?? `${title}s`}`,
      status: 200,
      query: listParameters(resource),
      run: ({ params, query }, call) =>
        inspect(call, ports, (scope) => {
          resource.owner?.(scope.project, params)
          return list(resource, scope, query, (record) => isWithin(resource, record, params))
        }),
    }),
  ]
}

function itemRoutes<R extends { readonly id: string }, View extends { readonly id: string }, C, U>(
  resource: Resource<R, View, C, U>,
  ports: ElbPorts,
): Route[] {
  const { title, singular, view } = resource
  const path = `${root}/${resource.path}/{${resource.idName}}`
  return [
    route({
      method: 'GET',
      path,
      name: `Show${title}`,
      status: 200,
      run: ({ params }, call) =>
        inspect(call, ports, (scope) => {
          const record = needRecord(resource, scope.project, params)
          return { status: 200, body: { [singular]: view(scope, record) } }
        }),
    }),
    route({
      method: 'PUT',
      path,
      name: `Update${title}`,
      status: 200,
      body: wrapped(singular, resource.update),
      run: ({ params, body }, call) =>
        change(call, ports, async (made) => {
          const record = needRecord(resource, made.project, params)
          const updated = await resource.change(made, record, body[singular] as U)
          return { status: 200, body: { [singular]: view(made, updated) } }
        }),
    }),
    route({
      method: 'DELETE',
      path,
      name: `Delete${title}`,
      status: 204,
      run: ({ params }, call) =>
        change(call, ports, async (made) => {
          await resource.remove(made, needRecord(resource, made.project, params))
          return { status: 204, body: null }
        }),
    }),
  ]
}

type Listed<R extends { readonly id: string }, View extends { readonly id: string }> = Pick<
  Resource<R, View, never, never>,
  'plural' | 'table' | 'view' | 'filterBy' | 'filters'
>

/** What a list of the resource can be asked with. */
export function listParameters<
  R extends { readonly id: string },
  View extends { readonly id: string },
>({ filterBy, filters }: Pick<Listed<R, View>, 'filterBy' | 'filters'>): string[] {
  return [...pagingParameters, ...filterBy, ...Object.keys(filters ?? {})]
}

/** One page of the records that are `within`, filtered. */
export function list<R extends { readonly id: string }, View extends { readonly id: string }>(
  { plural, table, view, filterBy, filters }: Listed<R, View>,
  scope: Scope,
  query: Query,
  within: (record: R) => boolean,
): Answer {
  const views = table(scope.project)
    .where(within)
    .map((record) => view(scope, record))
  const valuesOf = new Map<string, (view: View) => readonly unknown[]>()
  for (const name of filterBy) valuesOf.set(name, (each) => [each[name]])
  for (const [name, values] of Object.entries(filters ?? {})) {
    valuesOf.set(name, (each) => values(each, scope))
  }
  const { items, info } = pageOf(filtered(views, query, valuesOf), query)
  return { status: 200, body: { [plural]: items, page_info: info } }
}

/** Bodies have their attributes under the resource's name. */
export function wrapped<Fields>(singular: string, fields: z.ZodType<Fields>) {
  return z.strictObject({ [singular]: fields }) as z.ZodType<Record<string, Fields>>
}

function isWithin<R extends { readonly id: string }>(
  { within }: { readonly within?: (record: R, params: Params) => boolean },
  record: R,
  params: Params,
): boolean {
  return within === undefined || within(record, params)
}

/** @throws HuaweiError ELB.8904, also for one that belongs to something else than the path names */
function needRecord<R extends { readonly id: string }>(
  resource: Pick<Resource<R, never, never, never>, 'table' | 'idName' | 'within'>,
  project: Project,
  params: Params,
): R {
  const table = resource.table(project)
  const id = params[resource.idName] ?? ''
  const record = table.need(id)
  if (!isWithin(resource, record, params)) throw table.missing(id)
  return record
}
