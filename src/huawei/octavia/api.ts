/**
 * OpenStack Load Balancing v2, as Octavia has it, over the records and operations of Huawei Cloud's ELB: what is made by one API is seen
 * by the other. (Octavia's "Load Balancer API v2" reference.)
 */
import type { ElbPorts } from '../elb/scope.ts'
import { notImplemented, overQuotaCode } from '../wire/errors.ts'
import { type Api, route } from '../wire/routes.ts'
import { choiceRoutes } from './choices.ts'
import { healthMonitors } from './health-monitors.ts'
import { l7Policies } from './l7-policies.ts'
import { l7Rules } from './l7-rules.ts'
import { listeners } from './listeners.ts'
import { loadBalancers, statusRoutes } from './load-balancers.ts'
import { memberBatchRoutes } from './member-batch.ts'
import { members } from './members.ts'
import { pools } from './pools.ts'
import { quotaRoutes } from './quotas.ts'
import { resourceRoutes, roots } from './resource.ts'
import { statsRoutes } from './stats.ts'

export function createOctaviaApi(ports: ElbPorts): Api {
  return {
    name: 'octavia',
    routes: [
      ...versionRoutes,
      ...choiceRoutes(ports),
      ...quotaRoutes(ports),
      ...resourceRoutes(loadBalancers, ports),
      ...statusRoutes(ports),
      ...statsRoutes(ports),
      ...failoverRoutes,
      ...resourceRoutes(listeners, ports),
      ...resourceRoutes(pools, ports),
      ...resourceRoutes(members, ports),
      ...memberBatchRoutes(ports),
      ...resourceRoutes(healthMonitors, ports),
      ...resourceRoutes(l7Policies, ports),
      ...resourceRoutes(l7Rules, ports),
    ],
    encode: (body) => body,
    // Clients try again for minutes after a conflict.
    statusOf: ({ code, status }) => (code === overQuotaCode ? 403 : status),
    encodeError: ({ status, message }) => ({
      faultcode: status >= 500 ? 'Server' : 'Client',
      faultstring: message,
      debuginfo: null,
    }),
  }
}

const versionRoutes = ['/v2', '/v2.0'].map((path) =>
  route({
    method: 'GET',
    path,
    name: 'OctaviaShowVersion',
    status: 200,
    open: true,
    run: async (_, { baseUrl }) => ({
      status: 200,
      body: {
        version: {
          id: 'v2.0',
          status: 'CURRENT',
          updated: '2016-12-11T00:00:00Z',
          links: [{ rel: 'self', href: `${baseUrl}${path}` }],
        },
      },
    }),
  }),
)

const failoverRoutes = roots.map((root) =>
  route({
    method: 'PUT',
    path: `${root}/loadbalancers/{id}/failover`,
    name: 'OctaviaFailoverLoadBalancer',
    status: 202,
    scoped: true,
    run: async () => {
      throw notImplemented("Provider 'vlb' has no failover: nothing stands by for a load balancer")
    },
  }),
)
