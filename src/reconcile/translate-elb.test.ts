import { expect, test } from 'vitest'
import { instance, loadBalancer, snapshotOf } from '../../test/support/translation.ts'
import type { LoadBalancerRecord } from '../aws/elb/records.ts'

test('a load balancer becomes a node a zone, a pool an instance port, and a check a registration', () => {
  const snapshot = snapshotOf(loadBalancer, [
    instance('i-1'),
    instance('i-2', { zone: 'us-west-2b' }),
  ])
  const identity = 'aws/us-west-2/web/123'
  expect(snapshot.revision).toBe(7)
  expect(snapshot.nodes.map(({ id, addresses }) => [id, addresses])).toEqual([
    [`${identity}/us-west-2a`, ['127.16.0.9']],
    [`${identity}/us-west-2b`, ['127.16.16.9', 'fd00::9']],
  ])
  expect(snapshot.nodes[0]?.listeners).toEqual([
    {
      id: `${identity}/us-west-2a/http-80`,
      protocol: 'http',
      port: 80,
      pool: `${identity}/http-8080`,
      idleTimeout: 60_000,
      desync: 'defensive',
    },
    {
      id: `${identity}/us-west-2a/http-81`,
      protocol: 'http',
      port: 81,
      pool: `${identity}/http-8080`,
      idleTimeout: 60_000,
      desync: 'defensive',
    },
    {
      id: `${identity}/us-west-2a/tcp-90`,
      protocol: 'tcp',
      port: 90,
      pool: `${identity}/tcp-9000`,
      idleTimeout: 60_000,
    },
  ])
  expect(snapshot.pools.map(({ id, algorithm, crossZone }) => [id, algorithm, crossZone])).toEqual([
    [`${identity}/http-8080`, 'least-outstanding', true],
    [`${identity}/tcp-9000`, 'round-robin', true],
  ])
  expect(snapshot.pools[1]?.targets).toEqual([
    { id: 'i-1', host: '10.0.0.1', port: 9000, zone: 'us-west-2a', check: `${identity}/i-1/r1` },
    { id: 'i-2', host: '10.0.0.2', port: 9000, zone: 'us-west-2b', check: `${identity}/i-2/r2` },
  ])
  expect(snapshot.checks[0]).toEqual({
    id: `${identity}/i-1/r1`,
    host: '10.0.0.1',
    port: 8080,
    probe: { protocol: 'http', path: '/ping' },
    interval: 30_000,
    timeout: 5000,
    healthyThreshold: 10,
    unhealthyThreshold: 2,
  })
})

test('a listener’s stickiness policy becomes its stickiness, with the key of its load balancer', () => {
  const policies = [
    ['lb', 'LBCookieStickinessPolicyType', 'CookieExpirationPeriod', '60'],
    ['session', 'LBCookieStickinessPolicyType', 'CookieExpirationPeriod', '0'],
    ['app', 'AppCookieStickinessPolicyType', 'CookieName', 'JSESSIONID'],
  ].map(([name = '', typeName = '', attribute = '', value = '']) => ({
    name,
    typeName,
    attributes: [{ name: attribute, value }],
  }))
  const stickiness = (...policyNames: string[]) => {
    const listeners = loadBalancer.listeners.map((listener) => ({ ...listener, policyNames }))
    const { nodes } = snapshotOf({ ...loadBalancer, policies, listeners }, [])
    return nodes[0]?.listeners.map((listener) =>
      listener.protocol === 'http' ? listener.stickiness : listener,
    )
  }
  const key = 'key of aws/us-west-2/web/123'
  const [first, second, tcp] = stickiness('lb') ?? []
  expect(first).toEqual({ kind: 'lb-cookie', key, lifetime: 60_000 })
  expect(second).toEqual(first)
  expect(tcp).not.toHaveProperty('stickiness')
  expect(stickiness('session')?.[0]).toEqual({ kind: 'lb-cookie', key, lifetime: null })
  expect(stickiness('app')?.[0]).toEqual({ kind: 'app-cookie', key, cookie: 'JSESSIONID' })
  expect(stickiness('gone')?.[0]).toBeUndefined()
})

test('proxy protocol is of the instance port, and of TCP only', () => {
  const switched = (name: string, value: string) => ({
    name,
    typeName: 'ProxyProtocolPolicyType',
    attributes: [{ name: 'ProxyProtocol', value }],
  })
  const pools = (policyNames: string[]) =>
    snapshotOf(
      {
        ...loadBalancer,
        policies: [switched('on', 'True'), switched('off', 'false')],
        backendPolicies: [8080, 9000].map((instancePort) => ({ instancePort, policyNames })),
      },
      [],
    ).pools.map(({ id, proxyProtocol }) => [id, proxyProtocol])
  const identity = 'aws/us-west-2/web/123'
  expect(pools(['on'])).toEqual([
    [`${identity}/http-8080`, false],
    [`${identity}/tcp-9000`, true],
  ])
  expect(pools(['off']).map(([, on]) => on)).toEqual([false, false])
})

test.each([
  ['is stopped', instance('i-2', { state: 'stopped' })],
  ['is terminated', instance('i-2', { state: 'terminated' })],
  ['is in a zone that is not enabled', instance('i-2', { zone: 'us-west-2c' })],
  ['is not there any more', instance('i-9')],
])('an instance that %s is neither checked nor sent traffic', (_, other) => {
  const snapshot = snapshotOf(loadBalancer, [instance('i-1'), other])
  expect(snapshot.checks).toHaveLength(1)
  expect(snapshot.pools.map(({ targets }) => targets.map(({ id }) => id))).toEqual([
    ['i-1'],
    ['i-1'],
  ])
})

test.each([
  ['TCP:80', 80, { protocol: 'tcp' }],
  ['tcp:80', 80, { protocol: 'tcp' }],
  ['HTTP:8080/a/B?c', 8080, { protocol: 'http', path: '/a/B?c' }],
  ['SSL:443', 443, { protocol: 'tcp', tls: { publicKeys: null } }],
  ['https:443/a', 443, { protocol: 'http', path: '/a', tls: { publicKeys: null } }],
])('the health check target %s is understood', (target, port, probe) => {
  const healthCheck = { ...loadBalancer.healthCheck, target }
  const { checks } = snapshotOf({ ...loadBalancer, healthCheck }, [instance('i-1')])
  expect(checks[0]).toMatchObject({ port, probe })
})

test.each(['monitor', 'defensive', 'strictest'])(
  'the desync mitigation mode %s is taken over',
  (mode) => {
    const additional = [{ key: 'elb.http.desyncmitigationmode', value: mode }]
    const attributes = { ...loadBalancer.attributes, additional }
    const snapshot = snapshotOf({ ...loadBalancer, attributes }, [])
    expect(snapshot.nodes[0]?.listeners[0]).toMatchObject({ desync: mode })
  },
)

const connectionDraining = { enabled: true, timeout: 300 }
const drains: LoadBalancerRecord = {
  ...loadBalancer,
  instances: [{ instanceId: 'i-1', registrationId: 'r1' }],
  draining: [{ instanceId: 'i-2', registrationId: 'r2', until: 1_000_000 }],
  attributes: { ...loadBalancer.attributes, connectionDraining },
}

test('a deregistered instance drains in every pool, until its end', () => {
  const snapshot = snapshotOf(drains, [instance('i-1'), instance('i-2')])
  const ending = { id: 'aws/us-west-2/web/123/i-2/r2', host: '10.0.0.2', until: 1_000_000 }
  expect(snapshot.checks).toHaveLength(1)
  expect(
    snapshot.pools.map(({ targets, draining, finishUnhealthy }) => [
      targets.map(({ id }) => id),
      draining,
      finishUnhealthy,
    ]),
  ).toEqual([
    [['i-1'], [{ ...ending, port: 8080 }], true],
    [['i-1'], [{ ...ending, port: 9000 }], true],
  ])
})

test.each([
  ['a stopped one is not there', drains, 'stopped', 'us-west-2a', []],
  ['a terminated one is not there', drains, 'terminated', 'us-west-2a', []],
  [
    'one of a disabled zone is there without end',
    { ...drains, draining: [], instances: loadBalancer.instances },
    'running',
    'us-west-2c',
    [null],
  ],
  [
    'one of a disabled zone is not there where draining is off',
    loadBalancer,
    'running',
    'us-west-2c',
    [],
  ],
] as const)('of draining instances, %s', (_, record, state, zone, ends) => {
  const [pool] = snapshotOf(record, [instance('i-1'), instance('i-2', { state, zone })]).pools
  expect(pool?.draining.map(({ until }) => until)).toEqual(ends)
})

test('Weir’s own attributes bound connections, open some ahead, and start instances slowly', () => {
  const additional = [
    { key: 'weir.maxConnectionsPerInstance', value: '100' },
    { key: 'weir.slowStartSeconds', value: '30' },
    { key: 'weir.spareConnectionsPerInstance', value: '4' },
  ]
  const attributes = { ...loadBalancer.attributes, additional }
  const set = snapshotOf({ ...loadBalancer, attributes }, []).pools[0]
  expect(set).toMatchObject({ maxConnections: 100, slowStart: 30_000, spareConnections: 4 })
  const unset = snapshotOf(loadBalancer, []).pools[0]
  expect(unset).toMatchObject({ maxConnections: null, slowStart: 0 })
  expect(unset).not.toHaveProperty('spareConnections')
})

test('an access log that is enabled is told to every node, with the hour that the API defaults to', () => {
  const { attributes } = loadBalancer
  const accessLog = {
    enabled: true,
    s3BucketName: 'my-logs',
    s3BucketPrefix: null,
    emitInterval: null,
  }
  const logging = { ...loadBalancer, attributes: { ...attributes, accessLog } }
  const expected = {
    loadBalancerName: 'web',
    account: '123456789012',
    region: 'us-west-2',
    bucket: 'my-logs',
    prefix: '',
    interval: 3_600_000,
  }
  const logs = (record: LoadBalancerRecord) =>
    snapshotOf(record, []).nodes.map((node) => node.accessLog)
  expect(logs(logging)).toEqual([expected, expected])
  expect(logs(loadBalancer)).toEqual([undefined, undefined])
  const additional = [{ key: 'weir.accessLogJson', value: 'true' }]
  const asJson = { ...logging, attributes: { ...logging.attributes, additional } }
  expect(logs(asJson)[0]).toEqual({ ...expected, format: 'json' })
})

test('registered instances that do not run are told to the node of their zone', () => {
  const stopped = instance('i-1', { state: 'stopped', zone: 'us-west-2b' })
  const others = [instance('i-2'), instance('i-3', { state: 'stopped', zone: 'us-west-2c' })]
  const instances = ['i-1', 'i-2', 'i-3'].map((id) => ({ instanceId: id, registrationId: id }))
  const { nodes } = snapshotOf({ ...loadBalancer, instances }, [stopped, ...others])
  expect(nodes.map(({ zone, absentTargets }) => [zone, absentTargets])).toEqual([
    ['us-west-2a', undefined],
    ['us-west-2b', 1],
  ])
})
