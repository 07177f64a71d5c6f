/** The five operations that every resource of Octavia has, as routes. */
import type { z } from 'zod'
import type { Project, Table } from '../elb/project.ts'
import { wrapped } from '../elb/resource.ts'
import { type Change, change, type ElbPorts, inspect, type Scope } from '../elb/scope.ts'
import { notPermitted } from '../wire/errors.ts'
import type { Query } from '../wire/http.ts'
import { type Answer, type Call, type Input, type Route, route } from '../wire/routes.ts'
import { listParameters, pageOf } from './lists.ts'

type Params = Input<unknown>['params']

/** Octavia's own, and the one that it has from Neutron's LBaaS, which the `openstack` command asks. */
export const roots = ['/v2/lbaas', '/v2.0/lbaas'] as const

/** What every resource is seen with. */
export interface View {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
}

export interface Resource<R extends { readonly id: string }, C extends Owned, U> {
  /** `LoadBalancer`, in the names of its operations. */
  readonly title: string
  /** `loadbalancer`: the key of bodies. */
  readonly singular: string
  /** `loadbalancers`: the key of lists. */
  readonly plural: string
  /** Below {@link roots}. */
  readonly path: string
  readonly table: (project: Project) => Table<R>
  /** Whether it belongs to what the path names; absent: it belongs to the project. @throws HuaweiError when that is not there */
  readonly within?: (record: R, params: Params, project: Project) => boolean
  readonly creation: z.ZodType<C>
  readonly update: z.ZodType<U>
  readonly view: (scope: Scope, record: R) => View
  /** Attributes that lists can be filtered by, beside `id`, `name` and tags. */
  readonly filterBy: readonly string[]
  readonly create: (change: Change, fields: C, params: Params) => R | Promise<R>
  readonly change: (change: Change, record: R, fields: U) => R | Promise<R>
  readonly remove: (change: Change, record: R, query: Query) => void | Promise<void>
  /** Query parameters of its deletion. */
  readonly removeBy?: readonly string[]
}

/** Clients may say whose a new resource is. */
interface Owned {
  readonly project_id?: string | undefined
  readonly tenant_id?: string | undefined
}

export function resourceRoutes<R extends { readonly id: string }, C extends Owned, U>(
  resource: Resource<R, C, U>,
  ports: ElbPorts,
): Route[] {
  return roots.flatMap((root) => [
    ...collectionRoutes(resource, ports, `${root}/${resource.path}`),
    ...itemRoutes(resource, ports, `${root}/${resource.path}/{id}`),
  ])
}

function collectionRoutes<R extends { readonly id: string }, C extends Owned, U>(
  resource: Resource<R, C, U>,
  ports: ElbPorts,
  path: string,
): Route[] {
  const { title, singular, plural } = resource
  return [
    route({
      method: 'POST',
      path,
      name: `OctaviaCreate${title}`,
      status: 201,
      scoped: true,
      body: wrapped(singular, resource.creation),
      run: ({ params, body }, call) =>
        change(call, ports, async (made) => {
          const fields = body[singular] as C
          checkOwner(fields, call)
          const record = await resource.create(made, fields, params)
          return { status: 201, body: { [singular]: resource.view(made, record) } }
        }),
    }),
    route({
      method: 'GET',
      path,
      name: `OctaviaList${title}s`,
      status: 200,
      scoped: true,
      query: listParameters(resource.filterBy),
      run: ({ params, query }, call) =>
        inspect(call, ports, (scope): Answer => {
          const { project } = scope
          const views = resource
            .table(project)
            .where((record) => resource.within?.(record, params, project) ?? true)
            .map((record) => resource.view(scope, record))
          return {
            status: 200,
            body: pageOf(plural, views, query, call.baseUrl + filled(path, params)),
          }
        }),
    }),
  ]
}

function itemRoutes<R extends { readonly id: string }, C extends Owned, U>(
  resource: Resource<R, C, U>,
  ports: ElbPorts,
  path: string,
): Route[] {
  const { title, singular, view } = resource
  const common = { path, scoped: true } as const
  return [
    route({
      ...common,
      method: 'GET',
      name: `OctaviaShow${title}`,
      status: 200,
      run: ({ params }, call) =>
        inspect(call, ports, (scope) => {
          const record = needRecord(resource, scope.project, params)
          return { status: 200, body: { [singular]: view(scope, record) } }
        }),
    }),
    route({
      ...common,
      method: 'PUT',
      name: `OctaviaUpdate${title}`,
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
      ...common,
      method: 'DELETE',
      name: `OctaviaDelete${title}`,
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

function filled(path: string, params: Params): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
}

/** @throws HuaweiError ELB.8904, also for one that belongs to something else than the path names */
function needRecord<R extends { readonly id: string }>(
  { table, within }: Pick<Resource<R, never, never>, 'table' | 'within'>,
  project: Project,
  params: Params,
): R {
  const records = table(project)
  const record = records.need(params.id ?? '')
  if (within !== undefined && !within(record, params, project)) throw records.missing(record.id)
  return record
}

function checkOwner({ project_id, tenant_id }: Owned, { projectId }: Call): void {
  const owner = project_id ?? tenant_id ?? projectId
  if (owner === projectId) return
  throw notPermitted(`The token is for project ${projectId}, and makes nothing in project ${owner}`)
}
