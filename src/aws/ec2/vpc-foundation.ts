/** What every VPC has from its birth: a main route table, a default network ACL and a default security group. */
import { newId } from './ids.ts'
import type {
  NetworkAclEntryRecord,
  NetworkAclRecord,
  RouteTableRecord,
  SecurityGroupRecord,
  SecurityGroupRule,
  SubnetRecord,
  VpcRecord,
} from './records.ts'
import { all, kinds, type Place, save } from './resources.ts'

/** Stores the VPC and its foundation. @returns the main route table, for the caller to add routes. */
export function foundVpc(at: Place, vpc: VpcRecord): RouteTableRecord {
  const mainTable = mainRouteTable(vpc)
  save(at, kinds.vpc, vpc)
  save(at, kinds.routeTable, mainTable)
  save(at, kinds.networkAcl, defaultNetworkAcl(vpc))
  save(at, kinds.securityGroup, defaultGroup(vpc))
  return mainTable
}

/** Stores a subnet and puts it under its VPC's default network ACL. */
export async function foundSubnet(at: Place, subnet: SubnetRecord): Promise<void> {
  save(at, kinds.subnet, subnet)
  const acls = await all(at, kinds.networkAcl)
  const acl = acls.find(({ isDefault, vpcId }) => isDefault && vpcId === subnet.vpcId)
  if (acl === undefined) throw new Error(`VPC ${subnet.vpcId} has no default network ACL`)
  const association = { associationId: newId('aclassoc'), subnetId: subnet.subnetId }
  save(at, kinds.networkAcl, { ...acl, associations: [...acl.associations, association] })
}

/** The routes that keep traffic within the VPC; they cannot be removed. */
export function localRoutes(vpc: VpcRecord): RouteTableRecord['routes'] {
  const ranges = [vpc.cidrBlock, vpc.ipv6CidrBlock].filter((range) => range !== null)
  return ranges.map((destination) => ({ destination, target: { kind: 'local', id: 'local' } }))
}

/** Whether it is its VPC's main table: it serves every subnet without a table of its own. */
export function isMain(table: RouteTableRecord): boolean {
  return table.associations.some(({ subnetId }) => subnetId === null)
}

export function allTraffic(value: string): SecurityGroupRule {
  return {
    ruleId: newId('sgr'),
    protocol: '-1',
    fromPort: null,
    toPort: null,
    description: null,
    source: { kind: value.includes(':') ? 'ipv6' : 'ipv4', value },
  }
}

function mainRouteTable(vpc: VpcRecord): RouteTableRecord {
  return {
    routeTableId: newId('rtb'),
    vpcId: vpc.vpcId,
    routes: localRoutes(vpc),
    associations: [{ associationId: newId('rtbassoc'), subnetId: null }],
  }
}

function defaultNetworkAcl(vpc: VpcRecord): NetworkAclRecord {
  const allowAll: Omit<NetworkAclEntryRecord, 'egress'> = {
    ruleNumber: 100,
    action: 'allow',
    protocol: '-1',
    cidrBlock: '0.0.0.0/0',
    ipv6CidrBlock: null,
    portRange: null,
    icmp: null,
  }
  return {
    networkAclId: newId('acl'),
    vpcId: vpc.vpcId,
    isDefault: true,
    entries: [
      { ...allowAll, egress: false },
      { ...allowAll, egress: true },
    ],
    associations: [],
  }
}

function defaultGroup(vpc: VpcRecord): SecurityGroupRecord {
  const groupId = newId('sg')
  const fromItself: SecurityGroupRule = {
    ruleId: newId('sgr'),
    protocol: '-1',
    fromPort: null,
    toPort: null,
    description: null,
    source: { kind: 'group', groupId, ownerId: null },
  }
  return {
    groupId,
    groupName: 'default',
    description: 'default VPC security group',
    vpcId: vpc.vpcId,
    ingress: [fromItself],
    egress: [allTraffic('0.0.0.0/0')],
  }
}
