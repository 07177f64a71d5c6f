import { z } from 'zod'
import { reference } from '../elb/fields.ts'
import {
  createLoadBalancer,
  deleteLoadBalancer,
  deleteLoadBalancerWithAll,
  updateLoadBalancer,
} from '../elb/load-balancers/load-balancers.ts'
import type { Subnet } from '../elb/networks.ts'
import { loadBalancer } from '../elb/nouns.ts'
import type { LoadBalancerRecord } from '../elb/records.ts'
import { listenersOf, poolsOf, references } from '../elb/relations.ts'
import { type Change, type ElbPorts, inspect, type Scope } from '../elb/scope.ts'
import { invalidInput, notFound } from '../wire/errors.ts'
import type { Query } from '../wire/http.ts'
import { type Route, route } from '../wire/routes.ts'
import {
  common,
  orDefault,
  owner,
  shown,
  tagRecords,
  tags,
  tagTexts,
  unsupported,
  unsupportedList,
} from './fields.ts'
import { resourceRoutes, roots } from './resource.ts'
import { statusTree } from './status-tree.ts'
import { loadBalancerStatus } from './statuses.ts'

const update = z.strictObject({ ...common, tags, vip_qos_policy_id: unsupported })

const creation = update.extend({
  ...owner,
  vip_subnet_id: reference.nullish(),
  vip_network_id: reference.nullish(),
  vip_address: z.ipv4().nullish(),
  vip_port_id: unsupported,
  provider: z.literal('vlb', "The only provider is 'vlb'").nullish(),
  availability_zone: z.string().min(1).nullish(),
  flavor_id: unsupported,
  additional_vips: unsupportedList,
})

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export function loadBalancerRoutes(ports: ElbPorts): Route[] {
  return [
    ...resourceRoutes(
      {
        ...loadBalancer,
        creation,
        update,
        view,
        filterBy: [
          'description',
          'vip_address',
          'vip_network_id',
          'vip_port_id',
          'vip_subnet_id',
          'vip_qos_policy_id',
          'provider',
          'flavor_id',
          'availability_zone',
        ],
        create,
        change,
        remove,
        removeBy: ['cascade'],
      },
      ports,
    ),
    ...statusRoutes(ports),
  ]
}

/** @throws HuaweiError ELB.8902 when nothing says where its address is, and what createLoadBalancer throws */
async function create(made: Change, fields: Creation): Promise<LoadBalancerRecord> {
  const { id, zone } = await subnetFor(made, fields)
  return createLoadBalancer(made, {
    name: fields.name ?? '',
    description: fields.description ?? '',
    vip_subnet_cidr_id: id,
    vip_address: fields.vip_address ?? undefined,
    availability_zone_list: [fields.availability_zone ?? zone],
    tags: tagRecords(fields.tags ?? []),
    // Octavia's members need no subnet.
    ip_target_enable: true,
  })
}

async function subnetFor(made: Change, fields: Creation): Promise<Subnet> {
  const { vip_subnet_id, vip_network_id, availability_zone } = fields
  if (typeof vip_subnet_id !== 'string') {
    if (typeof vip_network_id === 'string') {
      return subnetOf(made, vip_network_id, availability_zone ?? null)
    }
    throw invalidInput("One of 'vip_subnet_id' and 'vip_network_id' is required")
  }
  const subnet = await made.ports.networks.findSubnet(made.tx, vip_subnet_id)
  if (subnet === undefined) throw notFound('subnet', vip_subnet_id)
  if (subnet.vpcId === (vip_network_id ?? subnet.vpcId)) return subnet
  throw invalidInput(`Subnet ${subnet.id} is not in network ${vip_network_id}`)
}

/** @param zone null: any */
async function subnetOf(
  { tx, ports: { networks } }: Change,
  networkId: string,
  zone: string | null,
): Promise<Subnet> {
  for (const each of zone === null ? networks.zones() : [zone]) {
    const subnet = await networks.findSubnetOf(tx, networkId, each)
    if (subnet !== undefined) return subnet
  }
  const place = zone === null ? '' : ` in zone ${zone}`
  throw notFound('subnet', `of network ${networkId}${place}`)
}

function change(made: Change, record: LoadBalancerRecord, fields: Update): LoadBalancerRecord {
  const updated = updateLoadBalancer(made, record, {
    name: orDefault(fields.name, ''),
    description: orDefault(fields.description, ''),
  })
  if (fields.tags === undefined) return updated
  return made.project.loadBalancers.put({ ...updated, tags: tagRecords(fields.tags) })
}

/** Without `cascade`, one that has listeners or pools stays. */
async function remove(made: Change, record: LoadBalancerRecord, query: Query): Promise<void> {
  if (/^(true|1)$/i.test(query.get('cascade')?.[0] ?? '')) {
    await deleteLoadBalancerWithAll(made, record, { keepPools: false })
    return
  }
  const { project } = made
  if (listenersOf(project, record).length > 0 || poolsOf(project, record).length > 0) {
    throw invalidInput(`Cannot delete load balancer ${record.id} without cascade: it has children`)
  }
  await deleteLoadBalancer(made, record)
}

function view(scope: Scope, record: LoadBalancerRecord) {
  return {
    ...shown(record),
    name: record.name,
    description: record.description,
    admin_state_up: record.admin_state_up,
    operating_status: loadBalancerStatus(scope, record),
    vip_address: record.vip.address,
    vip_port_id: record.vip.interface_id,
    vip_subnet_id: record.vip_subnet_cidr_id,
    vip_network_id: record.vpc_id,
    vip_qos_policy_id: null,
    additional_vips: [],
    provider: 'vlb',
    flavor_id: null,
    availability_zone: record.availability_zone_list.join(','),
    listeners: references(listenersOf(scope.project, record)),
    pools: references(poolsOf(scope.project, record)),
    tags: tagTexts(record.tags),
  }
}

/** Octavia has the tree under both names. */
function statusRoutes(ports: ElbPorts): Route[] {
  return roots.flatMap((root) =>
    ['status', 'statuses'].map((name) =>
      route({
        method: 'GET',
        path: `${root}/loadbalancers/{loadbalancer_id}/${name}`,
        name: 'OctaviaShowLoadBalancerStatus',
        status: 200,
        scoped: true,
        run: ({ params }, call) =>
          inspect(call, ports, (scope) => {
            const record = scope.project.loadBalancers.need(params.loadbalancer_id ?? '')
            return { status: 200, body: { statuses: { loadbalancer: statusTree(scope, record) } } }
          }),
      }),
    ),
  )
}
