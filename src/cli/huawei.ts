/** Huawei Cloud's services of the API port. */
import { recordCalls } from '../aws/cloudtrail/events/record-calls.ts'
import { foreignPage } from '../aws/wire/browser-guard.ts'
import { createElbApi } from '../huawei/elb/api.ts'
import type { ElbPorts } from '../huawei/elb/scope.ts'
import { createKeystoneApi } from '../huawei/keystone/api.ts'
import { Projects } from '../huawei/keystone/projects.ts'
import { Tokens } from '../huawei/keystone/tokens.ts'
import { createNeutronApi } from '../huawei/neutron/api.ts'
import { createOctaviaApi } from '../huawei/octavia/api.ts'
import { createHuaweiEndpoint, type HuaweiEndpoint } from '../huawei/wire/endpoint.ts'
import type { FinishedCall } from '../huawei/wire/finished-call.ts'
import { openApiOf } from '../huawei/wire/openapi.ts'
import type { Foundation } from './foundation.ts'
import { huaweiEvent } from './huawei-events.ts'
import { huaweiLogGroups } from './huawei-log-groups.ts'
import { huaweiNetworks } from './huawei-networks.ts'

export function huaweiEndpoint(foundation: Foundation): HuaweiEndpoint {
  const { settings, store, events, clock, logger, box, auth, board } = foundation
  const keys = auth.kind === 'none' ? null : auth.keys
  const isAccessKey = async (id: string) => (await keys?.secretOf(id)) !== undefined
  const eventOf = (call: FinishedCall) => huaweiEvent(call, settings, isAccessKey)
  const tokens = new Tokens(box, keys, clock)
  const ports: ElbPorts = {
    networks: huaweiNetworks(settings.region),
    logGroups: huaweiLogGroups({
      buckets: foundation.buckets,
      region: settings.region,
      account: settings.accountId,
      logger,
    }),
    health: board,
    traffic: board,
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
  }
  const elb = createElbApi(ports)
  const keystone = createKeystoneApi({
    projects: new Projects(settings.accountId, settings.region),
    tokens,
    region: settings.region,
    catalog: [
      { type: 'identity', name: 'keystone', path: '/v3' },
      { type: 'elbv3', name: 'elbv3', path: '/v3/{project_id}' },
      { type: 'load-balancer', name: 'octavia', path: '/load-balancer' },
      { type: 'network', name: 'neutron', path: '/network' },
    ],
  })
  return createHuaweiEndpoint({
    apis: [
      elb,
      keystone,
      openApiOf([elb, keystone]),
      createOctaviaApi(ports),
      createNeutronApi(ports),
    ],
    store,
    clock,
    logger,
    record: recordCalls(eventOf, events, logger),
    auth:
      auth.kind === 'none'
        ? { kind: 'none', refuse: (headers) => foreignPage(headers, auth.ownNames), tokens }
        : { kind: 'required', keys: auth.keys, tokens },
  })
}
