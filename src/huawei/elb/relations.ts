/** What hangs on what, from either side. */
import type { Project } from './project.ts'
import type {
  HealthMonitorRecord,
  L7PolicyRecord,
  L7RuleRecord,
  ListenerRecord,
  LogConfigurationRecord,
  MemberRecord,
  PoolRecord,
} from './records.ts'

type Identified = { readonly id: string }

export function listenersOf(project: Project, { id }: Identified): ListenerRecord[] {
  return project.listeners.where(({ loadbalancer_id }) => loadbalancer_id === id)
}

/** The pools that were made for the load balancer, and those that its listeners use. */
export function poolsOf(project: Project, record: Identified): PoolRecord[] {
  const listeners = listenersOf(project, record)
  const listenerIds = new Set(listeners.map(({ id }) => id))
  const policies = project.l7Policies.where(({ listener_id }) => listenerIds.has(listener_id))
  const used = new Set([
    ...listeners.map(({ default_pool_id }) => default_pool_id),
    ...policies.flatMap(poolsOfPolicy).map(({ pool_id }) => pool_id),
  ])
  return project.pools.where(
    ({ id, loadbalancer_id }) => loadbalancer_id === record.id || used.has(id),
  )
}

/** Listeners that send requests to the pool. */
export function usersOf(project: Project, { id }: Identified): ListenerRecord[] {
  const policies = policiesTo(project, { id }).map(({ listener_id }) => listener_id)
  return project.listeners.where(
    (listener) => listener.default_pool_id === id || policies.includes(listener.id),
  )
}

/** Forwarding policies that send requests to the pool. */
export function policiesTo(project: Project, { id }: Identified): L7PolicyRecord[] {
  return project.l7Policies.where((policy) =>
    poolsOfPolicy(policy).some(({ pool_id }) => pool_id === id),
  )
}

/** Ids of the pools that a policy sends requests to, with their weights. */
export function poolsOfPolicy(
  record: Pick<L7PolicyRecord, 'action' | 'redirect_pool_id' | 'redirect_pools_config'>,
): L7PolicyRecord['redirect_pools_config'] {
  if (record.action !== 'REDIRECT_TO_POOL') return []
  const { redirect_pool_id, redirect_pools_config } = record
  if (redirect_pools_config.length > 0) return redirect_pools_config
  return redirect_pool_id === null ? [] : [{ pool_id: redirect_pool_id, weight: 100 }]
}

/** Ids of the load balancers that the pool was made for or is used by. */
export function loadBalancersOf(project: Project, pool: PoolRecord): string[] {
  const own = pool.loadbalancer_id === null ? [] : [pool.loadbalancer_id]
  const users = usersOf(project, pool).map(({ loadbalancer_id }) => loadbalancer_id)
  return [...new Set([...own, ...users])]
}

export function membersOf(project: Project, pool: Identified): MemberRecord[] {
  return project.members.where(({ pool_id }) => pool_id === pool.id)
}

/** A pool has one at most. */
export function monitorOf(project: Project, pool: Identified): HealthMonitorRecord | undefined {
  return project.healthMonitors.where(({ pool_id }) => pool_id === pool.id)[0]
}

/** Forwarding policies that the listener has. */
export function policiesOf(project: Project, listener: Identified): L7PolicyRecord[] {
  return project.l7Policies.where(({ listener_id }) => listener_id === listener.id)
}

export function rulesOf(project: Project, policy: Identified): L7RuleRecord[] {
  return project.l7Rules.where(({ l7policy_id }) => l7policy_id === policy.id)
}

/** A load balancer has one at most. */
export function logConfigurationOf(
  project: Project,
  balancer: Identified,
): LogConfigurationRecord | undefined {
  return project.logConfigurations.where(
    ({ loadbalancer_id }) => loadbalancer_id === balancer.id,
  )[0]
}

/** As a resource shows what hangs on it. */
export function references(records: readonly Identified[]): { id: string }[] {
  return records.map(({ id }) => ({ id }))
}
