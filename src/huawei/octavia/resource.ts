/** The dialect of Octavia. */
import {
  type Resource as AnyResource,
  type Identified,
  operationRoutes,
  type Params,
} from '../elb/operations.ts'
import type { Change, ElbPorts } from '../elb/scope.ts'
import { notPermitted } from '../wire/errors.ts'
import type { Route } from '../wire/routes.ts'
import { listingOf } from './lists.ts'

/** Octavia's own, and the one that it has from Neutron's LBaaS, which the `openstack` command asks. */
export const roots = ['/v2/lbaas', '/v2.0/lbaas'] as const

/** What every resource is seen with. */
export interface View extends Identified {
  readonly tags: readonly string[]
}

/** Clients may say whose a new resource is. */
interface Owned {
  readonly project_id?: string | undefined
  readonly tenant_id?: string | undefined
}

interface Resource<R extends Identified, C extends Owned, U>
  extends Omit<AnyResource<R, View, C, U>, 'listing'> {
  /** Attributes that lists can be filtered by, beside those that all resources have. */
  readonly filterBy: readonly string[]
}

export function resourceRoutes<R extends Identified, C extends Owned, U>(
  resource: Resource<R, C, U>,
  ports: ElbPorts,
): Route[] {
  const create = (made: Change, fields: C, params: Params) => {
    checkOwner(fields, made.project)
    return resource.create(made, fields, params)
  }
  const listing = listingOf(resource.plural, resource.filterBy)
  const dialect = { roots, prefix: 'Octavia', scoped: true } as const
  return operationRoutes({ ...resource, create, listing }, dialect, ports)
}

function checkOwner({ project_id, tenant_id }: Owned, { id }: Identified): void {
  const owner = project_id ?? tenant_id ?? id
  if (owner === id) return
  throw notPermitted(`The token is for project ${id}, and makes nothing in project ${owner}`)
}
