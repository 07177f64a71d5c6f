/** The dialect of Huawei Cloud's ELB API v3. */
import { z } from 'zod'
import type { Query } from '../wire/http.ts'
import { filtered, pageInfo, pageOf, pagingParameters } from '../wire/paging.ts'
import type { Route } from '../wire/routes.ts'
import { type Identified, operationRoutes, type Resource } from './operations.ts'
import type { ElbPorts, Scope } from './scope.ts'

export const root = '/v3/{project_id}/elb'

interface Listed<View> {
  readonly plural: string
  /** The form of each. */
  readonly answer: z.ZodType<View>
  /** Attributes that lists can be filtered by. */
  readonly filterBy: readonly (keyof View & string)[]
  /** Further filters: one of the values has to be one of those that are asked for. */
  readonly filters?: Readonly<Record<string, (view: View, scope: Scope) => readonly unknown[]>>
}

export function resourceRoutes<R extends Identified, View extends Identified, C, U>(
  resource: Omit<Resource<R, View, C, U>, 'listing' | 'answer'> & Listed<View>,
  ports: ElbPorts,
): Route[] {
  const dialect = { roots: [root], prefix: '' }
  return operationRoutes({ ...resource, listing: listingOf(resource) }, dialect, ports)
}

/** One page of those that fit the filters, under the plural's name. */
export function listingOf<View extends Identified>({
  plural,
  answer,
  filterBy,
  filters = {},
}: Listed<View>) {
  return {
    parameters: [...pagingParameters, ...filterBy, ...Object.keys(filters)],
    answer: z.strictObject({ [plural]: z.array(answer), page_info: pageInfo }),
    page: (views: readonly View[], scope: Scope, query: Query) => {
      const valuesOf = new Map<string, (view: View) => readonly unknown[]>()
      for (const name of filterBy) valuesOf.set(name, (each) => [each[name]])
      for (const [name, values] of Object.entries(filters)) {
        valuesOf.set(name, (each) => values(each, scope))
      }
      const { items, info } = pageOf(filtered(views, query, valuesOf), query)
      return { [plural]: items, page_info: info }
    },
  }
}
