import { z } from 'zod'
import { type Route, route } from '../../wire/routes.ts'
import { countedIpGroups } from '../ip-groups/ip-groups.ts'
import type { Project } from '../project.ts'
import { root } from '../resource.ts'
import { type ElbPorts, inspect } from '../scope.ts'
import type { LimitedKind } from './quotas.ts'

const usedOf: Readonly<Record<LimitedKind, (project: Project) => number>> = {
  loadbalancer: ({ loadBalancers }) => loadBalancers.all().length,
  listener: ({ listeners }) => listeners.all().length,
  pool: ({ pools }) => pools.all().length,
  member: ({ members }) => members.all().length,
  healthmonitor: ({ healthMonitors }) => healthMonitors.all().length,
  certificate: ({ certificates }) => certificates.all().length,
  ipgroup: countedIpGroups,
  l7policy: ({ l7Policies }) => l7Policies.all().length,
  security_policy: ({ securityPolicies }) => securityPolicies.all().length,
}

const kinds = Object.keys(usedOf) as LimitedKind[]

const count = z.number().int()

const quotaAnswer = z.strictObject({
  quota: z.strictObject({
    project_id: z.string(),
    ...Object.fromEntries(kinds.map((kind) => [kind, count])),
  }),
})

const detailsAnswer = z.strictObject({
  quotas: z.array(
    z.strictObject({
      quota_key: z.enum(kinds),
      quota_limit: count,
      used: count,
      unit: z.literal('count'),
    }),
  ),
})

export function quotaRoutes(ports: ElbPorts): Route[] {
  const { quotas } = ports
  return [
    route({
      method: 'GET',
      path: `${root}/quotas`,
      name: 'ShowQuota',
      status: 200,
      answer: quotaAnswer,
      run: async (_, { projectId }) => ({
        status: 200,
        body: { quota: { project_id: projectId, ...quotas } },
      }),
    }),
    route({
      method: 'GET',
      path: `${root}/quotas/details`,
      name: 'ListQuotaDetails',
      status: 200,
      query: ['quota_key'],
      answer: detailsAnswer,
      run: ({ query }, call) =>
        inspect(call, ports, ({ project }) => {
          const wanted = query.get('quota_key')
          const details = kinds
            .filter((kind) => wanted === undefined || wanted.includes(kind))
            .map((quota_key) => ({
              quota_key,
              quota_limit: quotas[quota_key],
              used: usedOf[quota_key](project),
              unit: 'count',
            }))
          return { status: 200, body: { quotas: details } }
        }),
    }),
  ]
}
