import type { Transaction } from '../../store/transaction.ts'
import { createNodeInterface, deleteNodeInterface } from '../ec2/load-balancing.ts'
import type { SubnetRecord } from '../ec2/records.ts'
import type { Call } from '../wire/service.ts'
import type { LoadBalancerRecord, ZoneRecord } from './records.ts'

/** A node in each of the subnets, with a network interface and addresses of its own. */
export async function createNodes(
  tx: Transaction,
  { region, clock }: Pick<Call, 'region' | 'clock'>,
  { name, securityGroups }: Pick<LoadBalancerRecord, 'name' | 'securityGroups'>,
  subnets: readonly SubnetRecord[],
): Promise<ZoneRecord[]> {
  const zones: ZoneRecord[] = []
  for (const { subnetId, zone } of subnets) {
    const node = { loadBalancerName: name, subnetId, securityGroups, attachTime: clock.now() }
    const made = await createNodeInterface(tx, region, node)
    zones.push({
      zone,
      subnetId,
      networkInterfaceId: made.networkInterfaceId,
      address: made.privateIpAddress,
      ipv6Address: made.ipv6Address,
    })
  }
  return zones
}

export async function deleteNodes(
  tx: Transaction,
  region: string,
  zones: readonly ZoneRecord[],
): Promise<void> {
  for (const zone of zones) await deleteNodeInterface(tx, region, zone.networkInterfaceId)
}
