/** Huawei Cloud's services of the API port. */
import { foreignPage } from '../aws/wire/browser-guard.ts'
import { createElbApi } from '../huawei/elb/api.ts'
import { createKeystoneApi } from '../huawei/keystone/api.ts'
import { Projects } from '../huawei/keystone/projects.ts'
import { Tokens } from '../huawei/keystone/tokens.ts'
import { createHuaweiEndpoint, type HuaweiEndpoint } from '../huawei/wire/endpoint.ts'
import { openApiOf } from '../huawei/wire/openapi.ts'
import type { Foundation } from './foundation.ts'
import { huaweiNetworks } from './huawei-networks.ts'

export function huaweiEndpoint(foundation: Foundation): HuaweiEndpoint {
  const { settings, store, clock, logger, box, auth, board } = foundation
  const keys = auth.kind === 'none' ? null : auth.keys
  const tokens = new Tokens(box, keys, clock)
  const elb = createElbApi({
    networks: huaweiNetworks(settings.region),
    health: board,
    box,
    quotas: {
      loadbalancer: settings.huaweiMaxLoadBalancers,
      listener: settings.huaweiMaxListeners,
      pool: settings.huaweiMaxPools,
      member: settings.huaweiMaxMembers,
      healthmonitor: settings.huaweiMaxPools,
      certificate: settings.huaweiMaxCertificates,
      ipgroup: settings.huaweiMaxIpGroups,
      l7policy: settings.huaweiMaxL7Policies,
      security_policy: settings.huaweiMaxSecurityPolicies,
    },
  })
  const keystone = createKeystoneApi({
    projects: new Projects(settings.accountId, settings.region),
    tokens,
    region: settings.region,
    catalog: [
      { type: 'identity', name: 'keystone', path: '/v3' },
      { type: 'elbv3', name: 'elbv3', path: '/v3/{project_id}' },
    ],
  })
  return createHuaweiEndpoint({
    apis: [elb, keystone, openApiOf([elb, keystone])],
    store,
    clock,
    logger,
    auth:
      auth.kind === 'none'
        ? { kind: 'none', refuse: (headers) => foreignPage(headers, auth.ownNames) }
        : { kind: 'required', keys: auth.keys, tokens },
  })
}
