/** What is left of EC2-Classic, which AWS has retired: every account is VPC-only, and nothing can be linked. */
import type {
  DescribeVpcClassicLinkDnsSupportRequest,
  DescribeVpcClassicLinkDnsSupportResult,
  DescribeVpcClassicLinkRequest,
  DescribeVpcClassicLinkResult,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { select } from './describing.ts'
import type { Action } from './operation.ts'
import { all, kinds, needAll } from './resources.ts'

/** The group that stood for all load balancers (guide, "Security groups for instances in EC2-Classic"). */
export const classicLoadBalancerGroup = {
  ownerId: 'amazon-elb',
  groupName: 'amazon-elb-sg',
  groupId: 'sg-5a9c116a',
} as const

export const describeVpcClassicLink: Action<
  DescribeVpcClassicLinkRequest,
  DescribeVpcClassicLinkResult
> = async ({ VpcIds = [], Filters }, scope) => {
  const vpcs =
    VpcIds.length > 0 ? await needAll(scope, kinds.vpc, VpcIds) : await all(scope, kinds.vpc)
  const fields = { 'is-classic-link-enabled': () => false }
  const { records, tagsOf } = await select(scope, kinds.vpc, vpcs, { Filters }, fields)
  return {
    Vpcs: records.map((vpc) => ({
      VpcId: vpc.vpcId,
      ClassicLinkEnabled: false,
      Tags: tagsOf(vpc),
    })),
  }
}

export const describeVpcClassicLinkDnsSupport: Action<
  DescribeVpcClassicLinkDnsSupportRequest,
  DescribeVpcClassicLinkDnsSupportResult
> = async ({ VpcIds = [] }, scope) => {
  const vpcs =
    VpcIds.length > 0 ? await needAll(scope, kinds.vpc, VpcIds) : await all(scope, kinds.vpc)
  return { Vpcs: vpcs.map(({ vpcId }) => ({ VpcId: vpcId, ClassicLinkDnsSupported: false })) }
}

/** Every operation that would link something. @throws ApiError UnsupportedOperation, always. */
export const refuseClassicLink: Action<object, object> = async () => {
  throw new ApiError(
    'UnsupportedOperation',
    'EC2-Classic is retired: instances and load balancers are in VPCs, and ClassicLink cannot be enabled.',
  )
}
