import type {
  DeleteAccessPointInput,
  DeleteAccessPointOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import { atomically } from '../../store/transaction.ts'
import type { ElbOperation } from './load-balancers.ts'
import { deleteNodes } from './nodes.ts'
import { elbKeys, type LoadBalancerRecord } from './records.ts'

/** A load balancer that is not there is as good as deleted. */
export const deleteLoadBalancer: ElbOperation<
  DeleteAccessPointInput,
  DeleteAccessPointOutput
> = async ({ LoadBalancerName: name = '' }, call) => {
  const key = elbKeys.loadBalancer(call.region, name)
  await atomically(call.store, async (tx) => {
    const record = await tx.get<LoadBalancerRecord>(key)
    if (record === undefined) return
    await deleteNodes(tx, call.region, record.zones)
    tx.delete(key)
  })
  return {}
}
