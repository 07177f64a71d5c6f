import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import type { ElbOperation } from './load-balancers.ts'
import { page } from './paging.ts'

export const describeAccountLimits: ElbOperation<
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput
> = async (input, _call, { quotas }) => {
  const limits = [
    { Name: 'classic-load-balancers', Max: String(quotas.loadBalancers) },
    { Name: 'classic-listeners', Max: String(quotas.listeners) },
    { Name: 'classic-registered-instances', Max: String(quotas.instances) },
  ]
  const { items, nextMarker } = page(limits, (limit) => String(limits.indexOf(limit)), input)
  return { Limits: items, NextMarker: nextMarker }
}
