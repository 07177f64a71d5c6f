import { z } from 'zod'
import { enterpriseProject, ids, owned } from '../answers.ts'
import type { PoolRecord } from '../records.ts'
import { loadBalancersOf, membersOf, monitorOf, references, usersOf } from '../relations.ts'
import type { Scope } from '../scope.ts'
import { poolFields } from './schema.ts'

export const poolAnswer = poolFields
  .extend({
    ...owned,
    protocol: z.enum(['TCP', 'HTTP', 'HTTPS', 'TLS']),
    ip_version: z.enum(['v4', 'v6', 'dualstack']),
    listeners: ids,
    loadbalancers: ids,
    members: ids,
    healthmonitor_id: z.string().nullable(),
    any_port_enable: z.literal(false),
    enterprise_project_id: enterpriseProject,
  })
  .meta({ id: 'Pool' })

/** A pool as the API shows it. */
export function poolView({ project }: Scope, record: PoolRecord): z.infer<typeof poolAnswer> {
  const { draining: _draining, loadbalancer_id: _owner, tags: _tags, ...fields } = record
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
