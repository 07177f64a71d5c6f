import { notFound } from '../../wire/errors.ts'
import { filtered, pageOf, pagingParameters } from '../../wire/paging.ts'
import { type Route, route } from '../../wire/routes.ts'
import { root } from '../resource.ts'
import type { ElbPorts } from '../scope.ts'
import { type Flavor, flavors } from './flavors.ts'

const filters = new Map<string, (flavor: Flavor) => readonly unknown[]>(
  (['id', 'name', 'type', 'shared', 'flavor_sold_out'] as const).map((name) => [
    name,
    (flavor) => [flavor[name]],
  ]),
)

export function flavorRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: `${root}/flavors`,
      name: 'ListFlavors',
      status: 200,
      query: [...pagingParameters, ...filters.keys()],
      run: async ({ query }) => {
        const ordered = flavors.toSorted((a, b) => (a.id < b.id ? -1 : 1))
        const { items, info } = pageOf(filtered(ordered, query, filters), query)
        return { status: 200, body: { flavors: items, page_info: info } }
      },
    }),
    route({
      method: 'GET',
      path: `${root}/flavors/{flavor_id}`,
      name: 'ShowFlavor',
      status: 200,
      run: async ({ params }) => {
        const flavor = flavors.find(({ id }) => id === params.flavor_id)
        if (flavor === undefined) throw notFound('flavor', params.flavor_id ?? '')
        return { status: 200, body: { flavor } }
      },
    }),
  ]
}

/** Zones in lists: the zones of one list can be combined in a load balancer. */
export function zoneRoute({ networks }: ElbPorts): Route {
  return route({
    method: 'GET',
    path: `${root}/availability-zones`,
    name: 'ListAvailabilityZones',
    status: 200,
    query: ['public_border_group'],
    run: async () => {
      const zones = networks.zones().map((code) => ({
        code,
        state: 'ACTIVE',
        protocol: ['L4', 'L7'],
        public_border_group: 'center',
        category: 0,
      }))
      return { status: 200, body: { availability_zones: [zones] } }
    },
  })
}
