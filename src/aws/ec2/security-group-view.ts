/** Security groups and their rules as the API writes them. */
import type { IpPermission, SecurityGroup, SecurityGroupRule, Tag } from '@aws-sdk/client-ec2'
import { classicLoadBalancerGroup } from './ec2-classic.ts'
import type { SecurityGroupRule as Rule, SecurityGroupRecord } from './records.ts'
import type { OwnedRule } from './security-group-filters.ts'

export interface Owner {
  readonly region: string
  readonly accountId: string
}

export function viewSecurityGroup(
  group: SecurityGroupRecord,
  tags: Tag[],
  owner: Owner,
): SecurityGroup {
  return {
    GroupId: group.groupId,
    GroupName: group.groupName,
    Description: group.description,
    VpcId: group.vpcId,
    OwnerId: owner.accountId,
    SecurityGroupArn: securityGroupArn(group, owner),
    IpPermissions: viewPermissions(group.ingress, owner.accountId),
    IpPermissionsEgress: viewPermissions(group.egress, owner.accountId),
    Tags: tags,
  }
}

export function securityGroupArn({ groupId }: SecurityGroupRecord, owner: Owner): string {
  return `arn:aws:ec2:${owner.region}:${owner.accountId}:security-group/${groupId}`
}

export function viewRule(
  { group, rule, isEgress }: OwnedRule,
  tags: Tag[],
  owner: Owner,
): SecurityGroupRule {
  const { source } = rule
  return {
    SecurityGroupRuleId: rule.ruleId,
    SecurityGroupRuleArn: `arn:aws:ec2:${owner.region}:${owner.accountId}:security-group-rule/${rule.ruleId}`,
    GroupId: group.groupId,
    GroupOwnerId: owner.accountId,
    IsEgress: isEgress,
    IpProtocol: rule.protocol,
    // A rule for all ports of a protocol has -1 here, and no port at all in `IpPermissions`.
    FromPort: rule.fromPort ?? -1,
    ToPort: rule.toPort ?? -1,
    CidrIpv4: source.kind === 'ipv4' ? source.value : undefined,
    CidrIpv6: source.kind === 'ipv6' ? source.value : undefined,
    PrefixListId: source.kind === 'prefix-list' ? source.value : undefined,
    ReferencedGroupInfo:
      source.kind === 'group'
        ? { GroupId: source.groupId, UserId: source.ownerId ?? owner.accountId }
        : undefined,
    Description: rule.description ?? undefined,
    Tags: tags,
  }
}

/** One permission for all rules of the same protocol and ports. */
function viewPermissions(rules: readonly Rule[], accountId: string): IpPermission[] {
  const byTraffic = Map.groupBy(
    rules,
    ({ protocol, fromPort, toPort }) => `${protocol} ${fromPort} ${toPort}`,
  )
  return [...byTraffic.values()].map((same) => ({
    IpProtocol: same[0]?.protocol,
    FromPort: same[0]?.fromPort ?? undefined,
    ToPort: same[0]?.toPort ?? undefined,
    IpRanges: ranges(same, 'ipv4', (CidrIp, Description) => ({ CidrIp, Description })),
    Ipv6Ranges: ranges(same, 'ipv6', (CidrIpv6, Description) => ({ CidrIpv6, Description })),
    PrefixListIds: ranges(same, 'prefix-list', (PrefixListId, Description) => ({
      PrefixListId,
      Description,
    })),
    UserIdGroupPairs: groupPairs(same, accountId),
  }))
}

function ranges<T>(
  rules: readonly Rule[],
  kind: 'ipv4' | 'ipv6' | 'prefix-list',
  write: (value: string, description: string | undefined) => T,
): T[] {
  return rules.flatMap(({ source, description }) =>
    source.kind === kind ? [write(source.value, description ?? undefined)] : [],
  )
}

function groupPairs(
  rules: readonly Rule[],
  accountId: string,
): NonNullable<IpPermission['UserIdGroupPairs']> {
  return rules.flatMap(({ source, description }) => {
    if (source.kind !== 'group') return []
    const isClassic = source.ownerId === classicLoadBalancerGroup.ownerId
    return [
      {
        GroupId: source.groupId,
        GroupName: isClassic ? classicLoadBalancerGroup.groupName : undefined,
        UserId: source.ownerId ?? accountId,
        Description: description ?? undefined,
      },
    ]
  })
}
