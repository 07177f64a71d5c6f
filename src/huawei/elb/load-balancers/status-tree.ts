/** The status of a load balancer and of all that hangs on it (Huawei's ShowLoadBalancerStatus). */
import { z } from 'zod'
import { active as provisioned } from '../answers.ts'
import { port } from '../fields.ts'
import { healthMonitorFields } from '../health-monitors/schema.ts'
import { l7PolicyCreation } from '../l7-policies/schema.ts'
import { l7RuleFields } from '../l7-rules/schema.ts'
import { operatingStatus, operatingStatuses } from '../members/status.ts'
import type { ListenerRecord, LoadBalancerRecord, MemberRecord, PoolRecord } from '../records.ts'
import { listenersOf, membersOf, monitorOf, policiesOf, poolsOf, rulesOf } from '../relations.ts'
import type { Scope } from '../scope.ts'

const named = { id: z.string(), name: z.string(), provisioning_status: provisioned }
const online = { ...named, operating_status: z.literal('ONLINE') }

const memberAnswer = z.strictObject({
  id: z.string(),
  address: z.string(),
  protocol_port: port,
  provisioning_status: provisioned,
  operating_status: z.enum([...operatingStatuses, 'DISABLED']),
})

const poolAnswer = z.strictObject({
  ...online,
  healthmonitor: z.strictObject({ ...named, type: healthMonitorFields.shape.type }).optional(),
  members: z.array(memberAnswer),
})

const policyAnswer = z.strictObject({
  ...named,
  action: l7PolicyCreation.shape.action,
  rules: z.array(
    z.strictObject({
      id: z.string(),
      type: l7RuleFields.shape.type,
      provisioning_status: provisioned,
    }),
  ),
})

const listenerAnswer = z.strictObject({
  ...online,
  protocol_port: port,
  pools: z.array(poolAnswer).max(1),
  l7policies: z.array(policyAnswer),
})

export const statusTreeAnswer = z
  .strictObject({
    loadbalancer: z.strictObject({
      ...online,
      listeners: z.array(listenerAnswer),
      pools: z.array(poolAnswer),
    }),
  })
  .meta({ id: 'LoadBalancerStatus' })

const active = { provisioning_status: 'ACTIVE', operating_status: 'ONLINE' } as const

export function statusTree(
  scope: Scope,
  record: LoadBalancerRecord,
): z.infer<typeof statusTreeAnswer> {
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

function listenerStatus(scope: Scope, listener: ListenerRecord): z.infer<typeof listenerAnswer> {
  const { id, name, protocol_port, default_pool_id } = listener
  const { project } = scope
  const pool = project.pools.find(default_pool_id ?? '')
  return {
    id,
    name,
    protocol_port,
    ...active,
    pools: pool === undefined ? [] : [poolStatus(scope, pool)],
    l7policies: policiesOf(project, listener).map((policy) => ({
      id: policy.id,
      name: policy.name,
      action: policy.action,
      provisioning_status: 'ACTIVE',
      rules: rulesOf(project, policy).map((rule) => ({
        id: rule.id,
        type: rule.type,
        provisioning_status: 'ACTIVE',
      })),
    })),
  }
}

function poolStatus(scope: Scope, pool: PoolRecord): z.infer<typeof poolAnswer> {
  const { id, name } = pool
  const { project } = scope
  const monitor = monitorOf(project, pool)
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
    members: membersOf(project, pool).map((member) => memberStatus(scope, member)),
  }
}

/** A member that is switched off is DISABLED here, and OFFLINE where it is shown itself. */
function memberStatus(scope: Scope, member: MemberRecord): z.infer<typeof memberAnswer> {
  const { id, address, protocol_port, admin_state_up } = member
  return {
    id,
    address,
    protocol_port,
    provisioning_status: 'ACTIVE',
    operating_status: admin_state_up ? operatingStatus(scope, member) : 'DISABLED',
  }
}
