/** Huawei Cloud's Elastic Load Balance, API v3. */
import { z } from 'zod'
import { type DescribedApi, route } from '../wire/routes.ts'
import { certificateRoutes } from './certificates/routes.ts'
import { flavorRoutes, zoneRoute } from './flavors/routes.ts'
import { healthMonitorRoutes } from './health-monitors/routes.ts'
import { ipGroupRoutes } from './ip-groups/routes.ts'
import { l7PolicyRoutes } from './l7-policies/routes.ts'
import { listenerRoutes } from './listeners/routes.ts'
import { loadBalancerRoutes } from './load-balancers/routes.ts'
import { logConfigurationRoutes } from './log-configurations/routes.ts'
import { memberRoutes } from './members/routes.ts'
import { poolRoutes } from './pools/routes.ts'
import { quotaRoutes } from './quotas/routes.ts'
import type { ElbPorts } from './scope.ts'
import { securityPolicyRoutes } from './security-policies/routes.ts'

export function createElbApi(ports: ElbPorts): DescribedApi {
  return {
    name: 'elb',
    routes: [
      versionsRoute,
      ...loadBalancerRoutes(ports),
      ...listenerRoutes(ports),
      ...poolRoutes(ports),
      ...memberRoutes(ports),
      ...healthMonitorRoutes(ports),
      ...certificateRoutes(ports),
      ...ipGroupRoutes(ports),
      ...securityPolicyRoutes(ports),
      ...l7PolicyRoutes(ports),
      ...logConfigurationRoutes(ports),
      ...quotaRoutes(ports),
      ...flavorRoutes(),
      zoneRoute(ports),
    ],
    added,
    error,
    encode: (body, requestId) => ({ ...body, request_id: requestId }),
    encodeError: ({ code, message }, requestId): z.infer<typeof error> => ({
      error_code: code,
      error_msg: message,
      request_id: requestId,
    }),
  }
}

const added = { request_id: z.string() }

const error = z
  .strictObject({
    error_code: z.string(),
    error_msg: z.string(),
    ...added,
  })
  .meta({ id: 'Error' })

const versionsRoute = route({
  method: 'GET',
  path: '/versions',
  name: 'ListApiVersions',
  status: 200,
  answer: z.strictObject({
    versions: z.array(z.strictObject({ id: z.string(), status: z.string() })),
  }),
  open: true,
  run: async () => ({ status: 200, body: { versions: [{ id: 'v3', status: 'CURRENT' }] } }),
})
