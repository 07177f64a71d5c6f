/** How many of each resource a project may have. It is the same for all projects, and set when the server starts. */
import type { Quotas } from '../elb/quotas/quotas.ts'
import type { ElbPorts } from '../elb/scope.ts'
import { notPermitted } from '../wire/errors.ts'
import { type Route, route } from '../wire/routes.ts'
import { roots } from './resource.ts'

export function quotaRoutes({ quotas }: ElbPorts): Route[] {
  const limits = limitsOf(quotas)
  return roots.flatMap((root) => [
    route({
      method: 'GET',
      path: `${root}/quotas`,
      name: 'OctaviaListQuotas',
      status: 200,
      scoped: true,
      query: ['project_id'],
      run: async (_, { projectId: project_id }) => ({
        status: 200,
        body: { quotas: [{ project_id, ...limits }], quotas_links: [] },
      }),
    }),
    route({
      method: 'GET',
      path: `${root}/quotas/defaults`,
      name: 'OctaviaShowQuotaDefaults',
      status: 200,
      run: async () => ({ status: 200, body: { quota: limits } }),
    }),
    ...projectRoutes(`${root}/quotas/{project_id}`, limits),
  ])
}

function projectRoutes(path: string, limits: object): Route[] {
  const changes = [
    { method: 'PUT', name: 'OctaviaUpdateQuota' },
    { method: 'DELETE', name: 'OctaviaResetQuota' },
  ] as const
  return [
    route({
      method: 'GET',
      path,
      name: 'OctaviaShowQuota',
      status: 200,
      run: async (_, { projectId: project_id }) => ({
        status: 200,
        body: { quota: { project_id, ...limits } },
      }),
    }),
    ...changes.map((change) =>
      route({
        ...change,
        path,
        status: 200,
        run: async () => {
          throw notPermitted('Quotas cannot be changed: they are settings of the server')
        },
      }),
    ),
  ]
}

/** Octavia has two of them under older names too, which the `openstack` command reads. */
function limitsOf({ loadbalancer, listener, pool, member, healthmonitor, l7policy }: Quotas) {
  return {
    loadbalancer,
    load_balancer: loadbalancer,
    listener,
    pool,
    member,
    healthmonitor,
    health_monitor: healthmonitor,
    l7policy,
    // Rules are limited by policy.
    l7rule: -1,
  }
}
