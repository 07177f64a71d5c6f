/**
 * OpenStack Load Balancing v2, as Octavia has it, over the records and operations of Huawei Cloud's ELB: what is made by one API is seen
 * by the other. (Octavia's "Load Balancer API v2" reference.)
 */
import type { ElbPorts } from '../elb/scope.ts'
import { type Api, route } from '../wire/routes.ts'
import { healthMonitors } from './health-monitors.ts'
import { listeners } from './listeners.ts'
import { loadBalancers, statusRoutes } from './load-balancers.ts'
import { members } from './members.ts'
import { pools } from './pools.ts'
import { resourceRoutes, roots } from './resource.ts'

export function createOctaviaApi(ports: ElbPorts): Api {
  return {
    name: 'octavia',
    routes: [
      ...versionRoutes,
      ...providerRoutes,
      ...resourceRoutes(loadBalancers, ports),
      ...statusRoutes(ports),
      ...resourceRoutes(listeners, ports),
      ...resourceRoutes(pools, ports),
      ...resourceRoutes(members, ports),
      ...resourceRoutes(healthMonitors, ports),
    ],
    encode: (body) => body,
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

/** What all load balancers are made by, under the name that Huawei Cloud has for it. */
const providerRoutes = roots.map((root) =>
  route({
    method: 'GET',
    path: `${root}/providers`,
    name: 'OctaviaListProviders',
    status: 200,
    query: ['name', 'description'],
    run: async () => ({
      status: 200,
      body: { providers: [{ name: 'vlb', description: 'Weir' }] },
    }),
  }),
)
