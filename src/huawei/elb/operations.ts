/** The five operations that every resource has, as routes. What differs from API to API is its {@link Dialect}. */
import { z } from 'zod'
import type { Query } from '../wire/http.ts'
import { type Input, type Route, route } from '../wire/routes.ts'
import type { Project, Table } from './project.ts'
import { type Change, change, type ElbPorts, inspect, type Scope } from './scope.ts'

export type Params = Input<unknown>['params']

export type Identified = { readonly id: string }

export interface Noun<R extends Identified> {
  /** As operations name it: `LoadBalancer` in CreateLoadBalancer. */
  readonly title: string
  /** Its plural; absent: with an `s`. */
  readonly titles?: string
  /** `loadbalancer`: the key of bodies. */
  readonly singular: string
  /** `loadbalancers`: the key of lists. */
  readonly plural: string
  /** `loadbalancer_id`, as paths name it. */
  readonly idName: string
  /** Where the resource is, below the API's root. */
  readonly path: string
  readonly table: (project: Project) => Table<R>
  /** What the path names above it; absent: it belongs to the project. */
  readonly parent?: Parent<R>
}

interface Parent<R> {
  /** Of the path's parameter, and of the record's attribute. */
  readonly idName: keyof R & string
  readonly table: (project: Project) => { need(id: string): unknown }
}

export interface Resource<R extends Identified, View extends Identified, C, U> extends Noun<R> {
  readonly creation: z.ZodType<C>
  readonly update: z.ZodType<U>
  readonly view: (scope: Scope, record: R) => View
  /** The form of what `view` makes; absent: the API is not described. */
  readonly answer?: z.ZodType<View>
  readonly listing: Listing<View>
  readonly create: (change: Change, fields: C, params: Params) => R | Promise<R>
  readonly change: (change: Change, record: R, fields: U) => R | Promise<R>
  readonly remove: (change: Change, record: R, query: Query) => void | Promise<void>
  /** Query parameters of its deletion. */
  readonly removeBy?: readonly string[]
}

/** How an API lists a resource. */
export interface Listing<View> {
  /** Query parameters. */
  readonly parameters: readonly string[]
  /** The form of a page. */
  readonly answer?: z.ZodObject | undefined
  /** @param url of the list, without a query */
  readonly page: (views: readonly View[], scope: Scope, query: Query, url: string) => object
}

export interface Dialect {
  /** Paths below which its resources are, the same ones under each. */
  readonly roots: readonly string[]
  /** What the names of its operations begin with. */
  readonly prefix: string
  /** The project is the caller's; absent: the path names it. */
  readonly scoped?: true
  /** Query parameters that choose attributes of what is shown; absent: all are. */
  readonly selection?: {
    readonly parameters: readonly string[]
    readonly of: (view: object, query: Query) => object
  }
}

/** One resource's routes, each under all of the dialect's roots. */
export function operationRoutes<R extends Identified, View extends Identified, C, U>(
  resource: Resource<R, View, C, U>,
  { roots, ...dialect }: Dialect,
  ports: ElbPorts,
): Route[] {
  return roots.flatMap((root) => {
    const path = `${root}/${resource.path}`
    return [
      ...collectionRoutes(resource, dialect, ports, path),
      ...itemRoutes(resource, dialect, ports, `${path}/{${resource.idName}}`),
    ]
  })
}

function collectionRoutes<R extends Identified, View extends Identified, C, U>(
  resource: Resource<R, View, C, U>,
  { prefix, selection: _, ...dialect }: Omit<Dialect, 'roots'>,
  ports: ElbPorts,
  path: string,
): Route[] {
  const { title, singular, listing, view } = resource
  return [
    route({
      ...dialect,
      method: 'POST',
      path,
      name: `${prefix}Create${title}`,
      status: 201,
      body: wrapped(singular, resource.creation),
      answer: answerOf(resource),
      run: ({ params, body }, call) =>
        change(call, ports, async (made) => {
          const record = await resource.create(made, body[singular] as C, params)
          return { status: 201, body: { [singular]: view(made, record) } }
        }),
    }),
    route({
      ...dialect,
      method: 'GET',
      path,
      name: `${prefix}List${resource.titles ?? `${title}s`}`,
      status: 200,
      query: listing.parameters,
      answer: listing.answer,
      run: ({ params, query }, call) =>
        inspect(call, ports, (scope) => {
          const views = recordsOf(resource, scope.project, params).map((each) => view(scope, each))
          const url = call.baseUrl + filled(path, params)
          return { status: 200, body: listing.page(views, scope, query, url) }
        }),
    }),
  ]
}

function itemRoutes<R extends Identified, View extends Identified, C, U>(
  resource: Resource<R, View, C, U>,
  { prefix, selection, ...dialect }: Omit<Dialect, 'roots'>,
  ports: ElbPorts,
  path: string,
): Route[] {
  const { title, singular, view } = resource
  return [
    route({
      ...dialect,
      method: 'GET',
      path,
      name: `${prefix}Show${title}`,
      status: 200,
      query: selection?.parameters ?? [],
      answer: answerOf(resource),
      run: ({ params, query }, call) =>
        inspect(call, ports, (scope) => {
          const shown = view(scope, needRecord(resource, scope.project, params))
          return { status: 200, body: { [singular]: selection?.of(shown, query) ?? shown } }
        }),
    }),
    route({
      ...dialect,
      method: 'PUT',
      path,
      name: `${prefix}Update${title}`,
      status: 200,
      body: wrapped(singular, resource.update),
      answer: answerOf(resource),
      run: ({ params, body }, call) =>
        change(call, ports, async (made) => {
          const record = needRecord(resource, made.project, params)
          const updated = await resource.change(made, record, body[singular] as U)
          return { status: 200, body: { [singular]: view(made, updated) } }
        }),
    }),
    route({
      ...dialect,
      method: 'DELETE',
      path,
      name: `${prefix}Delete${title}`,
      status: 204,
      query: resource.removeBy ?? [],
      run: ({ params, query }, call) =>
        change(call, ports, async (made) => {
          await resource.remove(made, needRecord(resource, made.project, params), query)
          return { status: 204, body: null }
        }),
    }),
  ]
}

function answerOf<View>({
  singular,
  answer,
}: {
  readonly singular: string
  readonly answer?: z.ZodType<View>
}): z.ZodObject | undefined {
  return answer === undefined ? undefined : z.strictObject({ [singular]: answer })
}

/** Bodies have their attributes under the resource's name. */
export function wrapped<Fields>(singular: string, fields: z.ZodType<Fields>) {
  return z.strictObject({ [singular]: fields }) as z.ZodType<Record<string, Fields>>
}

/** @throws HuaweiError ELB.8904 when what the path names above them is not there */
function recordsOf<R extends Identified>(
  { table, parent }: Pick<Noun<R>, 'table' | 'parent'>,
  project: Project,
  params: Params,
): R[] {
  if (parent === undefined) return table(project).all()
  parent.table(project).need(params[parent.idName] ?? '')
  return table(project).where((record) => record[parent.idName] === params[parent.idName])
}

/** @throws HuaweiError ELB.8904, also for one that belongs to something else than the path names */
function needRecord<R extends Identified>(
  { table, parent, idName }: Pick<Noun<R>, 'table' | 'parent' | 'idName'>,
  project: Project,
  params: Params,
): R {
  const records = table(project)
  const record = records.need(params[idName] ?? '')
  if (parent === undefined) return record
  parent.table(project).need(params[parent.idName] ?? '')
  if (record[parent.idName] !== params[parent.idName]) throw records.missing(record.id)
  return record
}

function filled(path: string, params: Params): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
}
