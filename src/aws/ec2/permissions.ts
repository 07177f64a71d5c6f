/** Permissions as requests give them (`IpPermissions`, or flat parameters), taken apart into single rules. */
import type { IpPermission, UserIdGroupPair } from '@aws-sdk/client-ec2'
import { formatCidr, parseCidr } from './cidr.ts'
import { classicLoadBalancerGroup } from './ec2-classic.ts'
import { invalidValue, missingParameter } from './errors.ts'
import type { Scope } from './operation.ts'
import type { SecurityGroupRecord, SecurityGroupRule } from './records.ts'
import { needGroup } from './security-groups.ts'

/** A rule before it has an id. */
export type Permission = Omit<SecurityGroupRule, 'ruleId'>

const protocolNames: Readonly<Record<string, string>> = {
  all: '-1',
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
}

const namedProtocols = ['-1', 'tcp', 'udp', 'icmp', 'icmpv6']

/** The parameters of Authorize and Revoke that are older than `IpPermissions`. */
export interface PermissionRequest {
  readonly IpPermissions?: readonly IpPermission[] | undefined
  readonly IpProtocol?: string | undefined
  readonly FromPort?: number | undefined
  readonly ToPort?: number | undefined
  readonly CidrIp?: string | undefined
  readonly SourceSecurityGroupName?: string | undefined
  readonly SourceSecurityGroupOwnerId?: string | undefined
}

/**
 * The single rules that a request asks for, in the words of `group`.
 * @throws ApiError InvalidParameterValue, MissingParameter, InvalidGroup.NotFound
 */
export async function permissionsOf(
  request: PermissionRequest,
  group: SecurityGroupRecord,
  scope: Scope,
): Promise<Permission[]> {
  const given = [...(request.IpPermissions ?? []), ...flatPermissions(request)]
  if (given.length === 0) throw missingParameter('ipPermissions')
  const parts = given.map((permission) => takeApart(permission, group, scope))
  return (await Promise.all(parts)).flat()
}

export function isSamePermission(a: Permission, b: Permission): boolean {
  return (
    a.protocol === b.protocol &&
    a.fromPort === b.fromPort &&
    a.toPort === b.toPort &&
    sourceText(a.source) === sourceText(b.source)
  )
}

/** The range, prefix list or group that a rule is about. */
export function sourceText(source: SecurityGroupRule['source']): string {
  return source.kind === 'group' ? source.groupId : source.value
}

function flatPermissions(request: PermissionRequest): IpPermission[] {
  const { CidrIp, SourceSecurityGroupName: name, SourceSecurityGroupOwnerId: owner } = request
  if (CidrIp === undefined && name === undefined) return []
  const peers = {
    IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
    UserIdGroupPairs: name === undefined ? [] : [{ GroupName: name, UserId: owner }],
  }
  if (request.IpProtocol === undefined && name !== undefined) {
    return allPortsOfAllProtocols.map((ports) => ({ ...ports, ...peers }))
  }
  const { IpProtocol, FromPort, ToPort } = request
  return [{ IpProtocol, FromPort, ToPort, ...peers }]
}

/** What a source group without a protocol stands for: the guide shows these three. */
const allPortsOfAllProtocols = [
  { IpProtocol: 'icmp', FromPort: -1, ToPort: -1 },
  { IpProtocol: 'tcp', FromPort: 1, ToPort: 65535 },
  { IpProtocol: 'udp', FromPort: 1, ToPort: 65535 },
]

async function takeApart(
  permission: IpPermission,
  group: SecurityGroupRecord,
  scope: Scope,
): Promise<Permission[]> {
  const traffic = trafficOf(permission)
  const rules: Permission[] = []
  const add = (source: SecurityGroupRule['source'], description: string | undefined): void => {
    rules.push({ ...traffic, source, description: description ?? null })
  }
  for (const { CidrIp = '', Description } of permission.IpRanges ?? []) {
    add({ kind: 'ipv4', value: canonical(CidrIp, 32) }, Description)
  }
  for (const { CidrIpv6 = '', Description } of permission.Ipv6Ranges ?? []) {
    add({ kind: 'ipv6', value: canonical(CidrIpv6, 128) }, Description)
  }
  for (const { PrefixListId = '', Description } of permission.PrefixListIds ?? []) {
    add({ kind: 'prefix-list', value: PrefixListId }, Description)
  }
  for (const pair of permission.UserIdGroupPairs ?? []) {
    add(await groupSource(pair, group, scope), pair.Description)
  }
  if (rules.length === 0) {
    throw missingParameter('ipRanges, ipv6Ranges, prefixListIds or groups of a permission')
  }
  return rules
}

function trafficOf({
  IpProtocol = '',
  FromPort,
  ToPort,
}: IpPermission): Pick<Permission, 'protocol' | 'fromPort' | 'toPort'> {
  const protocol = protocolOf(IpProtocol)
  switch (protocol) {
    case 'tcp':
    case 'udp':
      return { protocol, ...portRange(protocol, FromPort, ToPort) }
    case 'icmp':
    case 'icmpv6':
      return { protocol, fromPort: FromPort ?? -1, toPort: ToPort ?? -1 }
    default:
      return { protocol, fromPort: null, toPort: null }
  }
}

function protocolOf(given: string): string {
  const lower = given.toLowerCase()
  const protocol = protocolNames[lower] ?? lower
  const isNumber = /^\d{1,3}$/.test(protocol) && Number(protocol) <= 255
  if (!isNumber && !namedProtocols.includes(protocol)) {
    throw invalidValue(`Invalid value '${given}' for IP protocol. Unknown protocol.`)
  }
  return protocol
}

function portRange(
  protocol: string,
  from: number | undefined,
  to: number | undefined,
): { fromPort: number; toPort: number } {
  if (from === undefined || to === undefined) {
    const because = 'Must specify both from and to ports with TCP/UDP.'
    throw invalidValue(`Invalid value '${because}' for portRange.`)
  }
  const whole = from === -1 && to === -1
  const [fromPort, toPort] = whole ? [0, 65535] : [from, to]
  if (fromPort < 0 || toPort > 65535 || fromPort > toPort) {
    throw invalidValue(`Invalid ${protocol.toUpperCase()} port range (${from}:${to})`)
  }
  return { fromPort, toPort }
}

function canonical(text: string, bits: 32 | 128): string {
  const cidr = parseCidr(text, bits)
  if (cidr === undefined) throw invalidValue(`CIDR block ${text} is malformed`)
  return formatCidr(cidr)
}

async function groupSource(
  pair: UserIdGroupPair,
  group: SecurityGroupRecord,
  scope: Scope,
): Promise<SecurityGroupRule['source']> {
  if (isClassicLoadBalancerGroup(pair)) {
    const { groupId, ownerId } = classicLoadBalancerGroup
    return { kind: 'group', groupId, ownerId }
  }
  const { groupId } = await needGroup(scope, pair, group.vpcId)
  return { kind: 'group', groupId, ownerId: null }
}

function isClassicLoadBalancerGroup({ UserId, GroupId, GroupName }: UserIdGroupPair): boolean {
  const { ownerId, groupId, groupName } = classicLoadBalancerGroup
  return GroupId === groupId || (UserId === ownerId && GroupName === groupName)
}
