/** Internet gateways: a subnet is public when its route table leads to one. */
import type {
  AttachInternetGatewayRequest,
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult,
  DeleteInternetGatewayRequest,
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  DetachInternetGatewayRequest,
  InternetGateway,
  Tag,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { describe } from './describing.ts'
import { dependencyViolation } from './errors.ts'
import type { FilterFields } from './filters.ts'
import { newId } from './ids.ts'
import type { Action } from './operation.ts'
import type { InternetGatewayRecord } from './records.ts'
import { all, kinds, need, remove, save } from './resources.ts'
import { tagNew } from './tags.ts'

export const createInternetGateway: Action<
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult
> = async (input, scope) => {
  const gateway: InternetGatewayRecord = {
    internetGatewayId: newId('igw'),
    attachedVpcId: null,
  }
  save(scope, kinds.internetGateway, gateway)
  const { type } = kinds.internetGateway
  const tags = await tagNew(scope, type, gateway.internetGatewayId, input.TagSpecifications)
  return { InternetGateway: view(gateway, tags, scope.accountId) }
}

export const describeInternetGateways: Action<
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult
> = async (input, scope) => {
  const { records, tagsOf, nextToken } = await describe(
    scope,
    kinds.internetGateway,
    input.InternetGatewayIds,
    input,
    gatewayFilters(scope.accountId),
  )
  return {
    InternetGateways: records.map((each) => view(each, tagsOf(each), scope.accountId)),
    NextToken: nextToken,
  }
}

export const attachInternetGateway: Action<AttachInternetGatewayRequest, object> = async (
  input,
  scope,
) => {
  const gateway = await need(scope, kinds.internetGateway, input.InternetGatewayId)
  const { vpcId } = await need(scope, kinds.vpc, input.VpcId)
  if (gateway.attachedVpcId !== null) {
    const message = `resource ${gateway.internetGatewayId} is already attached to network ${gateway.attachedVpcId}`
    throw new ApiError('Resource.AlreadyAssociated', message)
  }
  const gateways = await all(scope, kinds.internetGateway)
  if (gateways.some(({ attachedVpcId }) => attachedVpcId === vpcId)) {
    const message = `Network ${vpcId} already has an internet gateway attached`
    throw new ApiError('InvalidParameterValue', message)
  }
  save(scope, kinds.internetGateway, { ...gateway, attachedVpcId: vpcId })
  return {}
}

export const detachInternetGateway: Action<DetachInternetGatewayRequest, object> = async (
  input,
  scope,
) => {
  const gateway = await need(scope, kinds.internetGateway, input.InternetGatewayId)
  const { vpcId } = await need(scope, kinds.vpc, input.VpcId)
  if (gateway.attachedVpcId !== vpcId) {
    const message = `resource ${gateway.internetGatewayId} is not attached to network ${vpcId}`
    throw new ApiError('Gateway.NotAttached', message)
  }
  save(scope, kinds.internetGateway, { ...gateway, attachedVpcId: null })
  return {}
}

export const deleteInternetGateway: Action<DeleteInternetGatewayRequest, object> = async (
  input,
  scope,
) => {
  const gateway = await need(scope, kinds.internetGateway, input.InternetGatewayId)
  if (gateway.attachedVpcId !== null) {
    throw dependencyViolation(
      `The internetGateway '${gateway.internetGatewayId}' has dependencies and cannot be deleted.`,
    )
  }
  remove(scope, kinds.internetGateway, gateway.internetGatewayId)
  return {}
}

function view(gateway: InternetGatewayRecord, tags: Tag[], accountId: string): InternetGateway {
  const { internetGatewayId, attachedVpcId } = gateway
  // AWS says `available` here where its model says `attached`; Terraform waits for the former.
  const state = 'available' as 'attached'
  return {
    InternetGatewayId: internetGatewayId,
    Attachments: attachedVpcId === null ? [] : [{ VpcId: attachedVpcId, State: state }],
    OwnerId: accountId,
    Tags: tags,
  }
}

function gatewayFilters(accountId: string): FilterFields<InternetGatewayRecord> {
  return {
    'attachment.state': (gateway) => (gateway.attachedVpcId === null ? null : 'available'),
    'attachment.vpc-id': (gateway) => gateway.attachedVpcId,
    'internet-gateway-id': (gateway) => gateway.internetGatewayId,
    'owner-id': () => accountId,
  }
}
