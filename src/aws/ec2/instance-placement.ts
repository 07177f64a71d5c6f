/** Where a new instance goes: RunInstances says it at its top level, or within its one network interface. */
import type {
  InstanceNetworkInterfaceSpecification,
  RunInstancesRequest,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { invalidParameter, invalidValue } from './errors.ts'
import { defaultSecurityGroup, defaultSubnet, defaultVpc } from './load-balancing.ts'
import type { Scope } from './operation.ts'
import type { SecurityGroupRecord, SubnetRecord } from './records.ts'
import { zonesOf } from './region.ts'
import { kinds, need } from './resources.ts'
import { needGroup } from './security-groups.ts'

export interface Placement {
  readonly subnet: SubnetRecord
  readonly groups: readonly SecurityGroupRecord[]
  /** As given; undefined: any free one. */
  readonly address: string | undefined
}

export async function placementOf(input: RunInstancesRequest, scope: Scope): Promise<Placement> {
  const wish = wishOf(input)
  // Terraform sends an empty zone when it names a subnet.
  const zone = input.Placement?.AvailabilityZone || undefined
  const subnet = await subnetOf(wish.subnetId, zone, scope)
  return { subnet, groups: await groupsOf(wish, subnet, scope), address: wish.address }
}

interface Wish {
  readonly subnetId: string | undefined
  readonly address: string | undefined
  readonly groupIds: readonly string[]
  readonly groupNames: readonly string[]
}

function wishOf(input: RunInstancesRequest): Wish {
  const [networkInterface, ...others] = input.NetworkInterfaces ?? []
  const topLevel = {
    subnetId: input.SubnetId,
    address: input.PrivateIpAddress,
    groupIds: input.SecurityGroupIds ?? [],
    groupNames: input.SecurityGroups ?? [],
  }
  if (networkInterface === undefined) return topLevel
  if (others.length > 0) throw invalidValue('An instance has one network interface.')
  if (networkInterface.NetworkInterfaceId !== undefined) {
    throw invalidValue('An instance gets a network interface of its own, not an existing one.')
  }
  const isTwofold =
    topLevel.subnetId !== undefined ||
    topLevel.groupIds.length > 0 ||
    topLevel.groupNames.length > 0
  if (isTwofold) {
    throw new ApiError(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request',
    )
  }
  return {
    subnetId: networkInterface.SubnetId,
    address: addressOf(networkInterface) ?? topLevel.address,
    groupIds: networkInterface.Groups ?? [],
    groupNames: [],
  }
}

function addressOf(given: InstanceNetworkInterfaceSpecification): string | undefined {
  const [first] = given.PrivateIpAddresses ?? []
  return given.PrivateIpAddress ?? first?.PrivateIpAddress
}

async function subnetOf(
  subnetId: string | undefined,
  zone: string | undefined,
  scope: Scope,
): Promise<SubnetRecord> {
  const zones = zonesOf(scope.region)
  if (zone !== undefined && !zones.includes(zone)) {
    throw invalidValue(`Invalid availability zone: [${zone}]`)
  }
  if (subnetId !== undefined) {
    const subnet = await need(scope, kinds.subnet, subnetId)
    if (zone === undefined || subnet.zone === zone) return subnet
    throw invalidParameter(zone, 'availabilityZone', `'${subnetId}' is in '${subnet.zone}'.`)
  }
  for (const each of zone === undefined ? zones : [zone]) {
    const subnet = await defaultSubnet(scope.tx, scope.region, each)
    if (subnet !== undefined) return subnet
  }
  const { vpcId } = await defaultVpc(scope.tx, scope.region)
  const message = `No subnets found for the default VPC '${vpcId}'. Please specify a subnet.`
  throw new ApiError('MissingInput', message)
}

async function groupsOf(
  wish: Wish,
  subnet: SubnetRecord,
  scope: Scope,
): Promise<SecurityGroupRecord[]> {
  const { vpcId } = subnet
  const groups: SecurityGroupRecord[] = []
  for (const GroupId of wish.groupIds) groups.push(await needGroup(scope, { GroupId }, vpcId))
  for (const GroupName of wish.groupNames) groups.push(await needGroup(scope, { GroupName }, vpcId))
  if (groups.length > 0) return groups
  return [await defaultSecurityGroup(scope.tx, scope.region, vpcId)]
}
