import type {
  AttachLoadBalancerToSubnetsInput,
  AttachLoadBalancerToSubnetsOutput,
  DetachLoadBalancerFromSubnetsInput,
  DetachLoadBalancerFromSubnetsOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import type { Transaction } from '../../store/transaction.ts'
import { findSubnet } from '../ec2/load-balancing.ts'
import type { SubnetRecord } from '../ec2/records.ts'
import { invalidConfiguration, subnetNotFound } from './errors.ts'
import { changeLoadBalancer, type ElbOperation } from './load-balancers.ts'
import { createNodes, deleteNodes } from './nodes.ts'
import type { ElbPorts } from './ports.ts'
import type { LoadBalancerRecord } from './records.ts'

export const attachSubnets: ElbOperation<
  AttachLoadBalancerToSubnetsInput,
  AttachLoadBalancerToSubnetsOutput
> = async ({ LoadBalancerName, Subnets: wanted = [] }, call, ports) => {
  const record = await changeLoadBalancer(call, LoadBalancerName, async (before, tx) => {
    const attached = subnetIds(before)
    const added = await findSubnets(
      tx,
      call.region,
      wanted.filter((id) => !attached.includes(id)),
    )
    if (added.length === 0) return before
    checkOneVpc(added, before.vpcId)
    checkZones([...before.zones, ...added], ports)
    const nodes = await createNodes(tx, call, before, added)
    return { ...before, zones: [...before.zones, ...nodes] }
  })
  return { Subnets: subnetIds(record) }
}

/** Subnets that are not attached are passed over. Instances in a detached subnet stay registered (guide, page 28). */
export const detachSubnets: ElbOperation<
  DetachLoadBalancerFromSubnetsInput,
  DetachLoadBalancerFromSubnetsOutput
> = async ({ LoadBalancerName, Subnets: unwanted = [] }, call) => {
  const record = await changeLoadBalancer(call, LoadBalancerName, async (before, tx) => {
    const removed = before.zones.filter(({ subnetId }) => unwanted.includes(subnetId))
    if (removed.length === 0) return before
    if (removed.length === before.zones.length) {
      throw invalidConfiguration(
        `Load balancer ${before.name} must have at least one subnet at all times`,
      )
    }
    await deleteNodes(tx, call.region, removed)
    return { ...before, zones: before.zones.filter((zone) => !removed.includes(zone)) }
  })
  return { Subnets: subnetIds(record) }
}

export function subnetIds({ zones }: LoadBalancerRecord): string[] {
  return zones.map(({ subnetId }) => subnetId)
}

/** @throws ApiError SubnetNotFound */
export async function findSubnets(
  tx: Transaction,
  region: string,
  ids: readonly string[],
): Promise<SubnetRecord[]> {
  const subnets: SubnetRecord[] = []
  for (const id of new Set(ids)) {
    const subnet = await findSubnet(tx, region, id)
    if (subnet === undefined) throw subnetNotFound(id)
    subnets.push(subnet)
  }
  return subnets
}

/** @throws ApiError InvalidConfigurationRequest */
export function checkOneVpc(subnets: readonly SubnetRecord[], vpcId: string): void {
  const foreign = subnets.find((subnet) => subnet.vpcId !== vpcId)
  if (foreign === undefined) return
  throw invalidConfiguration(`Subnet '${foreign.subnetId}' does not belong to VPC '${vpcId}'`)
}

/** @throws ApiError InvalidConfigurationRequest when a zone has more subnets than the quota (1: guide, page 120) */
export function checkZones(places: readonly { readonly zone: string }[], ports: ElbPorts): void {
  const perZone = Map.groupBy(places, ({ zone }) => zone)
  for (const each of perZone.values()) {
    if (each.length > ports.quotas.subnetsPerZone) {
      throw invalidConfiguration('ELB cannot be attached to multiple subnets in the same AZ.')
    }
  }
}
