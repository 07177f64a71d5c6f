/** Network interfaces. Each belongs to a declared instance or to a load balancer's node, comes with it and goes with it. */
import type {
  DeleteNetworkInterfaceRequest,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  DetachNetworkInterfaceRequest,
  ModifyNetworkInterfaceAttributeRequest,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { describe } from './describing.ts'
import { missingParameter } from './errors.ts'
import {
  networkInterfaceFilters,
  readGroupNames,
  viewNetworkInterface,
} from './network-interface-view.ts'
import type { Action, Scope } from './operation.ts'
import type { NetworkInterfaceRecord } from './records.ts'
import { all, kinds, need, save } from './resources.ts'
import { needGroup } from './security-groups.ts'

export const describeNetworkInterfaces: Action<
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult
> = async (input, scope) => {
  const names = await readGroupNames(scope)
  const { records, tagsOf, nextToken } = await describe(
    scope,
    kinds.networkInterface,
    input.NetworkInterfaceIds,
    input,
    networkInterfaceFilters(names, scope),
  )
  return {
    NetworkInterfaces: records.map((each) =>
      viewNetworkInterface(each, tagsOf(each), names, scope),
    ),
    NextToken: nextToken,
  }
}

/** @throws ApiError OperationNotPermitted, whichever it is: no interface lives without its owner. */
export const detachNetworkInterface: Action<DetachNetworkInterfaceRequest, object> = async (
  { AttachmentId },
  scope,
) => {
  const interfaces = await all(scope, kinds.networkInterface)
  const record = interfaces.find(({ attachment }) => attachment?.attachmentId === AttachmentId)
  if (record === undefined) {
    const message = `The attachment ID '${AttachmentId}' does not exist`
    throw new ApiError('InvalidAttachmentID.NotFound', message)
  }
  refuseManaged(record)
  const message = 'The network interface at device index 0 cannot be detached.'
  throw new ApiError('OperationNotPermitted', message)
}

/** @throws ApiError OperationNotPermitted for a load balancer's; InvalidNetworkInterface.InUse for an instance's. */
export const deleteNetworkInterface: Action<DeleteNetworkInterfaceRequest, object> = async (
  { NetworkInterfaceId },
  scope,
) => {
  const record = await need(scope, kinds.networkInterface, NetworkInterfaceId)
  refuseManaged(record)
  const message = `The network interface '${record.networkInterfaceId}' is currently in use.`
  throw new ApiError('InvalidNetworkInterface.InUse', message)
}

/** The groups, the description and the source check of an instance's interface. */
export const modifyNetworkInterfaceAttribute: Action<
  ModifyNetworkInterfaceAttributeRequest,
  object
> = async (input, scope) => {
  const record = await need(scope, kinds.networkInterface, input.NetworkInterfaceId)
  refuseManaged(record)
  if (input.Description?.Value !== undefined) {
    save(scope, kinds.networkInterface, { ...record, description: input.Description.Value })
  }
  if (record.attachment?.kind !== 'instance') return {}
  const { instanceId } = record.attachment
  if (input.Groups !== undefined) await setInstanceGroups(scope, instanceId, input.Groups)
  if (input.SourceDestCheck?.Value !== undefined) {
    const instance = await need(scope, kinds.instance, instanceId)
    const sourceDestCheck = input.SourceDestCheck.Value
    save(scope, kinds.instance, { ...instance, sourceDestCheck })
  }
  return {}
}

/** Replaces the security groups of an instance, on its record and on its interface. */
export async function setInstanceGroups(
  scope: Scope,
  instanceId: string,
  groupIds: readonly string[],
): Promise<void> {
  if (groupIds.length === 0) throw missingParameter('groupId')
  const instance = await need(scope, kinds.instance, instanceId)
  const named = groupIds.map((GroupId) => needGroup(scope, { GroupId }, instance.vpcId))
  const securityGroups = (await Promise.all(named)).map(({ groupId }) => groupId)
  save(scope, kinds.instance, { ...instance, securityGroups })
  const record = await need(scope, kinds.networkInterface, instance.networkInterfaceId)
  save(scope, kinds.networkInterface, { ...record, securityGroups })
}

function refuseManaged({ attachment }: NetworkInterfaceRecord): void {
  if (attachment?.kind !== 'load-balancer') return
  const message = "You are not allowed to manage 'ela-attach' attachments."
  throw new ApiError('OperationNotPermitted', message)
}
