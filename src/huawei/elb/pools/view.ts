import type { PoolRecord } from '../records.ts'
import { loadBalancersOf, membersOf, monitorOf, references, usersOf } from '../relations.ts'
import type { Scope } from '../scope.ts'

/** A pool as the API shows it. */
export function poolView({ project }: Scope, record: PoolRecord) {
  const { draining: _draining, loadbalancer_id: _owner, ...fields } = record
  return {
    ...fields,
    listeners: references(usersOf(project, record)),
    loadbalancers: loadBalancersOf(project, record).map((id) => ({ id })),
    members: references(membersOf(project, record)),
    healthmonitor_id: monitorOf(project, record)?.id ?? null,
    any_port_enable: false,
    enterprise_project_id: '0',
  }
}
