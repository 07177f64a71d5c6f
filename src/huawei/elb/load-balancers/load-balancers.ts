import { conflict, invalidInput, notFound } from '../../wire/errors.ts'
import { fieldsOf, unprotected } from '../fields.ts'
import { needFlavor } from '../flavors/flavors.ts'
import { deleteListenerWithAll } from '../listeners/listeners.ts'
import type { Subnet } from '../networks.ts'
import { deletePoolWithAll } from '../pools/pools.ts'
import { checkQuota } from '../quotas/quotas.ts'
import type { AddressRecord, LoadBalancerRecord } from '../records.ts'
import { listenersOf, poolsOf, usersOf } from '../relations.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import {
  type LoadBalancerCreation,
  type LoadBalancerFields,
  type LoadBalancerUpdate,
  loadBalancerFields,
} from './schema.ts'

const defaults: LoadBalancerFields = {
  name: '',
  description: '',
  admin_state_up: true,
  l4_flavor_id: null,
  l7_flavor_id: null,
  elb_virsubnet_ids: [],
  ip_target_enable: false,
  deletion_protection_enable: false,
  waf_failure_action: 'forward',
  ...unprotected,
}

/** @throws HuaweiError ELB.8902, ELB.8904 for a subnet or zone that there is not, ELB.8905 */
export async function createLoadBalancer(
  change: Change,
  fields: LoadBalancerCreation,
): Promise<LoadBalancerRecord> {
  const { project, ports } = change
  checkQuota(ports.quotas, 'loadbalancer', project.loadBalancers.all().length)
  checkFlavors(fields)
  const subnet = await subnetOf(change, fields)
  checkIpv6(subnet, fields.ipv6_vip_virsubnet_id ?? null)
  const resource = newResource(change)
  const take = (address: string | null) => takeAddress(change, subnet, resource.id, address)
  return project.loadBalancers.put({
    ...changed(defaults, fieldsOf(loadBalancerFields, fields)),
    ...resource,
    vpc_id: subnet.vpcId,
    vip_subnet_cidr_id: subnet.id,
    ipv6_vip_virsubnet_id: fields.ipv6_vip_virsubnet_id ?? null,
    availability_zone_list: fields.availability_zone_list,
    enterprise_project_id: fields.enterprise_project_id ?? '0',
    vip: await take(fields.vip_address ?? null),
    eip: fields.publicip === undefined ? null : await take(null),
    tags: fields.tags ?? [],
  })
}

function checkFlavors({
  l4_flavor_id,
  l7_flavor_id,
}: Pick<LoadBalancerUpdate, 'l4_flavor_id' | 'l7_flavor_id'>): void {
  if (typeof l4_flavor_id === 'string') needFlavor(l4_flavor_id, 'L4')
  if (typeof l7_flavor_id === 'string') needFlavor(l7_flavor_id, 'L7')
}

/** One of the three has to say where the load balancer's address is. */
async function subnetOf({ tx, ports }: Change, fields: LoadBalancerCreation): Promise<Subnet> {
  const { vpc_id, availability_zone_list } = fields
  const { networks } = ports
  const unknown = availability_zone_list.find((zone) => !networks.zones().includes(zone))
  if (unknown !== undefined) throw notFound('availability_zone', unknown)
  const subnetId = fields.vip_subnet_cidr_id ?? fields.ipv6_vip_virsubnet_id
  if (typeof subnetId === 'string') {
    const subnet = await networks.findSubnet(tx, subnetId)
    if (subnet === undefined) throw notFound('subnet', subnetId)
    if (vpc_id !== undefined && vpc_id !== subnet.vpcId) {
      throw invalidInput(`Subnet ${subnet.id} is not in VPC ${vpc_id}`)
    }
    return subnet
  }
  if (vpc_id === undefined) {
    throw invalidInput(
      "One of 'vpc_id', 'vip_subnet_cidr_id' and 'ipv6_vip_virsubnet_id' is required",
    )
  }
  const subnet = await networks.findSubnetOf(tx, vpc_id, availability_zone_list[0] ?? '')
  if (subnet === undefined) throw notFound('vpc', vpc_id)
  return subnet
}

/** Both addresses are of one network interface. @param subnetId where the IPv6 address is to be; null: there is to be none */
function checkIpv6({ id, ranges }: Subnet, subnetId: string | null): void {
  if (subnetId === null) return
  const refuse = (why: string) =>
    invalidInput(`Invalid input for 'ipv6_vip_virsubnet_id': ${subnetId}. ${why}`)
  if (subnetId !== id) throw refuse(`It is subnet ${id}, where the IPv4 address is.`)
  if (!ranges.some((range) => range.includes(':'))) throw refuse('The subnet has no IPv6 range.')
}

function takeAddress(
  { tx, ports, now }: Change,
  subnet: Subnet,
  owner: string,
  address: string | null,
): Promise<AddressRecord> {
  return ports.networks.takeAddress(tx, { subnetId: subnet.id, address, owner, now })
}

export function updateLoadBalancer(
  { project, now }: Change,
  record: LoadBalancerRecord,
  fields: LoadBalancerUpdate,
): LoadBalancerRecord {
  checkFlavors(fields)
  if (record.ip_target_enable && fields.ip_target_enable === false) {
    throw invalidInput("'ip_target_enable' cannot be disabled once it is enabled")
  }
  return project.loadBalancers.put({ ...changed(record, fields), updated_at: timestamp(now) })
}

/** @throws HuaweiError ELB.8907 while it has listeners or is protected */
export async function deleteLoadBalancer(
  change: Change,
  record: LoadBalancerRecord,
): Promise<void> {
  const { project } = change
  checkDeletable(record)
  const [listener] = listenersOf(project, record)
  if (listener !== undefined) {
    throw conflict(`Load balancer ${record.id} still has listener ${listener.id}`)
  }
  await forget(change, record)
}

/**
 * Deletes the load balancer with its listeners, and its back-end server groups with their members.
 * @param keepPools they stay, and any load balancer may use them
 */
export async function deleteLoadBalancerWithAll(
  change: Change,
  record: LoadBalancerRecord,
  { keepPools }: { readonly keepPools: boolean },
): Promise<void> {
  const { project } = change
  checkDeletable(record)
  const pools = poolsOf(project, record)
  for (const listener of listenersOf(project, record)) {
    deleteListenerWithAll(change, listener, { keepPools: true })
  }
  // Who another load balancer sends requests to goes on.
  const unused = pools.filter((pool) => usersOf(project, pool).length === 0)
  for (const pool of keepPools ? [] : unused) deletePoolWithAll(change, pool)
  await forget(change, record)
}

function checkDeletable(record: LoadBalancerRecord): void {
  const { id, deletion_protection_enable, protection_status } = record
  if (deletion_protection_enable) {
    throw conflict(`Load balancer ${id} is protected: deletion_protection_enable is true`)
  }
  if (protection_status === 'consoleProtection') {
    throw conflict(`Load balancer ${id} is protected: protection_status is consoleProtection`)
  }
}

async function forget({ project, ports, tx }: Change, record: LoadBalancerRecord): Promise<void> {
  for (const pool of project.pools.where(({ loadbalancer_id }) => loadbalancer_id === record.id)) {
    project.pools.put({ ...pool, loadbalancer_id: null })
  }
  for (const log of project.logConfigurations.where((each) => each.loadbalancer_id === record.id)) {
    project.logConfigurations.delete(log.id)
  }
  for (const address of [record.vip, record.eip]) {
    if (address !== null) await ports.networks.releaseAddress(tx, address.interface_id)
  }
  project.loadBalancers.delete(record.id)
}
