/**
 * As much of Neutron's Networking API v2.0 as the `openstack` command asks to find out where load balancers and members are: networks are
 * VPCs, and ports those of load balancers. All can only be looked at. (Networking API v2.0 reference.)
 */
import { atomically } from '../../store/transaction.ts'
import type { NamedSubnet } from '../elb/networks.ts'
import type { LoadBalancerRecord } from '../elb/records.ts'
import { type ElbPorts, inspect } from '../elb/scope.ts'
import { notFound } from '../wire/errors.ts'
import { filtered } from '../wire/paging.ts'
import { type Answer, type Api, type Call, type Route, route } from '../wire/routes.ts'

/** Apart from Octavia's, which has the same version. */
const root = '/network'

export function createNeutronApi(ports: ElbPorts): Api {
  return {
    name: 'neutron',
    routes: [versionsRoute, ...kindsOf(ports).flatMap(kindRoutes)],
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
}

/** What there is of one kind. */
interface Kind {
  readonly noun: string
  readonly title: string
  readonly views: (call: Call) => Promise<readonly View[]>
  /** Attributes that lists can be filtered by, beside `id` and `name`. */
  readonly filterBy: readonly string[]
}

function kindRoutes({ noun, title, views, filterBy }: Kind): Route[] {
  const path = `${root}/v2.0/${noun}s`
  const filters = new Map(
    ['id', 'name', ...filterBy].map((name) => [
      name,
      (view: View): readonly unknown[] => [(view as unknown as Record<string, unknown>)[name]],
    ]),
  )
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
        body: { [`${noun}s`]: filtered(await views(call), query, filters) },
      }),
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      name: `NeutronShow${title}`,
      status: 200,
      scoped: true,
      run: async ({ params }, call): Promise<Answer> => {
        const found = (await views(call)).find(({ id }) => id === params.id)
        if (found === undefined) throw notFound(noun, params.id ?? '')
        return { status: 200, body: { [noun]: found } }
      },
    }),
  ]
}

function kindsOf(ports: ElbPorts): Kind[] {
  const subnets = ({ store }: Call) => atomically(store, (tx) => ports.networks.namedSubnets(tx))
  const balancers = (call: Call) =>
    inspect(call, ports, ({ project }) => project.loadBalancers.all())
  return [
    {
      noun: 'network',
      title: 'Network',
      views: async (call) => networkViews(await subnets(call), call.projectId),
      filterBy: [],
    },
    {
      noun: 'subnet',
      title: 'Subnet',
      views: async (call) => subnetViews(await subnets(call), call.projectId),
      filterBy: ['network_id'],
    },
    {
      noun: 'port',
      title: 'Port',
      views: async (call) => (await balancers(call)).map(portView),
      filterBy: ['network_id', 'device_id', 'device_owner'],
    },
    {
      noun: 'floatingip',
      title: 'FloatingIp',
      views: async (call) => (await balancers(call)).flatMap(floatingIpViews),
      filterBy: ['port_id', 'floating_ip_address', 'fixed_ip_address'],
    },
  ]
}

/** Where clients reach a load balancer. Terraform looks for its security groups, of which there are none here. */
function portView({ id, project_id, vip, vpc_id, vip_subnet_cidr_id }: LoadBalancerRecord) {
  return {
    id: vip.interface_id,
    name: `octavia-lb-${id}`,
    network_id: vpc_id,
    project_id,
    tenant_id: project_id,
    fixed_ips: [{ subnet_id: vip_subnet_cidr_id, ip_address: vip.address }],
    device_id: `lb-${id}`,
    device_owner: 'Octavia',
    security_groups: [],
    status: 'ACTIVE',
    admin_state_up: true,
  }
}

/** EIPs are made by the ELB API. Kubernetes looks whether a load balancer has one. */
function floatingIpViews({ project_id, vip, eip, vpc_id }: LoadBalancerRecord): View[] {
  if (eip === null) return []
  const view = {
    id: eip.interface_id,
    name: '',
    floating_ip_address: eip.address,
    fixed_ip_address: vip.address,
    port_id: vip.interface_id,
    floating_network_id: vpc_id,
    router_id: null,
    project_id,
    tenant_id: project_id,
    status: 'ACTIVE',
  }
  return [view]
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
