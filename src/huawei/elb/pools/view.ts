import { loadBalancersOf, usersOf } from '../load-balancers/relations.ts'
import type { PoolRecord } from '../records.ts'
import type { Scope } from '../scope.ts'

/** A pool as the API shows it. */
export function poolView({ project }: Scope, record: PoolRecord) {
  const { draining: _draining, loadbalancer_id: _owner, ...fields } = record
  const ids = (records: readonly { readonly id: string }[]) => records.map(({ id }) => ({ id }))
  const [monitor] = project.healthMonitors.where(({ pool_id }) => pool_id === record.id)
  return {
    ...fields,
    listeners: ids(usersOf(project, record)),
    loadbalancers: loadBalancersOf(project, record).map((id) => ({ id })),
    members: ids(project.members.where(({ pool_id }) => pool_id === record.id)),
    healthmonitor_id: monitor?.id ?? null,
    any_port_enable: false,
    enterprise_project_id: '0',
  }
}
