import type {
  ApplySecurityGroupsToLoadBalancerInput,
  ApplySecurityGroupsToLoadBalancerOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import type { Transaction } from '../../store/transaction.ts'
import { findSecurityGroup, setNodeSecurityGroups } from '../ec2/load-balancing.ts'
import { validationError } from '../wire/errors.ts'
import { invalidConfiguration, invalidSecurityGroup } from './errors.ts'
import { changeLoadBalancer, type ElbOperation } from './load-balancers.ts'
import type { ElbPorts } from './ports.ts'

/** Replaces the groups (guide, "Manage security groups using the AWS CLI"), of the nodes' network interfaces too. */
export const applySecurityGroups: ElbOperation<
  ApplySecurityGroupsToLoadBalancerInput,
  ApplySecurityGroupsToLoadBalancerOutput
> = async ({ LoadBalancerName, SecurityGroups: wanted = [] }, call, ports) => {
  const record = await changeLoadBalancer(call, LoadBalancerName, async (before, tx) => {
    const groups = await checkedGroups(tx, call.region, wanted, before.vpcId, ports)
    for (const { networkInterfaceId } of before.zones) {
      await setNodeSecurityGroups(tx, call.region, networkInterfaceId, groups)
    }
    return { ...before, securityGroups: groups }
  })
  return { SecurityGroups: [...record.securityGroups] }
}

/**
 * The ids, each once, after checking that the VPC has these groups.
 * @throws ApiError ValidationError, InvalidSecurityGroup, InvalidConfigurationRequest
 */
export async function checkedGroups(
  tx: Transaction,
  region: string,
  ids: readonly string[],
  vpcId: string,
  ports: ElbPorts,
): Promise<string[]> {
  const unique = [...new Set(ids)]
  if (unique.length === 0) throw validationError('SecurityGroups must not be empty')
  if (unique.length > ports.quotas.securityGroups) {
    throw invalidConfiguration(
      `A load balancer cannot have more than ${ports.quotas.securityGroups} security groups`,
    )
  }
  for (const id of unique) {
    const group = await findSecurityGroup(tx, region, id)
    if (group === undefined) throw invalidSecurityGroup()
    if (group.vpcId !== vpcId) {
      throw invalidConfiguration(`Security group '${id}' does not belong to VPC '${vpcId}'`)
    }
  }
  return unique
}
