/**
 * As much of Neutron's Networking API v2.0 as the `openstack` command asks to find out where load balancers and members are: networks are
 * VPCs, and can only be looked at. (Networking API v2.0 reference, "Networks" and "Subnets".)
 */
import { atomically } from '../../store/transaction.ts'
import type { NamedSubnet, Networks } from '../elb/networks.ts'
import { notFound } from '../wire/errors.ts'
import { filtered } from '../wire/paging.ts'
import { type Answer, type Api, type Call, type Route, route } from '../wire/routes.ts'

/** Apart from Octavia's, which has the same version. */
const root = '/network'

export function createNeutronApi(networks: Networks): Api {
  return {
    name: 'neutron',
    routes: [
      versionsRoute,
      ...resourceRoutes('network', networks, networkViews),
      ...resourceRoutes('subnet', networks, subnetViews),
    ],
    encode: (body) => body,
    encodeError: ({ status, message }) => ({
      NeutronError: { type: titles[status] ?? 'BadRequest', message, detail: '' },
    }),
  }
}

const titles: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  500: 'InternalError',
}

const versionsRoute = route({
  method: 'GET',
  path: root,
  name: 'NeutronListVersions',
  status: 200,
  open: true,
  run: async (_, { baseUrl }) => ({
    status: 200,
    body: {
      versions: [
        {
          id: 'v2.0',
          status: 'CURRENT',
          links: [{ rel: 'self', href: `${baseUrl}${root}/v2.0/` }],
        },
      ],
    },
  }),
})

interface View {
  readonly id: string
  readonly name: string
  /** Of a subnet. */
  readonly network_id?: string
}

const filters = new Map<string, (view: View) => readonly unknown[]>([
  ['id', ({ id }) => [id]],
  ['name', ({ name }) => [name]],
  ['network_id', ({ network_id }) => [network_id]],
])

type Views = (subnets: readonly NamedSubnet[], projectId: string) => readonly View[]

function resourceRoutes(noun: 'network' | 'subnet', networks: Networks, views: Views): Route[] {
  const path = `${root}/v2.0/${noun}s`
  const title = noun === 'network' ? 'Network' : 'Subnet'
  const read = ({ store, projectId }: Call) =>
    atomically(store, async (tx) => views(await networks.namedSubnets(tx), projectId))
  return [
    route({
      method: 'GET',
      path,
      name: `NeutronList${title}s`,
      status: 200,
      scoped: true,
      query: [...filters.keys()],
      run: async ({ query }, call) => ({
        status: 200,
        body: { [`${noun}s`]: filtered(await read(call), query, filters) },
      }),
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      name: `NeutronShow${title}`,
      status: 200,
      scoped: true,
      run: async ({ params }, call): Promise<Answer> => {
        const found = (await read(call)).find(({ id }) => id === params.id)
        if (found === undefined) throw notFound(noun, params.id ?? '')
        return { status: 200, body: { [noun]: found } }
      },
    }),
  ]
}

function subnetViews(subnets: readonly NamedSubnet[], project_id: string): View[] {
  return subnets.map(({ id, name, vpcId, ranges }) => ({
    id,
    name,
    network_id: vpcId,
    project_id,
    tenant_id: project_id,
    cidr: ranges[0],
    ip_version: 4,
    enable_dhcp: true,
  }))
}

function networkViews(subnets: readonly NamedSubnet[], project_id: string): View[] {
  const byNetwork = Map.groupBy(subnets, ({ vpcId }) => vpcId)
  return [...byNetwork].map(([id, own]) => ({
    id,
    name: own[0]?.vpcName ?? '',
    project_id,
    tenant_id: project_id,
    status: 'ACTIVE',
    admin_state_up: true,
    shared: true,
    subnets: own.map((subnet) => subnet.id),
    availability_zones: [...new Set(own.map(({ zone }) => zone))],
  }))
}
