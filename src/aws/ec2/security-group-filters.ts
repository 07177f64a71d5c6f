/** Filters of DescribeSecurityGroups and DescribeSecurityGroupRules. */
import type { FilterFields, FilterValue } from './filters.ts'
import type { SecurityGroupRecord, SecurityGroupRule } from './records.ts'

export function securityGroupFilters(accountId: string): FilterFields<SecurityGroupRecord> {
  return {
    description: (group) => group.description,
    'group-id': (group) => group.groupId,
    'group-name': (group) => group.groupName,
    'owner-id': () => accountId,
    'vpc-id': (group) => group.vpcId,
    ...permissionFilters('ip-permission', accountId, (group) => group.ingress),
    ...permissionFilters('egress.ip-permission', accountId, (group) => group.egress),
  }
}

/** A rule together with the group that it is of. */
export interface OwnedRule {
  readonly group: SecurityGroupRecord
  readonly rule: SecurityGroupRule
  readonly isEgress: boolean
}

export const ruleFilters: FilterFields<OwnedRule> = {
  'group-id': ({ group }) => group.groupId,
  'security-group-rule-id': ({ rule }) => rule.ruleId,
}

function permissionFilters(
  prefix: string,
  accountId: string,
  rulesOf: (group: SecurityGroupRecord) => readonly SecurityGroupRule[],
): FilterFields<SecurityGroupRecord> {
  const ofRules =
    (value: (rule: SecurityGroupRule) => string | number | null) =>
    (group: SecurityGroupRecord): FilterValue =>
      rulesOf(group).map(value)
  return {
    [`${prefix}.cidr`]: ofRules((rule) => rangeOf(rule, 'ipv4')),
    [`${prefix}.ipv6-cidr`]: ofRules((rule) => rangeOf(rule, 'ipv6')),
    [`${prefix}.prefix-list-id`]: ofRules((rule) => rangeOf(rule, 'prefix-list')),
    [`${prefix}.from-port`]: ofRules((rule) => rule.fromPort),
    [`${prefix}.to-port`]: ofRules((rule) => rule.toPort),
    [`${prefix}.protocol`]: ofRules((rule) => rule.protocol),
    [`${prefix}.group-id`]: ofRules(({ source }) =>
      source.kind === 'group' ? source.groupId : null,
    ),
    [`${prefix}.user-id`]: ofRules(({ source }) =>
      source.kind === 'group' ? (source.ownerId ?? accountId) : null,
    ),
  }
}

function rangeOf(
  { source }: SecurityGroupRule,
  kind: 'ipv4' | 'ipv6' | 'prefix-list',
): string | null {
  return source.kind === kind ? source.value : null
}
