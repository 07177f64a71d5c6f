/** ModifySecurityGroupRules: replaces rules of a group and keeps their ids and tags. */
import type {
  IpPermission,
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  SecurityGroupRuleRequest,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { needParameter } from './errors.ts'
import type { Action, Scope } from './operation.ts'
import { isSamePermission, permissionsOf } from './permissions.ts'
import type { SecurityGroupRecord, SecurityGroupRule } from './records.ts'
import { kinds, save } from './resources.ts'
import { checkNew, ruleIdNotFound } from './security-group-rules.ts'
import { needGroup } from './security-groups.ts'

export const modifySecurityGroupRules: Action<
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult
> = async (input, scope) => {
  let group = await needGroup(scope, input)
  for (const update of needParameter(input.SecurityGroupRules, 'SecurityGroupRule')) {
    const { SecurityGroupRuleId = '', SecurityGroupRule = {} } = update
    group = await replaceRule(group, SecurityGroupRuleId, SecurityGroupRule, scope)
  }
  save(scope, kinds.securityGroup, group)
  return { Return: true }
}

async function replaceRule(
  group: SecurityGroupRecord,
  ruleId: string,
  request: SecurityGroupRuleRequest,
  scope: Scope,
): Promise<SecurityGroupRecord> {
  const isRule = (rule: SecurityGroupRule): boolean => rule.ruleId === ruleId
  const direction = group.ingress.some(isRule) ? 'ingress' : 'egress'
  const old = group[direction].find(isRule)
  if (old === undefined) throw ruleIdNotFound(ruleId)
  const IpPermissions = [permissionOf(request)]
  const [permission, ...others] = await permissionsOf({ IpPermissions }, group, scope)
  if (permission === undefined || others.length > 0) {
    throw new ApiError('InvalidParameterCombination', `The rule '${ruleId}' needs one source.`)
  }
  const rest = { ...group, [direction]: group[direction].filter((rule) => !isRule(rule)) }
  if (!isSamePermission(permission, old)) checkNew(rest, direction, [permission])
  const rules = group[direction].map((rule) => (isRule(rule) ? { ruleId, ...permission } : rule))
  return { ...group, [direction]: rules }
}

function permissionOf(request: SecurityGroupRuleRequest): IpPermission {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description } = request
  return {
    IpProtocol: request.IpProtocol,
    FromPort: request.FromPort,
    ToPort: request.ToPort,
    IpRanges: CidrIpv4 === undefined ? [] : [{ CidrIp: CidrIpv4, Description }],
    Ipv6Ranges: CidrIpv6 === undefined ? [] : [{ CidrIpv6, Description }],
    PrefixListIds: PrefixListId === undefined ? [] : [{ PrefixListId, Description }],
    UserIdGroupPairs:
      ReferencedGroupId === undefined ? [] : [{ GroupId: ReferencedGroupId, Description }],
  }
}
