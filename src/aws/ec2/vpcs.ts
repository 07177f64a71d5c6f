/** VPCs: CreateVpc, DescribeVpcs, DeleteVpc, their attributes and their IPv6 ranges. */

import { randomBytes } from 'node:crypto'
import type {
  AssociateVpcCidrBlockRequest,
  AssociateVpcCidrBlockResult,
  CreateVpcRequest,
  CreateVpcResult,
  DeleteVpcRequest,
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult,
  ModifyVpcAttributeRequest,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { type Cidr, formatCidr, parseCidr } from './cidr.ts'
import { describe } from './describing.ts'
import { dependencyViolation, invalidParameter, invalidValue, needParameter } from './errors.ts'
import type { FilterFields } from './filters.ts'
import { derivedId, newId } from './ids.ts'
import type { Action } from './operation.ts'
import type { RouteTableRecord, VpcRecord } from './records.ts'
import { all, kinds, need, type Place, remove, save } from './resources.ts'
import { tagNew } from './tags.ts'
import { foundVpc, isMain, localRoutes } from './vpc-foundation.ts'
import { ipv6AssociationId, viewIpv6Association, viewVpc } from './vpc-view.ts'

/** Sizes that AWS allows for a VPC and for its subnets. */
const minPrefix = 16
const maxPrefix = 28

export const createVpc: Action<CreateVpcRequest, CreateVpcResult> = async (input, scope) => {
  const vpc: VpcRecord = {
    vpcId: newId('vpc'),
    cidrBlock: formatCidr(vpcRange(needParameter(input.CidrBlock, 'cidrBlock'))),
    ipv6CidrBlock: ipv6RangeOf(input),
    isDefault: false,
    enableDnsSupport: true,
    enableDnsHostnames: false,
  }
  foundVpc(scope, vpc)
  const tags = await tagNew(scope, kinds.vpc.type, vpc.vpcId, input.TagSpecifications)
  return { Vpc: viewVpc(vpc, tags, scope.accountId) }
}

export const describeVpcs: Action<DescribeVpcsRequest, DescribeVpcsResult> = async (
  input,
  scope,
) => {
  const fields = vpcFilters(scope.accountId)
  const { records, tagsOf, nextToken } = await describe(
    scope,
    kinds.vpc,
    input.VpcIds,
    input,
    fields,
  )
  return {
    Vpcs: records.map((vpc) => viewVpc(vpc, tagsOf(vpc), scope.accountId)),
    NextToken: nextToken,
  }
}

/** A VPC goes with its foundation, once everything else in it is gone. */
export const deleteVpc: Action<DeleteVpcRequest, object> = async ({ VpcId }, scope) => {
  const { vpcId } = await need(scope, kinds.vpc, VpcId)
  const within = <R extends { readonly vpcId: string }>(records: readonly R[]): R[] =>
    records.filter((record) => record.vpcId === vpcId)
  const tables = within(await all(scope, kinds.routeTable))
  const acls = within(await all(scope, kinds.networkAcl))
  const groups = within(await all(scope, kinds.securityGroup))
  const gateways = await all(scope, kinds.internetGateway)
  const isInUse =
    within(await all(scope, kinds.subnet)).length > 0 ||
    within(await all(scope, kinds.networkInterface)).length > 0 ||
    gateways.some(({ attachedVpcId }) => attachedVpcId === vpcId) ||
    tables.some((table) => !isMain(table)) ||
    acls.some(({ isDefault }) => !isDefault) ||
    groups.some(({ groupName }) => groupName !== 'default')
  if (isInUse) {
    throw dependencyViolation(`The vpc '${vpcId}' has dependencies and cannot be deleted.`)
  }
  for (const { routeTableId } of tables) remove(scope, kinds.routeTable, routeTableId)
  for (const { networkAclId } of acls) remove(scope, kinds.networkAcl, networkAclId)
  for (const { groupId } of groups) remove(scope, kinds.securityGroup, groupId)
  remove(scope, kinds.vpc, vpcId)
  return {}
}

export const describeVpcAttribute: Action<
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult
> = async ({ VpcId, Attribute }, scope) => {
  const vpc = await need(scope, kinds.vpc, VpcId)
  switch (Attribute) {
    case 'enableDnsSupport':
      return { VpcId: vpc.vpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } }
    case 'enableDnsHostnames':
      return { VpcId: vpc.vpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } }
    case 'enableNetworkAddressUsageMetrics':
      return { VpcId: vpc.vpcId, EnableNetworkAddressUsageMetrics: { Value: false } }
    default:
      throw invalidParameter(Attribute, 'attribute')
  }
}

export const modifyVpcAttribute: Action<ModifyVpcAttributeRequest, object> = async (
  input,
  scope,
) => {
  const vpc = await need(scope, kinds.vpc, input.VpcId)
  if (input.EnableNetworkAddressUsageMetrics?.Value === true) {
    throw new ApiError('UnsupportedOperation', 'Network address usage metrics are not kept.')
  }
  save(scope, kinds.vpc, {
    ...vpc,
    enableDnsSupport: input.EnableDnsSupport?.Value ?? vpc.enableDnsSupport,
    enableDnsHostnames: input.EnableDnsHostnames?.Value ?? vpc.enableDnsHostnames,
  })
  return {}
}

/** Only IPv6: a VPC keeps the one IPv4 range that it was made with. */
export const associateVpcCidrBlock: Action<
  AssociateVpcCidrBlockRequest,
  AssociateVpcCidrBlockResult
> = async (input, scope) => {
  const vpc = await need(scope, kinds.vpc, input.VpcId)
  const ipv6CidrBlock = ipv6RangeOf(input)
  if (ipv6CidrBlock === null) {
    throw new ApiError('CidrBlockLimitExceeded', `The VPC '${vpc.vpcId}' has one IPv4 range.`)
  }
  if (vpc.ipv6CidrBlock !== null) {
    throw new ApiError('CidrBlockLimitExceeded', `The VPC '${vpc.vpcId}' has an IPv6 range.`)
  }
  const changed = { ...vpc, ipv6CidrBlock }
  save(scope, kinds.vpc, changed)
  await setLocalRoutes(scope, changed)
  return { VpcId: vpc.vpcId, Ipv6CidrBlockAssociation: viewIpv6Association(changed) }
}

export const disassociateVpcCidrBlock: Action<
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult
> = async ({ AssociationId }, scope) => {
  const vpcs = await all(scope, kinds.vpc)
  const vpc = vpcs.find(
    (each) => each.ipv6CidrBlock !== null && ipv6AssociationId(each) === AssociationId,
  )
  if (vpc === undefined) {
    const message = `The vpc CIDR block association ID '${AssociationId}' does not exist`
    throw new ApiError('InvalidVpcCidrBlockAssociationID.NotFound', message)
  }
  const subnets = await all(scope, kinds.subnet)
  if (subnets.some(({ vpcId, ipv6CidrBlock }) => vpcId === vpc.vpcId && ipv6CidrBlock !== null)) {
    throw dependencyViolation(`The IPv6 range of '${vpc.vpcId}' is used by a subnet.`)
  }
  const changed = { ...vpc, ipv6CidrBlock: null }
  save(scope, kinds.vpc, changed)
  await setLocalRoutes(scope, changed)
  return { VpcId: vpc.vpcId, Ipv6CidrBlockAssociation: viewIpv6Association(vpc, 'disassociating') }
}

async function setLocalRoutes(at: Place, vpc: VpcRecord): Promise<void> {
  for (const table of await all(at, kinds.routeTable)) {
    if (table.vpcId !== vpc.vpcId) continue
    const others: RouteTableRecord['routes'] = table.routes.filter(
      ({ target }) => target.kind !== 'local',
    )
    save(at, kinds.routeTable, { ...table, routes: [...localRoutes(vpc), ...others] })
  }
}

function vpcRange(text: string): Cidr {
  const cidr = parseCidr(text, 32)
  if (cidr === undefined) {
    throw invalidParameter(text, 'cidrBlock', 'This is not a valid CIDR block.')
  }
  if (cidr.prefix < minPrefix || cidr.prefix > maxPrefix) {
    throw new ApiError('InvalidVpc.Range', `The CIDR '${text}' is invalid.`)
  }
  return cidr
}

/** The range as given, or with `AmazonProvidedIpv6CidrBlock` a random /56 of unique local addresses (RFC 4193). */
function ipv6RangeOf(input: {
  readonly Ipv6CidrBlock?: string | undefined
  readonly AmazonProvidedIpv6CidrBlock?: boolean | undefined
}): string | null {
  if (input.Ipv6CidrBlock !== undefined) {
    const cidr = parseCidr(input.Ipv6CidrBlock, 128)
    if (cidr === undefined || cidr.prefix > 64) {
      throw invalidValue(`The CIDR '${input.Ipv6CidrBlock}' is not an IPv6 range of up to /64.`)
    }
    return formatCidr(cidr)
  }
  if (input.AmazonProvidedIpv6CidrBlock !== true) return null
  const network = (0xfdn << 48n) | BigInt(`0x${randomBytes(6).toString('hex')}`)
  return formatCidr({ bits: 128, base: network << 72n, prefix: 56 })
}

function vpcFilters(accountId: string): FilterFields<VpcRecord> {
  return {
    cidr: (vpc) => vpc.cidrBlock,
    'cidr-block': (vpc) => vpc.cidrBlock,
    'cidr-block-association.cidr-block': (vpc) => vpc.cidrBlock,
    'cidr-block-association.association-id': (vpc) => derivedId('vpc-cidr-assoc', vpc.vpcId),
    'cidr-block-association.state': () => 'associated',
    'dhcp-options-id': () => 'default',
    'ipv6-cidr-block-association.ipv6-cidr-block': (vpc) => vpc.ipv6CidrBlock,
    'ipv6-cidr-block-association.association-id': (vpc) =>
      vpc.ipv6CidrBlock === null ? null : ipv6AssociationId(vpc),
    'ipv6-cidr-block-association.state': (vpc) =>
      vpc.ipv6CidrBlock === null ? null : 'associated',
    'is-default': (vpc) => vpc.isDefault,
    'owner-id': () => accountId,
    state: () => 'available',
    'vpc-id': (vpc) => vpc.vpcId,
  }
}
