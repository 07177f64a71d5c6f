/**
 * What Elastic Load Balancing asks of EC2, inside its own transactions.
 * Every function first makes sure that the region exists (default VPC, subnets, gateways: `region.ts`).
 */
import { randomUUID } from 'node:crypto'
import type { Transaction } from '../../store/transaction.ts'
import { ApiError } from '../wire/errors.ts'
import {
  claimAddress,
  findFreeAddresses,
  isAddressInUse,
  isUsableAddress,
  releaseAddress,
} from './addresses.ts'
import { newId } from './ids.ts'
import {
  ec2Keys,
  type InstanceRecord,
  type NetworkInterfaceRecord,
  type SecurityGroupRecord,
  type SubnetRecord,
  type VpcRecord,
} from './records.ts'
import { ensureRegion } from './region.ts'
import { all, find, kinds, need, remove, save } from './resources.ts'
import { allTraffic } from './vpc-foundation.ts'

/** Guide, "Prepare your VPC": a load balancer's subnet needs 8 free addresses to scale. */
const minFreeAddresses = 8

/** A load balancer without groups in the default VPC gets the group that starts with this. */
const loadBalancerGroupPrefix = 'default_elb_'

/**
 * The default VPC, which a region has from its first use.
 * @throws ApiError VPCIdNotSpecified when it has been deleted.
 */
export async function defaultVpc(tx: Transaction, region: string): Promise<VpcRecord> {
  await ensureRegion(tx, region)
  const vpc = (await all({ tx, region }, kinds.vpc)).find(({ isDefault }) => isDefault)
  if (vpc === undefined) throw new ApiError('VPCIdNotSpecified', 'No default VPC for this user')
  return vpc
}

/** The subnet of the default VPC in that zone; undefined when the region has no such zone. */
export async function defaultSubnet(
  tx: Transaction,
  region: string,
  zone: string,
): Promise<SubnetRecord | undefined> {
  await ensureRegion(tx, region)
  const subnets = await all({ tx, region }, kinds.subnet)
  return subnets.find((subnet) => subnet.defaultForAz && subnet.zone === zone)
}

export async function findSubnet(
  tx: Transaction,
  region: string,
  subnetId: string,
): Promise<SubnetRecord | undefined> {
  await ensureRegion(tx, region)
  return await find({ tx, region }, kinds.subnet, subnetId)
}

/** Whether an internet gateway is attached to the VPC. */
export async function hasInternetGateway(
  tx: Transaction,
  region: string,
  vpcId: string,
): Promise<boolean> {
  await ensureRegion(tx, region)
  const gateways = await all({ tx, region }, kinds.internetGateway)
  return gateways.some(({ attachedVpcId }) => attachedVpcId === vpcId)
}

/** The instance, whatever its state: terminated ones stay for an hour. */
export async function findInstance(
  tx: Transaction,
  region: string,
  instanceId: string,
): Promise<InstanceRecord | undefined> {
  await ensureRegion(tx, region)
  return await find({ tx, region }, kinds.instance, instanceId)
}

export async function findSecurityGroup(
  tx: Transaction,
  region: string,
  groupId: string,
): Promise<SecurityGroupRecord | undefined> {
  await ensureRegion(tx, region)
  return await find({ tx, region }, kinds.securityGroup, groupId)
}

/** The VPC's group named `default`. */
export async function defaultSecurityGroup(
  tx: Transaction,
  region: string,
  vpcId: string,
): Promise<SecurityGroupRecord> {
  await ensureRegion(tx, region)
  const groups = await all({ tx, region }, kinds.securityGroup)
  const group = groups.find((each) => each.vpcId === vpcId && each.groupName === 'default')
  if (group === undefined) throw new Error(`VPC ${vpcId} has no default security group`)
  return group
}

/**
 * The group `default_elb_<uuid>` of the VPC that load balancers without groups share: found, or made.
 * Guide, "Security groups for load balancers in a VPC": it allows all traffic on the load balancers' ports.
 */
export async function loadBalancerSecurityGroup(
  tx: Transaction,
  region: string,
  vpcId: string,
): Promise<SecurityGroupRecord> {
  await ensureRegion(tx, region)
  const groups = await all({ tx, region }, kinds.securityGroup)
  const existing = groups.find(
    (each) => each.vpcId === vpcId && each.groupName.startsWith(loadBalancerGroupPrefix),
  )
  if (existing !== undefined) return existing
  const group: SecurityGroupRecord = {
    groupId: newId('sg'),
    groupName: loadBalancerGroupPrefix + randomUUID(),
    description:
      'ELB created security group used when no security group is specified during ELB creation' +
      ' - modifications could impact traffic to future ELBs',
    vpcId,
    ingress: [allTraffic('0.0.0.0/0')],
    egress: [allTraffic('0.0.0.0/0')],
  }
  save({ tx, region }, kinds.securityGroup, group)
  return group
}

/**
 * Makes the network interface of a load balancer's node, with a free address of the subnet
 * (and an IPv6 address where the subnet has a range). No other node of any region or VPC has these addresses,
 * because one proxy may listen on all of them.
 * @throws ApiError InvalidSubnet when the subnet has fewer than 8 free addresses; InvalidSubnetID.NotFound; for an address that is asked
 *   for InvalidParameterValue when it is none of the subnet's, InvalidIPAddress.InUse.
 */
export async function createNodeInterface(
  tx: Transaction,
  region: string,
  node: {
    readonly loadBalancerName: string
    readonly subnetId: string
    readonly securityGroups: readonly string[]
    /** Milliseconds since the Unix epoch. */
    readonly attachTime: number
    /** The IPv4 address that it is to have. Absent: any that is free. */
    readonly address?: string
  },
): Promise<NetworkInterfaceRecord> {
  await ensureRegion(tx, region)
  const subnet = await need({ tx, region }, kinds.subnet, node.subnetId)
  const networkInterfaceId = newId('eni')
  const ipv6 = subnet.ipv6CidrBlock
  const record: NetworkInterfaceRecord = {
    networkInterfaceId,
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    privateIpAddress: await takeIpv4(tx, region, subnet, networkInterfaceId, node.address),
    ipv6Address:
      ipv6 === null ? null : await takeNodeAddress(tx, region, subnet, ipv6, networkInterfaceId),
    description: `ELB ${node.loadBalancerName}`,
    requesterId: 'amazon-elb',
    securityGroups: node.securityGroups,
    attachment: {
      kind: 'load-balancer',
      attachmentId: newId('ela-attach'),
      attachTime: node.attachTime,
    },
  }
  save({ tx, region }, kinds.networkInterface, record)
  return record
}

/** Frees the interface and its addresses; nothing happens if it is gone already. */
export async function deleteNodeInterface(
  tx: Transaction,
  region: string,
  networkInterfaceId: string,
): Promise<void> {
  const record = await find({ tx, region }, kinds.networkInterface, networkInterfaceId)
  if (record === undefined) return
  for (const address of [record.privateIpAddress, record.ipv6Address]) {
    if (address === null) continue
    releaseAddress({ tx, region }, record.vpcId, address)
    tx.delete(ec2Keys.nodeAddress(address))
  }
  remove({ tx, region }, kinds.networkInterface, networkInterfaceId)
}

/** Replaces the security groups of a node's interface. */
export async function setNodeSecurityGroups(
  tx: Transaction,
  region: string,
  networkInterfaceId: string,
  securityGroups: readonly string[],
): Promise<void> {
  const record = await need({ tx, region }, kinds.networkInterface, networkInterfaceId)
  save({ tx, region }, kinds.networkInterface, { ...record, securityGroups })
}

async function takeIpv4(
  tx: Transaction,
  region: string,
  subnet: SubnetRecord,
  networkInterfaceId: string,
  wanted: string | undefined,
): Promise<string> {
  if (wanted === undefined) {
    return takeNodeAddress(tx, region, subnet, subnet.cidrBlock, networkInterfaceId)
  }
  if (!isUsableAddress(subnet, wanted)) {
    const message = `Address ${wanted} does not fall within the subnet's address range`
    throw new ApiError('InvalidParameterValue', message)
  }
  if ((await tx.get(ec2Keys.nodeAddress(wanted))) !== undefined) {
    throw new ApiError('InvalidIPAddress.InUse', `Address ${wanted} is in use.`)
  }
  const claim = { address: wanted, networkInterfaceId }
  await claimAddress({ tx, region }, subnet.vpcId, claim)
  tx.put(ec2Keys.nodeAddress(wanted), claim)
  return wanted
}

async function takeNodeAddress(
  tx: Transaction,
  region: string,
  subnet: SubnetRecord,
  range: string,
  networkInterfaceId: string,
): Promise<string> {
  const at = { tx, region }
  const free = await findFreeAddresses(range, minFreeAddresses, async (candidate) => {
    if (await isAddressInUse(at, subnet.vpcId, candidate)) return true
    return (await tx.get(ec2Keys.nodeAddress(candidate))) !== undefined
  })
  const [address] = free
  if (address === undefined || free.length < minFreeAddresses) throw tooFewAddresses(subnet)
  const claim = { address, networkInterfaceId }
  await claimAddress(at, subnet.vpcId, claim)
  tx.put(ec2Keys.nodeAddress(address), claim)
  return address
}

function tooFewAddresses(subnet: SubnetRecord): ApiError {
  const message = `Not enough IP space available in ${subnet.subnetId}. ELB requires at least ${minFreeAddresses} free IP addresses in each subnet.`
  return new ApiError('InvalidSubnet', message)
}
