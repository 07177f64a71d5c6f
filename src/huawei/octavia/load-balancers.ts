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
  commonFields,
  described,
  flagOf,
  owner,
  shown,
  unsupported,
  unsupportedList,
} from './fields.ts'
import { listenerPart } from './listener-schema.ts'
import { listeners } from './listeners.ts'
import { poolPart, pools } from './pools.ts'
import { createResource, type Resource, roots } from './resource.ts'
import { statusTree } from './status-tree.ts'
import { loadBalancerStatus } from './statuses.ts'

/** Names of one provider. Clients are set to the latter: Kubernetes' cloud controller manager asks for amphora. */
const providerNames = ['vlb', 'amphora', 'octavia'] as const

const update = z.strictObject({ ...described, vip_qos_policy_id: unsupported })

const creation = update.extend({
  ...owner,
  vip_subnet_id: reference.nullish(),
  vip_network_id: reference.nullish(),
  vip_address: z.ipv4().nullish(),
  vip_port_id: unsupported,
  provider: z
    .enum(providerNames, `It is one of ${providerNames.join(', ')}, which are the same`)
    .nullish(),
  availability_zone: z.string().min(1).nullish(),
  flavor_id: unsupported,
  additional_vips: unsupportedList,
  listeners: z.array(listenerPart).optional(),
  pools: z.array(poolPart).optional(),
})

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export const loadBalancers: Resource<LoadBalancerRecord, Creation, Update> = {
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
  create: createWithParts,
  change,
  remove,
  removeBy: ['cascade'],
}

/**
 * With what hangs on it: all that, or nothing.
 * @throws HuaweiError ELB.8902 when nothing says where its address is, and what createLoadBalancer and those of its parts throw
 */
async function createWithParts(made: Change, fields: Creation): Promise<LoadBalancerRecord> {
  const { id, zone } = await subnetFor(made, fields)
  const { availability_zone = null } = fields
  const created = await createLoadBalancer(made, {
    ...commonFields(fields),
    vip_subnet_cidr_id: id,
    vip_address: fields.vip_address ?? undefined,
    availability_zone_list: [availability_zone ?? zone],
    // Octavia's members need no subnet.
    ip_target_enable: true,
  })
  // Terraform makes a load balancer anew when these are not shown as it sent them.
  const asked = { provider: fields.provider ?? 'vlb', availability_zone }
  const record = made.project.loadBalancers.put({ ...created, asked })
  const loadbalancer_id = record.id
  for (const part of fields.pools ?? []) {
    await createResource(pools, made, { ...part, loadbalancer_id })
  }
  for (const part of fields.listeners ?? []) {
    await createResource(listeners, made, { ...part, loadbalancer_id })
  }
  return record
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
  return updateLoadBalancer(made, record, commonFields(fields))
}

/** Without `cascade`, one that has listeners or pools stays. */
async function remove(made: Change, record: LoadBalancerRecord, query: Query): Promise<void> {
  if (flagOf(query, 'cascade')) {
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
    operating_status: loadBalancerStatus(scope, record),
    vip_address: record.vip.address,
    vip_port_id: record.vip.interface_id,
    vip_subnet_id: record.vip_subnet_cidr_id,
    vip_network_id: record.vpc_id,
    vip_qos_policy_id: null,
    additional_vips: [],
    flavor_id: null,
    ...(record.asked ?? {
      provider: 'vlb',
      availability_zone: record.availability_zone_list.join(','),
    }),
    listeners: references(listenersOf(scope.project, record)),
    pools: references(poolsOf(scope.project, record)),
  }
}

/** Octavia has the tree under both names. */
export function statusRoutes(ports: ElbPorts): Route[] {
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
