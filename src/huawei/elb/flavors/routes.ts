import { z } from 'zod'
import { notFound } from '../../wire/errors.ts'
import { filtered, pageInfo, pageOf, pagingParameters } from '../../wire/paging.ts'
import { type Route, route } from '../../wire/routes.ts'
import { root } from '../resource.ts'
import type { ElbPorts } from '../scope.ts'
import { type Flavor, flavorAnswer, flavors } from './flavors.ts'

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
      answer: z.strictObject({ flavors: z.array(flavorAnswer), page_info: pageInfo }),
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
      answer: z.strictObject({ flavor: flavorAnswer }),
      run: async ({ params }) => {
        const flavor = flavors.find(({ id }) => id === params.flavor_id)
        if (flavor === undefined) throw notFound('flavor', params.flavor_id ?? '')
        return { status: 200, body: { flavor } }
      },
    }),
  ]
}

const zone = z
  .strictObject({
    code: z.string(),
    state: z.literal('ACTIVE'),
    protocol: z.array(z.enum(['L4', 'L7'])),
    public_border_group: z.literal('center'),
    category: z.literal(0),
  })
  .meta({ id: 'AvailabilityZone' })

/** Zones in lists: the zones of one list can be combined in a load balancer. */
export function zoneRoute({ networks }: ElbPorts): Route {
  return route({
    method: 'GET',
    path: `${root}/availability-zones`,
    name: 'ListAvailabilityZones',
    status: 200,
    query: ['public_border_group'],
    answer: z.strictObject({ availability_zones: z.array(z.array(zone)) }),
    run: async () => {
      const zones = networks.zones().map(
        (code): z.infer<typeof zone> => ({
          code,
          state: 'ACTIVE',
          protocol: ['L4', 'L7'],
          public_border_group: 'center',
          category: 0,
        }),
      )
      return { status: 200, body: { availability_zones: [zones] } }
    },
  })
}
