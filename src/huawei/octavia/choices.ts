/** What a load balancer could be asked to be made of. Nothing here has flavors or profiles: those lists are empty. */
import type { ElbPorts } from '../elb/scope.ts'
import { notFound } from '../wire/errors.ts'
import { filtered } from '../wire/paging.ts'
import { type Route, route } from '../wire/routes.ts'
import { roots } from './resource.ts'

interface Choice {
  readonly name: string
  readonly description: string
  readonly enabled?: true
}

/** The one that all load balancers are made by has the name that Huawei Cloud has for it. */
const providers: readonly Choice[] = [{ name: 'vlb', description: 'Weir' }]

export function choiceRoutes({ networks }: ElbPorts): Route[] {
  return [
    ...listRoutes('providers', 'Providers', 'providers', () => providers),
    ...listRoutes('availabilityzones', 'AvailabilityZones', 'availability_zones', () => zones()),
    ...zoneRoutes(zones),
    ...listRoutes('flavors', 'Flavors', 'flavors', none),
    ...listRoutes('flavorprofiles', 'FlavorProfiles', 'flavorprofiles', none),
    ...listRoutes(
      'availabilityzoneprofiles',
      'AvailabilityZoneProfiles',
      'availability_zone_profiles',
      none,
    ),
  ]

  function zones(): Choice[] {
    return networks.zones().map((name) => ({ name, description: '', enabled: true }))
  }
}

function none(): Choice[] {
  return []
}

const filters = new Map<string, (choice: Choice) => readonly unknown[]>(
  (['name', 'description', 'enabled'] as const).map((name) => [name, (choice) => [choice[name]]]),
)

function listRoutes(
  path: string,
  title: string,
  plural: string,
  choices: () => readonly Choice[],
): Route[] {
  return roots.map((root) =>
    route({
      method: 'GET',
      path: `${root}/${path}`,
      name: `OctaviaList${title}`,
      status: 200,
      query: [...filters.keys()],
      run: async ({ query }) => ({
        status: 200,
        body: { [plural]: filtered(choices(), query, filters), [`${plural}_links`]: [] },
      }),
    }),
  )
}

function zoneRoutes(zones: () => readonly Choice[]): Route[] {
  return roots.map((root) =>
    route({
      method: 'GET',
      path: `${root}/availabilityzones/{name}`,
      name: 'OctaviaShowAvailabilityZone',
      status: 200,
      run: async ({ params }) => {
        const zone = zones().find(({ name }) => name === params.name)
        if (zone === undefined) throw notFound('availability zone', params.name ?? '')
        return { status: 200, body: { availability_zone: zone } }
      },
    }),
  )
}
