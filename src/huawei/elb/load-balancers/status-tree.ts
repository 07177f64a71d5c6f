/** The status of a load balancer and of all that hangs on it (Huawei's ShowLoadBalancerStatus). */
import { operatingStatus } from '../members/status.ts'
import type { ListenerRecord, LoadBalancerRecord, MemberRecord, PoolRecord } from '../records.ts'
import type { Scope } from '../scope.ts'
import { listenersOf, poolsOf } from './relations.ts'

const active = { provisioning_status: 'ACTIVE', operating_status: 'ONLINE' } as const

export function statusTree(scope: Scope, record: LoadBalancerRecord) {
  const { project } = scope
  return {
    loadbalancer: {
      id: record.id,
      name: record.name,
      ...active,
      listeners: listenersOf(project, record).map((listener) => listenerStatus(scope, listener)),
      pools: poolsOf(project, record).map((pool) => poolStatus(scope, pool)),
    },
  }
}

function listenerStatus(
  scope: Scope,
  { id, name, protocol_port, default_pool_id }: ListenerRecord,
) {
  const { pools, l7Policies, l7Rules } = scope.project
  const pool = pools.find(default_pool_id ?? '')
  return {
    id,
    name,
    protocol_port,
    ...active,
    pools: pool === undefined ? [] : [poolStatus(scope, pool)],
    l7policies: l7Policies
      .where(({ listener_id }) => listener_id === id)
      .map((policy) => ({
        id: policy.id,
        name: policy.name,
        action: policy.action,
        provisioning_status: 'ACTIVE',
        rules: l7Rules
          .where(({ l7policy_id }) => l7policy_id === policy.id)
          .map((rule) => ({ id: rule.id, type: rule.type, provisioning_status: 'ACTIVE' })),
      })),
  }
}

function poolStatus(scope: Scope, { id, name }: PoolRecord) {
  const { project } = scope
  const [monitor] = project.healthMonitors.where(({ pool_id }) => pool_id === id)
  return {
    id,
    name,
    ...active,
    ...(monitor === undefined
      ? {}
      : {
          healthmonitor: {
            id: monitor.id,
            name: monitor.name,
            type: monitor.type,
            provisioning_status: 'ACTIVE',
          },
        }),
    members: project.members
      .where(({ pool_id }) => pool_id === id)
      .map((member) => memberStatus(scope, member)),
  }
}

/** A member that is switched off is DISABLED here, and OFFLINE where it is shown itself. */
function memberStatus(scope: Scope, member: MemberRecord) {
  const { id, address, protocol_port, admin_state_up } = member
  return {
    id,
    address,
    protocol_port,
    provisioning_status: 'ACTIVE',
    operating_status: admin_state_up ? operatingStatus(scope, member) : 'DISABLED',
  }
}
