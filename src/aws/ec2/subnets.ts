/** Subnets: CreateSubnet, DescribeSubnets, ModifySubnetAttribute, DeleteSubnet and their IPv6 ranges. */
import type {
  AssociateSubnetCidrBlockRequest,
  AssociateSubnetCidrBlockResult,
  CreateSubnetRequest,
  CreateSubnetResult,
  DeleteSubnetRequest,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DisassociateSubnetCidrBlockRequest,
  DisassociateSubnetCidrBlockResult,
  ModifySubnetAttributeRequest,
  Subnet,
  Tag,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { countFree, usedAddresses } from './addresses.ts'
import { containsCidr, formatCidr, overlap, parseCidr, storedCidr } from './cidr.ts'
import { describe } from './describing.ts'
import { dependencyViolation, invalidParameter, invalidValue, needParameter } from './errors.ts'
import type { FilterFields } from './filters.ts'
import { newId } from './ids.ts'
import type { Action, Scope } from './operation.ts'
import type { SubnetRecord, VpcRecord } from './records.ts'
import { zoneId, zonesOf } from './region.ts'
import { all, kinds, need, type Place, remove, save } from './resources.ts'
import { tagNew } from './tags.ts'
import { foundSubnet } from './vpc-foundation.ts'
import { subnetIpv6AssociationId, viewSubnet, viewSubnetIpv6Association } from './vpc-view.ts'

/** Sizes that AWS allows for a subnet. */
const minPrefix = 16
const maxPrefix = 28

export const createSubnet: Action<CreateSubnetRequest, CreateSubnetResult> = async (
  input,
  scope,
) => {
  const vpc = await need(scope, kinds.vpc, input.VpcId)
  const subnet: SubnetRecord = {
    subnetId: newId('subnet'),
    vpcId: vpc.vpcId,
    zone: zoneOf(input, scope.region),
    cidrBlock: await freeRange(scope, vpc, needParameter(input.CidrBlock, 'cidrBlock')),
    ipv6CidrBlock:
      input.Ipv6CidrBlock === undefined
        ? null
        : await freeIpv6Range(scope, vpc, input.Ipv6CidrBlock),
    defaultForAz: false,
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: false,
  }
  await foundSubnet(scope, subnet)
  const tags = await tagNew(scope, kinds.subnet.type, subnet.subnetId, input.TagSpecifications)
  return { Subnet: await view(scope, subnet, tags) }
}

export const describeSubnets: Action<DescribeSubnetsRequest, DescribeSubnetsResult> = async (
  input,
  scope,
) => {
  const described = await describe(
    scope,
    kinds.subnet,
    input.SubnetIds,
    input,
    subnetFilters(scope),
  )
  const views = described.records.map((subnet) => view(scope, subnet, described.tagsOf(subnet)))
  return { Subnets: await Promise.all(views), NextToken: described.nextToken }
}

export const deleteSubnet: Action<DeleteSubnetRequest, object> = async ({ SubnetId }, scope) => {
  const { subnetId } = await need(scope, kinds.subnet, SubnetId)
  const interfaces = await all(scope, kinds.networkInterface)
  if (interfaces.some((each) => each.subnetId === subnetId)) {
    throw dependencyViolation(`The subnet '${subnetId}' has dependencies and cannot be deleted.`)
  }
  await leaveTablesAndAcls(scope, subnetId)
  remove(scope, kinds.subnet, subnetId)
  return {}
}

export const modifySubnetAttribute: Action<ModifySubnetAttributeRequest, object> = async (
  input,
  scope,
) => {
  const subnet = await need(scope, kinds.subnet, input.SubnetId)
  const { SubnetId: _id, MapPublicIpOnLaunch, AssignIpv6AddressOnCreation, ...others } = input
  const asked = Object.entries(others).find(([, value]) => isSwitchedOn(value))
  if (asked !== undefined) {
    throw new ApiError('UnsupportedOperation', `Subnets do not have ${asked[0]}.`)
  }
  save(scope, kinds.subnet, {
    ...subnet,
    mapPublicIpOnLaunch: MapPublicIpOnLaunch?.Value ?? subnet.mapPublicIpOnLaunch,
    assignIpv6AddressOnCreation:
      AssignIpv6AddressOnCreation?.Value ?? subnet.assignIpv6AddressOnCreation,
  })
  return {}
}

export const associateSubnetCidrBlock: Action<
  AssociateSubnetCidrBlockRequest,
  AssociateSubnetCidrBlockResult
> = async (input, scope) => {
  const subnet = await need(scope, kinds.subnet, input.SubnetId)
  const vpc = await need(scope, kinds.vpc, subnet.vpcId)
  if (subnet.ipv6CidrBlock !== null) {
    const message = `The subnet '${subnet.subnetId}' already has an IPv6 range.`
    throw new ApiError('InvalidSubnet.Conflict', message)
  }
  const range = needParameter(input.Ipv6CidrBlock, 'ipv6CidrBlock')
  const changed = { ...subnet, ipv6CidrBlock: await freeIpv6Range(scope, vpc, range) }
  save(scope, kinds.subnet, changed)
  return {
    SubnetId: subnet.subnetId,
    Ipv6CidrBlockAssociation: viewSubnetIpv6Association(changed),
  }
}

export const disassociateSubnetCidrBlock: Action<
  DisassociateSubnetCidrBlockRequest,
  DisassociateSubnetCidrBlockResult
> = async ({ AssociationId }, scope) => {
  const subnets = await all(scope, kinds.subnet)
  const subnet = subnets.find(
    (each) => each.ipv6CidrBlock !== null && subnetIpv6AssociationId(each) === AssociationId,
  )
  if (subnet === undefined) {
    const message = `The subnet CIDR block association ID '${AssociationId}' does not exist`
    throw new ApiError('InvalidSubnetCidrBlockAssociationID.NotFound', message)
  }
  const interfaces = await all(scope, kinds.networkInterface)
  if (interfaces.some((each) => each.subnetId === subnet.subnetId && each.ipv6Address !== null)) {
    throw dependencyViolation(`The IPv6 range of '${subnet.subnetId}' is in use.`)
  }
  save(scope, kinds.subnet, { ...subnet, ipv6CidrBlock: null })
  return {
    SubnetId: subnet.subnetId,
    Ipv6CidrBlockAssociation: viewSubnetIpv6Association(subnet, 'disassociating'),
  }
}

async function view(scope: Scope, subnet: SubnetRecord, tags: Tag[]): Promise<Subnet> {
  const used = await usedAddresses(scope, subnet.vpcId)
  return viewSubnet(subnet, countFree(subnet, used), tags, scope)
}

function zoneOf(
  { AvailabilityZone: zone, AvailabilityZoneId: id }: CreateSubnetRequest,
  region: string,
): string {
  const zones = zonesOf(region)
  const found =
    zone === undefined && id === undefined
      ? zones[0]
      : zones.find((each) => each === zone || zoneId(region, each) === id)
  if (found === undefined) {
    const given = zone ?? id
    const message = `Value (${given}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`
    throw invalidValue(message)
  }
  return found
}

async function freeRange(at: Place, vpc: VpcRecord, text: string): Promise<string> {
  const cidr = parseCidr(text, 32)
  if (cidr === undefined) {
    throw invalidParameter(text, 'cidrBlock', 'This is not a valid CIDR block.')
  }
  const allowed = cidr.prefix >= minPrefix && cidr.prefix <= maxPrefix
  if (!allowed || !containsCidr(storedCidr(vpc.cidrBlock), cidr)) throw outOfRange(text)
  const taken = (await subnetsOf(at, vpc)).map(({ cidrBlock }) => storedCidr(cidrBlock))
  if (taken.some((each) => overlap(each, cidr))) throw conflict(text)
  return formatCidr(cidr)
}

async function freeIpv6Range(at: Place, vpc: VpcRecord, text: string): Promise<string> {
  const cidr = parseCidr(text, 128)
  const outer = vpc.ipv6CidrBlock === null ? undefined : storedCidr(vpc.ipv6CidrBlock)
  const fits = cidr?.prefix === 64 && outer !== undefined && containsCidr(outer, cidr)
  if (cidr === undefined || !fits) throw outOfRange(text)
  const range = formatCidr(cidr)
  if ((await subnetsOf(at, vpc)).some(({ ipv6CidrBlock }) => ipv6CidrBlock === range)) {
    throw conflict(text)
  }
  return range
}

async function subnetsOf(at: Place, vpc: VpcRecord): Promise<SubnetRecord[]> {
  const subnets = await all(at, kinds.subnet)
  return subnets.filter(({ vpcId }) => vpcId === vpc.vpcId)
}

function outOfRange(range: string): ApiError {
  return new ApiError('InvalidSubnet.Range', `The CIDR '${range}' is invalid.`)
}

function conflict(range: string): ApiError {
  return new ApiError('InvalidSubnet.Conflict', `The CIDR '${range}' conflicts with another subnet`)
}

function isSwitchedOn(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined
  return !('Value' in value && value.Value === false)
}

async function leaveTablesAndAcls(at: Place, subnetId: string): Promise<void> {
  const isOther = (association: { readonly subnetId: string | null }): boolean =>
    association.subnetId !== subnetId
  for (const table of await all(at, kinds.routeTable)) {
    const associations = table.associations.filter(isOther)
    if (associations.length < table.associations.length) {
      save(at, kinds.routeTable, { ...table, associations })
    }
  }
  for (const acl of await all(at, kinds.networkAcl)) {
    const associations = acl.associations.filter(isOther)
    if (associations.length < acl.associations.length) {
      save(at, kinds.networkAcl, { ...acl, associations })
    }
  }
}

function subnetFilters(scope: Scope): FilterFields<SubnetRecord> {
  const cidr = (subnet: SubnetRecord): string => subnet.cidrBlock
  return {
    'availability-zone': (subnet) => subnet.zone,
    'availability-zone-id': (subnet) => zoneId(scope.region, subnet.zone),
    cidr,
    'cidr-block': cidr,
    'default-for-az': (subnet) => subnet.defaultForAz,
    'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) => subnet.ipv6CidrBlock,
    'ipv6-cidr-block-association.association-id': (subnet) =>
      subnet.ipv6CidrBlock === null ? null : subnetIpv6AssociationId(subnet),
    'map-public-ip-on-launch': (subnet) => subnet.mapPublicIpOnLaunch,
    'owner-id': () => scope.accountId,
    state: () => 'available',
    'subnet-arn': (subnet) =>
      `arn:aws:ec2:${scope.region}:${scope.accountId}:subnet/${subnet.subnetId}`,
    'subnet-id': (subnet) => subnet.subnetId,
    'vpc-id': (subnet) => subnet.vpcId,
  }
}
