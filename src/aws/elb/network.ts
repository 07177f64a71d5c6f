import type { Transaction } from '../../store/transaction.ts'
import {
  defaultSecurityGroup,
  hasInternetGateway,
  loadBalancerSecurityGroup,
} from '../ec2/load-balancing.ts'
import { ec2Keys, type SubnetRecord, type VpcRecord } from '../ec2/records.ts'
import { validationError } from '../wire/errors.ts'
import { invalidSubnet } from './errors.ts'
import type { ElbPorts } from './ports.ts'
import type { LoadBalancerRecord } from './records.ts'
import { checkedGroups } from './security-groups.ts'
import { checkOneVpc, checkZones, findSubnets } from './subnets.ts'
import { subnetsOfZones } from './zones.ts'

/** Where a load balancer is. */
export interface Network {
  readonly vpcId: string
  /** One per zone. */
  readonly subnets: readonly SubnetRecord[]
  readonly securityGroups: readonly string[]
}

export interface NetworkRequest {
  readonly AvailabilityZones?: readonly string[] | undefined
  readonly Subnets?: readonly string[] | undefined
  readonly SecurityGroups?: readonly string[] | undefined
  readonly scheme: LoadBalancerRecord['scheme']
}

/** @throws ApiError ValidationError, SubnetNotFound, InvalidSubnet, InvalidSecurityGroup, InvalidConfigurationRequest */
export async function requestedNetwork(
  tx: Transaction,
  region: string,
  request: NetworkRequest,
  ports: ElbPorts,
): Promise<Network> {
  const subnets = await requestedSubnets(tx, region, request, ports)
  const vpcId = subnets[0]?.vpcId ?? ''
  checkOneVpc(subnets, vpcId)
  if (request.scheme === 'internet-facing') await checkInternetGateway(tx, region, vpcId)
  const securityGroups = request.SecurityGroups?.length
    ? await checkedGroups(tx, region, request.SecurityGroups, vpcId, ports)
    : [await defaultGroup(tx, region, vpcId)]
  return { vpcId, subnets, securityGroups }
}

/** Zones stand for the default VPC's subnets in them. */
async function requestedSubnets(
  tx: Transaction,
  region: string,
  { AvailabilityZones: zones = [], Subnets: ids = [] }: NetworkRequest,
  ports: ElbPorts,
): Promise<SubnetRecord[]> {
  if (zones.length > 0 && ids.length > 0) {
    throw validationError('Only one of SubnetIds or AvailabilityZones parameter may be specified')
  }
  if (zones.length > 0) return subnetsOfZones(tx, region, zones)
  if (ids.length === 0) {
    throw validationError('Either AvailabilityZones or SubnetIds must be specified')
  }
  const subnets = await findSubnets(tx, region, ids)
  checkZones(subnets, ports)
  return subnets
}

/**
 * The model's InvalidSubnet: "The specified VPC has no associated Internet gateway." A route to it is not asked for, as clients make
 * routes after the load balancer.
 */
async function checkInternetGateway(tx: Transaction, region: string, vpcId: string): Promise<void> {
  if (await hasInternetGateway(tx, region, vpcId)) return
  throw invalidSubnet(`VPC ${vpcId} has no internet gateway`)
}

/** Guide, "Security groups for load balancers in a VPC": it depends on whether the VPC is the default one. */
async function defaultGroup(tx: Transaction, region: string, vpcId: string): Promise<string> {
  const vpcs = await tx.list<VpcRecord>(ec2Keys.vpcs(region))
  const isDefault = vpcs.some((vpc) => vpc.vpcId === vpcId && vpc.isDefault)
  const group = isDefault
    ? await loadBalancerSecurityGroup(tx, region, vpcId)
    : await defaultSecurityGroup(tx, region, vpcId)
  return group.groupId
}
