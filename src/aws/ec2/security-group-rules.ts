/** Rules of security groups: Authorize and Revoke in both directions, DescribeSecurityGroupRules. */
import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  RevokedSecurityGroupRule,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
  TagSpecification,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { select } from './describing.ts'
import { invalidValue } from './errors.ts'
import { newId } from './ids.ts'
import type { Action, Scope } from './operation.ts'
import {
  isSamePermission,
  type Permission,
  type PermissionRequest,
  permissionsOf,
  sourceText,
} from './permissions.ts'
import { ec2Keys, type SecurityGroupRecord, type SecurityGroupRule } from './records.ts'
import { all, kinds, save } from './resources.ts'
import { type OwnedRule, ruleFilters } from './security-group-filters.ts'
import { viewRule } from './security-group-view.ts'
import { type GroupName, needGroup } from './security-groups.ts'
import { tagNew } from './tags.ts'

/** The most that AWS allows on request: a group is read and written as one document. */
const maxRules = 1000

type Direction = 'ingress' | 'egress'

interface AuthorizeRequest extends GroupName, PermissionRequest {
  readonly TagSpecifications?: readonly TagSpecification[] | undefined
}

interface RevokeRequest extends GroupName, PermissionRequest {
  readonly SecurityGroupRuleIds?: readonly string[] | undefined
}

export const authorizeSecurityGroupIngress: Action<
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult
> = (input, scope) => authorize('ingress', input, scope)

export const authorizeSecurityGroupEgress: Action<
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult
> = (input, scope) => authorize('egress', input, scope)

export const revokeSecurityGroupIngress: Action<
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult
> = (input, scope) => revoke('ingress', input, scope)

export const revokeSecurityGroupEgress: Action<
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult
> = (input, scope) => revoke('egress', input, scope)

export const describeSecurityGroupRules: Action<
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult
> = async (input, scope) => {
  const groups = await all(scope, kinds.securityGroup)
  const rules = groups.flatMap((group) => [
    ...group.ingress.map((rule) => ({ group, rule, isEgress: false })),
    ...group.egress.map((rule) => ({ group, rule, isEgress: true })),
  ])
  const ids = input.SecurityGroupRuleIds ?? []
  const missing = ids.find((id) => !rules.some(({ rule }) => rule.ruleId === id))
  if (missing !== undefined) throw ruleIdNotFound(missing)
  const chosen = ids.length === 0 ? rules : rules.filter(({ rule }) => ids.includes(rule.ruleId))
  const { records, tagsOf, nextToken } = await select(scope, ownedRule, chosen, input, ruleFilters)
  return {
    SecurityGroupRules: records.map((owned) => viewRule(owned, tagsOf(owned), scope)),
    NextToken: nextToken,
  }
}

const ownedRule = { id: ({ rule }: OwnedRule) => rule.ruleId }

async function authorize(
  direction: Direction,
  request: AuthorizeRequest,
  scope: Scope,
): Promise<AuthorizeSecurityGroupIngressResult> {
  const group = await needGroup(scope, request)
  const permissions = await permissionsOf(request, group, scope)
  checkNew(group, direction, permissions)
  const rules = permissions.map((permission) => ({ ruleId: newId('sgr'), ...permission }))
  const changed = { ...group, [direction]: [...group[direction], ...rules] }
  save(scope, kinds.securityGroup, changed)
  const views = rules.map(async (rule) => {
    const tags = await tagNew(scope, 'security-group-rule', rule.ruleId, request.TagSpecifications)
    return viewRule({ group, rule, isEgress: direction === 'egress' }, tags, scope)
  })
  return { Return: true, SecurityGroupRules: await Promise.all(views) }
}

/** @throws ApiError InvalidPermission.Duplicate, InvalidParameterValue, RulesPerSecurityGroupLimitExceeded */
export function checkNew(
  group: SecurityGroupRecord,
  direction: Direction,
  permissions: readonly Permission[],
): void {
  const present: Permission[] = [...group[direction]]
  for (const permission of permissions) {
    if (present.some((each) => isSamePermission(each, permission))) {
      const isRepeated = !group[direction].some((each) => isSamePermission(each, permission))
      if (isRepeated) throw invalidValue('The same permission must not appear multiple times')
      throw duplicate(permission)
    }
    present.push(permission)
  }
  if (present.length > maxRules) {
    throw new ApiError(
      'RulesPerSecurityGroupLimitExceeded',
      `The maximum number of rules per security group has been reached: ${maxRules}.`,
    )
  }
}

async function revoke(
  direction: Direction,
  request: RevokeRequest,
  scope: Scope,
): Promise<RevokeSecurityGroupIngressResult> {
  const group = await needGroup(scope, request)
  const rules = await rulesToRevoke(direction, request, group, scope)
  const gone = new Set(rules.map(({ ruleId }) => ruleId))
  const kept = group[direction].filter(({ ruleId }) => !gone.has(ruleId))
  save(scope, kinds.securityGroup, { ...group, [direction]: kept })
  for (const ruleId of gone) scope.tx.delete(ec2Keys.tagsOf(scope.region, ruleId))
  return {
    Return: true,
    RevokedSecurityGroupRules: rules.map((rule) =>
      viewRevoked({ group, rule, isEgress: direction === 'egress' }),
    ),
  }
}

async function rulesToRevoke(
  direction: Direction,
  request: RevokeRequest,
  group: SecurityGroupRecord,
  scope: Scope,
): Promise<SecurityGroupRule[]> {
  const present = group[direction]
  const ids = request.SecurityGroupRuleIds ?? []
  if (ids.length > 0) {
    return ids.map((id) => {
      const rule = present.find(({ ruleId }) => ruleId === id)
      if (rule === undefined) throw ruleIdNotFound(id)
      return rule
    })
  }
  const permissions = await permissionsOf(request, group, scope)
  return permissions.map((permission) => {
    const rule = present.find((each) => isSamePermission(each, permission))
    if (rule === undefined) {
      const message = 'The specified rule does not exist in this security group.'
      throw new ApiError('InvalidPermission.NotFound', message)
    }
    return rule
  })
}

function viewRevoked({ group, rule, isEgress }: OwnedRule): RevokedSecurityGroupRule {
  const { source } = rule
  return {
    SecurityGroupRuleId: rule.ruleId,
    GroupId: group.groupId,
    IsEgress: isEgress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort ?? -1,
    ToPort: rule.toPort ?? -1,
    CidrIpv4: source.kind === 'ipv4' ? source.value : undefined,
    CidrIpv6: source.kind === 'ipv6' ? source.value : undefined,
    PrefixListId: source.kind === 'prefix-list' ? source.value : undefined,
    ReferencedGroupId: source.kind === 'group' ? source.groupId : undefined,
    Description: rule.description ?? undefined,
  }
}

function duplicate({ protocol, fromPort, toPort, source }: Permission): ApiError {
  const traffic = protocol === '-1' ? 'ALL' : protocol.toUpperCase()
  const ports = fromPort === null ? '' : `, from port: ${fromPort}, to port: ${toPort}`
  const rule = `peer: ${sourceText(source)}, ${traffic}${ports}, ALLOW`
  return new ApiError('InvalidPermission.Duplicate', `the specified rule "${rule}" already exists`)
}

export function ruleIdNotFound(id: string): ApiError {
  return new ApiError(
    'InvalidSecurityGroupRuleId.NotFound',
    `The security group rule ID '${id}' does not exist`,
  )
}
