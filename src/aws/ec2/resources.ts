/** The kinds of resources: how each is identified, stored, and missed. */
import type { Transaction } from '../../store/transaction.ts'
import { ApiError } from '../wire/errors.ts'
import { missingParameter } from './errors.ts'
import { isId } from './ids.ts'
import {
  ec2Keys,
  type InstanceRecord,
  type InternetGatewayRecord,
  type NetworkAclRecord,
  type NetworkInterfaceRecord,
  type RouteTableRecord,
  type SecurityGroupRecord,
  type SubnetRecord,
  type VpcRecord,
} from './records.ts'

export interface Kind<R> {
  /** `vpc` in `vpc-0123…`. */
  readonly prefix: string
  /** The resource type in tags and tag specifications. */
  readonly type: string
  /** As AWS calls it in `The NOUN 'vpc-0123…' does not exist`. */
  readonly noun: string
  /** `CODE.NotFound` and `CODE.Malformed` are its errors. */
  readonly codes: { readonly notFound: string; readonly malformed: string }
  id(record: R): string
  prefixKey(region: string): string
  key(region: string, id: string): string
}

export const kinds = {
  instance: kind<InstanceRecord>({
    prefix: 'i',
    type: 'instance',
    noun: 'instance ID',
    codes: codes('InvalidInstanceID'),
    id: (record) => record.instanceId,
    prefixKey: ec2Keys.instances,
    key: ec2Keys.instance,
  }),
  vpc: kind<VpcRecord>({
    prefix: 'vpc',
    type: 'vpc',
    noun: 'vpc ID',
    codes: codes('InvalidVpcID'),
    id: (record) => record.vpcId,
    prefixKey: ec2Keys.vpcs,
    key: ec2Keys.vpc,
  }),
  subnet: kind<SubnetRecord>({
    prefix: 'subnet',
    type: 'subnet',
    noun: 'subnet ID',
    codes: codes('InvalidSubnetID'),
    id: (record) => record.subnetId,
    prefixKey: ec2Keys.subnets,
    key: ec2Keys.subnet,
  }),
  securityGroup: kind<SecurityGroupRecord>({
    prefix: 'sg',
    type: 'security-group',
    noun: 'security group',
    codes: { notFound: 'InvalidGroup.NotFound', malformed: 'InvalidGroupId.Malformed' },
    id: (record) => record.groupId,
    prefixKey: ec2Keys.securityGroups,
    key: ec2Keys.securityGroup,
  }),
  networkInterface: kind<NetworkInterfaceRecord>({
    prefix: 'eni',
    type: 'network-interface',
    noun: 'networkInterface ID',
    codes: codes('InvalidNetworkInterfaceID'),
    id: (record) => record.networkInterfaceId,
    prefixKey: ec2Keys.networkInterfaces,
    key: ec2Keys.networkInterface,
  }),
  internetGateway: kind<InternetGatewayRecord>({
    prefix: 'igw',
    type: 'internet-gateway',
    noun: 'internetGateway ID',
    codes: codes('InvalidInternetGatewayID'),
    id: (record) => record.internetGatewayId,
    prefixKey: ec2Keys.internetGateways,
    key: ec2Keys.internetGateway,
  }),
  routeTable: kind<RouteTableRecord>({
    prefix: 'rtb',
    type: 'route-table',
    noun: 'routeTable ID',
    codes: codes('InvalidRouteTableID'),
    id: (record) => record.routeTableId,
    prefixKey: ec2Keys.routeTables,
    key: ec2Keys.routeTable,
  }),
  networkAcl: kind<NetworkAclRecord>({
    prefix: 'acl',
    type: 'network-acl',
    noun: 'networkAcl ID',
    codes: codes('InvalidNetworkAclID'),
    id: (record) => record.networkAclId,
    prefixKey: ec2Keys.networkAcls,
    key: ec2Keys.networkAcl,
  }),
}

function kind<R>(description: Kind<R>): Kind<R> {
  return description
}

function codes(code: string): Kind<unknown>['codes'] {
  return { notFound: `${code}.NotFound`, malformed: `${code}.Malformed` }
}

/** Where a resource lives: its region, seen in one transaction. */
export interface Place {
  readonly tx: Transaction
  readonly region: string
}

export async function find<R>(at: Place, kind: Kind<R>, id: string): Promise<R | undefined> {
  return isId(kind.prefix, id) ? await at.tx.get<R>(kind.key(at.region, id)) : undefined
}

/** The resource with that id. @throws ApiError `Invalid….NotFound` or `Invalid….Malformed`. */
export async function need<R>(at: Place, kind: Kind<R>, id: string | undefined): Promise<R> {
  if (id === undefined) throw missingParameter(`${kind.prefix}-id`)
  if (!isId(kind.prefix, id)) throw malformed(kind, id)
  const record = await at.tx.get<R>(kind.key(at.region, id))
  if (record === undefined) throw notFound(kind, [id])
  return record
}

/** The resources with those ids. @throws ApiError that names every missing one. */
export async function needAll<R>(at: Place, kind: Kind<R>, ids: readonly string[]): Promise<R[]> {
  const records: R[] = []
  const missing: string[] = []
  for (const id of new Set(ids)) {
    if (!isId(kind.prefix, id)) throw malformed(kind, id)
    const record = await at.tx.get<R>(kind.key(at.region, id))
    if (record === undefined) missing.push(id)
    else records.push(record)
  }
  if (missing.length > 0) throw notFound(kind, missing)
  return records
}

/** Every resource of the kind, in order of id. */
export function all<R>(at: Place, kind: Kind<R>): Promise<R[]> {
  return at.tx.list<R>(kind.prefixKey(at.region))
}

export function save<R>(at: Place, kind: Kind<R>, record: R): void {
  at.tx.put(kind.key(at.region, kind.id(record)), record)
}

/** Forgets a resource and its tags. */
export function remove(at: Place, kind: Kind<unknown>, id: string): void {
  at.tx.delete(kind.key(at.region, id))
  at.tx.delete(ec2Keys.tagsOf(at.region, id))
}

export function notFound(kind: Kind<unknown>, ids: readonly string[]): ApiError {
  const listed = ids.join(', ')
  const message =
    ids.length === 1
      ? `The ${kind.noun} '${listed}' does not exist`
      : `The ${kind.noun}s '${listed}' do not exist`
  return new ApiError(kind.codes.notFound, message)
}

function malformed(kind: Kind<unknown>, id: string): ApiError {
  const message = `Invalid id: "${id}" (expecting "${kind.prefix}-...")`
  return new ApiError(kind.codes.malformed, message)
}
