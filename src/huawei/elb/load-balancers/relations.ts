/** Which back-end server groups a load balancer uses, and the other way round. */
import { poolsOfPolicy } from '../l7-policies/actions.ts'
import type { Project } from '../project.ts'
import type { L7PolicyRecord, ListenerRecord, LoadBalancerRecord, PoolRecord } from '../records.ts'

export function listenersOf(
  project: Project,
  { id }: Pick<LoadBalancerRecord, 'id'>,
): ListenerRecord[] {
  return project.listeners.where(({ loadbalancer_id }) => loadbalancer_id === id)
}

/** The pools that were made for the load balancer, and those that its listeners use. */
export function poolsOf(project: Project, record: Pick<LoadBalancerRecord, 'id'>): PoolRecord[] {
  return project.pools.where((pool) => loadBalancersOf(project, pool).includes(record.id))
}

/** Listeners that send requests to the pool. */
export function usersOf(project: Project, { id }: Pick<PoolRecord, 'id'>): ListenerRecord[] {
  const policies = policiesTo(project, { id }).map(({ listener_id }) => listener_id)
  return project.listeners.where(
    (listener) => listener.default_pool_id === id || policies.includes(listener.id),
  )
}

/** Forwarding policies that send requests to the pool. */
export function policiesTo(project: Project, { id }: Pick<PoolRecord, 'id'>): L7PolicyRecord[] {
  return project.l7Policies.where((policy) =>
    poolsOfPolicy(policy).some(({ pool_id }) => pool_id === id),
  )
}

/** Ids of the load balancers that the pool was made for or is used by. */
export function loadBalancersOf(project: Project, pool: PoolRecord): string[] {
  const own = pool.loadbalancer_id === null ? [] : [pool.loadbalancer_id]
  const users = usersOf(project, pool).map(({ loadbalancer_id }) => loadbalancer_id)
  return [...new Set([...own, ...users])]
}
