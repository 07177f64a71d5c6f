import { conflict } from '../../wire/errors.ts'
import { ipTargetsDisabled } from '../members/members.ts'
import type { Project } from '../project.ts'
import { checkPoolProtocol } from '../protocols.ts'
import type { ListenerRecord, PoolRecord } from '../records.ts'
import { membersOf } from '../relations.ts'

/**
 * Whether a listener may send requests to the pool.
 * @throws HuaweiError ELB.8907 for another protocol, or a pool of another load balancer; ELB.8939 for members that its load balancer does not take
 */
export function checkUsable(
  project: Project,
  { protocol, loadbalancer_id }: Pick<ListenerRecord, 'protocol' | 'loadbalancer_id'>,
  pool: PoolRecord,
): void {
  checkPoolProtocol(protocol, pool)
  if (pool.loadbalancer_id !== null && pool.loadbalancer_id !== loadbalancer_id) {
    throw conflict(`Pool ${pool.id} belongs to load balancer ${pool.loadbalancer_id}`)
  }
  const balancer = project.loadBalancers.need(loadbalancer_id)
  if (balancer.ip_target_enable) return
  const outside = membersOf(project, pool).find(({ subnet_cidr_id }) => subnet_cidr_id === null)
  if (outside !== undefined) throw ipTargetsDisabled(outside.address, balancer)
}
