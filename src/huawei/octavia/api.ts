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
import { base, resourceRoutes, roots } from './resource.ts'
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

/** What clients may count on: v2.1 has timeouts, v2.5 tags, v2.11 additions of members, v2.12 allowed CIDRs, v2.14 availability zones. */
const versions = ['v2.0', 'v2.1', 'v2.5', 'v2.11', 'v2.12', 'v2.14']

/** Clients take the last one for the newest. */
function versionViews(href: string) {
  return versions.map((id) => ({
    id,
    status: id === versions.at(-1) ? 'CURRENT' : 'SUPPORTED',
    updated: '2016-12-11T00:00:00Z',
    links: [{ rel: 'self', href }],
  }))
}

const versionRoutes = [
  route({
    method: 'GET',
    path: base,
    name: 'OctaviaListVersions',
    status: 200,
    open: true,
    run: async (_, { baseUrl }) => ({
      status: 200,
      body: { versions: versionViews(`${baseUrl}${base}/v2`) },
    }),
  }),
  ...[`${base}/v2`, `${base}/v2.0`, '/v2', '/v2.0'].map((path) =>
    route({
      method: 'GET',
      path,
      name: 'OctaviaShowVersion',
      status: 200,
      open: true,
      run: async (_, { baseUrl }) => ({
        status: 200,
        body: { version: versionViews(`${baseUrl}${path}`)[0] },
      }),
    }),
  ),
]

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
