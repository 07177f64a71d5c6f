import type {
  AddAvailabilityZonesInput,
  AddAvailabilityZonesOutput,
  RemoveAvailabilityZonesInput,
  RemoveAvailabilityZonesOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import type { Transaction } from '../../store/transaction.ts'
import { defaultSubnet } from '../ec2/load-balancing.ts'
import type { SubnetRecord } from '../ec2/records.ts'
import { validationError } from '../wire/errors.ts'
import { invalidConfiguration } from './errors.ts'
import { changeLoadBalancer, type ElbOperation } from './load-balancers.ts'
import { createNodes, deleteNodes } from './nodes.ts'
import type { LoadBalancerRecord } from './records.ts'

/** Zones that are enabled already stay as they are, whichever subnet they have. */
export const enableZones: ElbOperation<
  AddAvailabilityZonesInput,
  AddAvailabilityZonesOutput
> = async ({ LoadBalancerName, AvailabilityZones: wanted = [] }, call) => {
  const record = await changeLoadBalancer(call, LoadBalancerName, async (before, tx) => {
    const enabled = zoneNames(before)
    const subnets = await subnetsOfZones(tx, call.region, wanted)
    const added = subnets.filter(({ zone }) => !enabled.includes(zone))
    const foreign = added.find(({ vpcId }) => vpcId !== before.vpcId)
    if (foreign !== undefined) {
      throw validationError(
        `Availability Zone ${foreign.zone} cannot be enabled: load balancer ${before.name} is in VPC ${before.vpcId}, which is not the default VPC. Attach a subnet instead`,
      )
    }
    if (added.length === 0) return before
    const nodes = await createNodes(tx, call, before, added)
    return { ...before, zones: [...before.zones, ...nodes] }
  })
  return { AvailabilityZones: zoneNames(record) }
}

/** Zones that are not enabled are passed over. Instances in a disabled zone stay registered (guide, page 26). */
export const disableZones: ElbOperation<
  RemoveAvailabilityZonesInput,
  RemoveAvailabilityZonesOutput
> = async ({ LoadBalancerName, AvailabilityZones: unwanted = [] }, call) => {
  const record = await changeLoadBalancer(call, LoadBalancerName, async (before, tx) => {
    const removed = before.zones.filter(({ zone }) => unwanted.includes(zone))
    if (removed.length === 0) return before
    if (removed.length === before.zones.length) {
      throw invalidConfiguration(
        `Load balancer ${before.name} must have at least one Availability Zone`,
      )
    }
    await deleteNodes(tx, call.region, removed)
    return { ...before, zones: before.zones.filter((zone) => !removed.includes(zone)) }
  })
  return { AvailabilityZones: zoneNames(record) }
}

/** In order of enabling, each once. */
export function zoneNames({ zones }: LoadBalancerRecord): string[] {
  return [...new Set(zones.map(({ zone }) => zone))]
}

/**
 * The default subnets of the zones.
 * @throws ApiError ValidationError when the region has no such zone
 */
export async function subnetsOfZones(
  tx: Transaction,
  region: string,
  zones: readonly string[],
): Promise<SubnetRecord[]> {
  const subnets: SubnetRecord[] = []
  for (const zone of new Set(zones)) {
    const subnet = await defaultSubnet(tx, region, zone)
    if (subnet === undefined) throw validationError(`Invalid availability zone: ${zone}`)
    subnets.push(subnet)
  }
  return subnets
}
