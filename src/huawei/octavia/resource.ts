/** The dialect of Octavia. */
import {
  type Resource as AnyResource,
  type Identified,
  operationRoutes,
  type Params,
} from '../elb/operations.ts'
import type { TagRecord } from '../elb/records.ts'
import type { Change, ElbPorts } from '../elb/scope.ts'
import { notPermitted } from '../wire/errors.ts'
import type { Route } from '../wire/routes.ts'
import { tagRecords } from './fields.ts'
import { listingOf, selection } from './lists.ts'

/** Where the token's catalog has the API. */
export const base = '/load-balancer'

/** Octavia's own version, and the one that it has from Neutron's LBaaS, which the `openstack` command asks; without the base for those who ask by hand. */
export const roots = [`${base}/v2/lbaas`, `${base}/v2.0/lbaas`, '/v2/lbaas', '/v2.0/lbaas'] as const

/** What every resource is seen with. */
export interface View extends Identified {
  readonly tags: readonly string[]
}

/** What can be sent of every resource. */
interface Sent {
  readonly tags?: readonly string[] | null | undefined
  /** Of a new one: clients may say whose it is. */
  readonly project_id?: string | undefined
  readonly tenant_id?: string | undefined
}

interface Tagged extends Identified {
  readonly tags?: readonly TagRecord[]
}

export interface Resource<R extends Tagged, C extends Sent, U extends Sent>
  extends Omit<AnyResource<R, View, C, U>, 'listing'> {
  /** Attributes that lists can be filtered by, beside those that all resources have. */
  readonly filterBy: readonly string[]
}

export function resourceRoutes<R extends Tagged, C extends Sent, U extends Sent>(
  resource: Resource<R, C, U>,
  ports: ElbPorts,
): Route[] {
  const described = {
    ...resource,
    listing: listingOf(resource.plural, resource.filterBy),
    create: (made: Change, fields: C, params: Params) =>
      createResource(resource, made, fields, params),
    change: (made: Change, record: R, fields: U) => updateResource(resource, made, record, fields),
  }
  return operationRoutes(described, { roots, prefix: 'Octavia', scoped: true, selection }, ports)
}

/** As a route of the resource does. @param params of its path */
export async function createResource<R extends Tagged, C extends Sent, U extends Sent>(
  resource: Resource<R, C, U>,
  made: Change,
  fields: C,
  params: Params = {},
): Promise<R> {
  checkOwner(fields, made.project)
  return tagged(resource, made, await resource.create(made, fields, params), fields)
}

export async function updateResource<R extends Tagged, C extends Sent, U extends Sent>(
  resource: Resource<R, C, U>,
  made: Change,
  record: R,
  fields: U,
): Promise<R> {
  return tagged(resource, made, await resource.change(made, record, fields), fields)
}

function checkOwner({ project_id, tenant_id }: Sent, { id }: Identified): void {
  const owner = project_id ?? tenant_id ?? id
  if (owner === id) return
  throw notPermitted(`The token is for project ${id}, and makes nothing in project ${owner}`)
}

function tagged<R extends Tagged>(
  { table }: Pick<Resource<R, never, never>, 'table'>,
  { project }: Change,
  record: R,
  { tags }: Sent,
): R {
  return tags === undefined
    ? record
    : table(project).put({ ...record, tags: tagRecords(tags ?? []) })
}
