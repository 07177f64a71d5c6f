/** "Get the Load Balancer status tree": what hangs on a load balancer, with its statuses. */

import type { ListenerRecord, LoadBalancerRecord, PoolRecord } from '../elb/records.ts'
import { listenersOf, membersOf, monitorOf, poolsOf } from '../elb/relations.ts'
import type { Scope } from '../elb/scope.ts'
import { monitorTypeOf } from './health-monitors.ts'
import { loadBalancerStatus, memberStatus, poolStatus, switchStatus } from './statuses.ts'

const provisioning_status = 'ACTIVE'

export function statusTree(scope: Scope, record: LoadBalancerRecord): object {
  const listeners = listenersOf(scope.project, record)
  const attached = listeners.map(({ default_pool_id }) => default_pool_id)
  const others = poolsOf(scope.project, record).filter(({ id }) => !attached.includes(id))
  return {
    id: record.id,
    name: record.name,
    provisioning_status,
    operating_status: loadBalancerStatus(scope, record),
    listeners: listeners.map((listener) => listenerNode(scope, listener)),
    pools: others.map((pool) => poolNode(scope, pool)),
  }
}

function listenerNode(scope: Scope, listener: ListenerRecord): object {
  const { id, name, default_pool_id } = listener
  const pool = scope.project.pools.find(default_pool_id ?? '')
  return {
    id,
    name,
    provisioning_status,
    operating_status: switchStatus(listener),
    pools: pool === undefined ? [] : [poolNode(scope, pool)],
  }
}

function poolNode(scope: Scope, pool: PoolRecord): object {
  const monitor = monitorOf(scope.project, pool)
  return {
    id: pool.id,
    name: pool.name,
    provisioning_status,
    operating_status: poolStatus(scope, pool),
    ...(monitor === undefined
      ? {}
      : {
          health_monitor: {
            id: monitor.id,
            name: monitor.name,
            type: monitorTypeOf(monitor.type),
            provisioning_status,
            operating_status: switchStatus(monitor),
          },
        }),
    members: membersOf(scope.project, pool).map((member) => ({
      id: member.id,
      name: member.name,
      address: member.address,
      protocol_port: member.protocol_port,
      provisioning_status,
      operating_status: memberStatus(scope, member),
    })),
  }
}
