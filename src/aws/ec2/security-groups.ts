/** Security groups: CreateSecurityGroup, DescribeSecurityGroups, DeleteSecurityGroup, and how requests name one. */
import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { select } from './describing.ts'
import { dependencyViolation, invalidParameter, missingParameter, needParameter } from './errors.ts'
import { newId } from './ids.ts'
import { defaultVpc } from './load-balancing.ts'
import type { Action, Scope } from './operation.ts'
import { ec2Keys, type SecurityGroupRecord } from './records.ts'
import { all, kinds, need, needAll, type Place, remove, save } from './resources.ts'
import { securityGroupFilters } from './security-group-filters.ts'
import { securityGroupArn, viewSecurityGroup } from './security-group-view.ts'
import { tagNew } from './tags.ts'
import { allTraffic } from './vpc-foundation.ts'

/** Names and descriptions of groups in a VPC: up to 255 of these characters. */
const allowedText = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/

export const createSecurityGroup: Action<
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult
> = async (input, scope) => {
  const groupName = checkedName(needParameter(input.GroupName, 'GroupName').trim())
  const vpc =
    input.VpcId === undefined
      ? await defaultVpc(scope.tx, scope.region)
      : await need(scope, kinds.vpc, input.VpcId)
  if ((await groupsOf(scope, vpc.vpcId)).some((each) => each.groupName === groupName)) {
    const message = `The security group '${groupName}' already exists for VPC '${vpc.vpcId}'`
    throw new ApiError('InvalidGroup.Duplicate', message)
  }
  const group: SecurityGroupRecord = {
    groupId: newId('sg'),
    groupName,
    description: checkedDescription(needParameter(input.Description, 'GroupDescription')),
    vpcId: vpc.vpcId,
    ingress: [],
    egress: [allTraffic('0.0.0.0/0')],
  }
  save(scope, kinds.securityGroup, group)
  const { type } = kinds.securityGroup
  const tags = await tagNew(scope, type, group.groupId, input.TagSpecifications)
  return { GroupId: group.groupId, SecurityGroupArn: securityGroupArn(group, scope), Tags: tags }
}

export const describeSecurityGroups: Action<
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult
> = async (input, scope) => {
  const named = await namedGroups(scope, input)
  const { records, tagsOf, nextToken } = await select(
    scope,
    kinds.securityGroup,
    named ?? (await all(scope, kinds.securityGroup)),
    input,
    securityGroupFilters(scope.accountId),
  )
  return {
    SecurityGroups: records.map((group) => viewSecurityGroup(group, tagsOf(group), scope)),
    NextToken: nextToken,
  }
}

export const deleteSecurityGroup: Action<
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult
> = async (input, scope) => {
  const group = await needGroup(scope, input)
  const { groupId } = group
  if (group.groupName === 'default') {
    const message = `the specified group: "${groupId}" name: "default" cannot be deleted by a user`
    throw new ApiError('CannotDelete', message)
  }
  if (await isInUse(scope, groupId)) {
    throw dependencyViolation(`resource ${groupId} has a dependent object`)
  }
  remove(scope, kinds.securityGroup, groupId)
  for (const { ruleId } of [...group.ingress, ...group.egress]) {
    scope.tx.delete(ec2Keys.tagsOf(scope.region, ruleId))
  }
  return { Return: true, GroupId: groupId }
}

/** How a request names a group: by id, or by a name of the default VPC. */
export interface GroupName {
  readonly GroupId?: string | undefined
  readonly GroupName?: string | undefined
}

/**
 * The group that a request names.
 * @param vpcId the VPC where it must be; without one, ids may be of any, names are of the default VPC.
 * @throws ApiError InvalidGroup.NotFound, InvalidGroupId.Malformed, MissingParameter
 */
export async function needGroup(
  scope: Scope,
  { GroupId, GroupName }: GroupName,
  vpcId?: string,
): Promise<SecurityGroupRecord> {
  if (GroupId !== undefined) {
    const group = await need(scope, kinds.securityGroup, GroupId)
    if (vpcId === undefined || group.vpcId === vpcId) return group
    throw new ApiError(
      'InvalidGroup.NotFound',
      `You have specified two resources that belong to different networks: '${GroupId}' is not in '${vpcId}'.`,
    )
  }
  if (GroupName === undefined) throw missingParameter('groupName or groupId')
  const within = vpcId ?? (await defaultVpc(scope.tx, scope.region)).vpcId
  const group = (await groupsOf(scope, within)).find((each) => each.groupName === GroupName)
  if (group === undefined) throw nameNotFound(GroupName, within, vpcId === undefined)
  return group
}

async function namedGroups(
  scope: Scope,
  { GroupIds = [], GroupNames = [] }: DescribeSecurityGroupsRequest,
): Promise<SecurityGroupRecord[] | undefined> {
  if (GroupIds.length === 0 && GroupNames.length === 0) return undefined
  const groups = await needAll(scope, kinds.securityGroup, GroupIds)
  for (const name of GroupNames) groups.push(await needGroup(scope, { GroupName: name }))
  return [...new Map(groups.map((group) => [group.groupId, group])).values()]
}

async function groupsOf(at: Place, vpcId: string): Promise<SecurityGroupRecord[]> {
  const groups = await all(at, kinds.securityGroup)
  return groups.filter((group) => group.vpcId === vpcId)
}

function nameNotFound(name: string, vpcId: string, isDefault: boolean): ApiError {
  const where = `${isDefault ? 'default ' : ''}VPC '${vpcId}'`
  return new ApiError(
    'InvalidGroup.NotFound',
    `The security group '${name}' does not exist in ${where}`,
  )
}

/** Used by an interface, or named by a rule of another group. */
async function isInUse(at: Place, groupId: string): Promise<boolean> {
  const interfaces = await all(at, kinds.networkInterface)
  if (interfaces.some(({ securityGroups }) => securityGroups.includes(groupId))) return true
  const groups = await all(at, kinds.securityGroup)
  return groups.some(
    (group) =>
      group.groupId !== groupId &&
      [...group.ingress, ...group.egress].some(
        ({ source }) => source.kind === 'group' && source.groupId === groupId,
      ),
  )
}

function checkedName(name: string): string {
  if (name === 'default') {
    throw new ApiError('InvalidGroup.Reserved', "The security group 'default' is reserved")
  }
  if (name.startsWith('sg-')) {
    throw invalidParameter(name, 'groupName', 'Group names may not be in the format sg-*.')
  }
  if (!allowedText.test(name)) throw invalidParameter(name, 'groupName')
  return name
}

function checkedDescription(description: string): string {
  if (!allowedText.test(description)) {
    const because = 'Character sets beyond ASCII are not supported.'
    throw invalidParameter(description, 'GroupDescription', because)
  }
  return description
}
