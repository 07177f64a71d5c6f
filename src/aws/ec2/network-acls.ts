/** Network ACLs: which subnets they guard. They are kept and described; traffic is not filtered by them. */
import type {
  CreateNetworkAclRequest,
  CreateNetworkAclResult,
  DeleteNetworkAclRequest,
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult,
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { describe } from './describing.ts'
import { dependencyViolation, invalidValue } from './errors.ts'
import { newId } from './ids.ts'
import { networkAclFilters, viewNetworkAcl } from './network-acl-view.ts'
import type { Action } from './operation.ts'
import type { NetworkAclAssociation, NetworkAclRecord } from './records.ts'
import { all, kinds, need, type Place, remove, save } from './resources.ts'
import { tagNew } from './tags.ts'

export const createNetworkAcl: Action<CreateNetworkAclRequest, CreateNetworkAclResult> = async (
  input,
  scope,
) => {
  const { vpcId } = await need(scope, kinds.vpc, input.VpcId)
  const acl: NetworkAclRecord = {
    networkAclId: newId('acl'),
    vpcId,
    isDefault: false,
    entries: [],
    associations: [],
  }
  save(scope, kinds.networkAcl, acl)
  const tags = await tagNew(scope, kinds.networkAcl.type, acl.networkAclId, input.TagSpecifications)
  return { NetworkAcl: viewNetworkAcl(acl, tags, scope.accountId) }
}

export const describeNetworkAcls: Action<
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult
> = async (input, scope) => {
  const { records, tagsOf, nextToken } = await describe(
    scope,
    kinds.networkAcl,
    input.NetworkAclIds,
    input,
    networkAclFilters(scope.accountId),
  )
  return {
    NetworkAcls: records.map((acl) => viewNetworkAcl(acl, tagsOf(acl), scope.accountId)),
    NextToken: nextToken,
  }
}

export const deleteNetworkAcl: Action<DeleteNetworkAclRequest, object> = async (input, scope) => {
  const acl = await need(scope, kinds.networkAcl, input.NetworkAclId)
  if (acl.isDefault) throw invalidValue(`cannot delete default network ACL ${acl.networkAclId}`)
  if (acl.associations.length > 0) {
    throw dependencyViolation(
      `The networkAcl '${acl.networkAclId}' has dependencies and cannot be deleted.`,
    )
  }
  remove(scope, kinds.networkAcl, acl.networkAclId)
  return {}
}

/** Moves a subnet to another ACL of its VPC. */
export const replaceNetworkAclAssociation: Action<
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult
> = async ({ AssociationId, NetworkAclId }, scope) => {
  const { acl: old, association } = await needAssociation(scope, AssociationId)
  const acl = await need(scope, kinds.networkAcl, NetworkAclId)
  if (acl.vpcId !== old.vpcId) {
    throw invalidValue(`${acl.networkAclId} and ${AssociationId} belong to different networks`)
  }
  const others = old.associations.filter((each) => each !== association)
  const moved = { ...association, associationId: newId('aclassoc') }
  save(scope, kinds.networkAcl, { ...old, associations: others })
  const present = acl.networkAclId === old.networkAclId ? others : acl.associations
  save(scope, kinds.networkAcl, { ...acl, associations: [...present, moved] })
  return { NewAssociationId: moved.associationId }
}

async function needAssociation(
  at: Place,
  id: string | undefined,
): Promise<{ acl: NetworkAclRecord; association: NetworkAclAssociation }> {
  for (const acl of await all(at, kinds.networkAcl)) {
    const association = acl.associations.find(({ associationId }) => associationId === id)
    if (association !== undefined) return { acl, association }
  }
  const message = `The association ID '${id}' does not exist`
  throw new ApiError('InvalidAssociationID.NotFound', message)
}
