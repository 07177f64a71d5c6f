import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  certificate,
  ElbApi,
  http80,
  https443,
  otherCertificate,
  type TestRegion,
  tcp25,
} from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start({ listeners: 5 })
})
afterAll(() => api[Symbol.asyncDispose]())

const LoadBalancerName = 'my-loadbalancer'

async function withLoadBalancer(): Promise<TestRegion> {
  const region = api.region()
  await region.create(LoadBalancerName)
  return region
}

async function ports(region: TestRegion) {
  const { ListenerDescriptions = [] } = await region.describe(LoadBalancerName)
  return ListenerDescriptions.map(({ Listener }) => Listener?.LoadBalancerPort)
}

test('listeners are added and deleted; deleting one that is not there is no error', async () => {
  const region = await withLoadBalancer()
  await region.elb.createLoadBalancerListeners({
    LoadBalancerName,
    Listeners: [tcp25, https443],
  })
  expect(await ports(region)).toEqual([80, 25, 443])
  await region.elb.deleteLoadBalancerListeners({
    LoadBalancerName,
    LoadBalancerPorts: [25, 443, 8443],
  })
  expect(await ports(region)).toEqual([80])
  // The policies of a deleted listener stay with the load balancer.
  const { Policies } = await region.describe(LoadBalancerName)
  expect(Policies?.OtherPolicies).toEqual(['ELBSecurityPolicy-2016-08'])
})

test('a listener that is there already is no error, unless it differs', async () => {
  const region = await withLoadBalancer()
  const add = (Listeners: object[]) =>
    region.elb.createLoadBalancerListeners({ LoadBalancerName, Listeners: Listeners as never })
  await add([{ ...http80, Protocol: 'http', InstanceProtocol: 'http' }, tcp25])
  expect(await ports(region)).toEqual([80, 25])
  for (const changed of [
    { ...http80, InstancePort: 8080 },
    { ...http80, Protocol: 'TCP' },
  ]) {
    await expect(add([{ ...tcp25, LoadBalancerPort: 26 }, changed])).rejects.toMatchObject({
      name: 'DuplicateListenerException',
      message:
        'A listener already exists for my-loadbalancer with LoadBalancerPort 80, but with a different InstancePort, Protocol, or SSLCertificateId',
    })
  }
  expect(await ports(region)).toEqual([80, 25])
})

test.each([
  ['HTTP', undefined, 'HTTP'],
  ['http', 'https', 'HTTPS'],
  ['tcp', 'ssl', 'SSL'],
  ['TCP', undefined, 'TCP'],
])(
  'front-end %s with back-end %s is kept in capitals as %s',
  async (Protocol, InstanceProtocol, told) => {
    const region = await withLoadBalancer()
    await region.elb.createLoadBalancerListeners({
      LoadBalancerName,
      Listeners: [{ Protocol, InstanceProtocol, LoadBalancerPort: 8080, InstancePort: 8080 }],
    })
    const { ListenerDescriptions } = await region.describe(LoadBalancerName)
    expect(ListenerDescriptions?.[1]?.Listener).toMatchObject({
      Protocol: Protocol.toUpperCase(),
      InstanceProtocol: told,
    })
  },
)

test.each([
  [{ ...http80, InstanceProtocol: 'TCP' }, 'ValidationError', 'cannot be combined'],
  [{ ...tcp25, InstanceProtocol: 'HTTPS' }, 'ValidationError', 'cannot be combined'],
  [{ ...http80, Protocol: 'UDP' }, 'UnsupportedProtocolException', "'UDP' is not supported"],
  [
    { ...https443, SSLCertificateId: undefined },
    'ValidationError',
    'Secure Listeners need to specify a SSLCertificateId',
  ],
  [
    { ...https443, SSLCertificateId: `${certificate}-none` },
    'CertificateNotFoundException',
    `Server Certificate not found for the key: ${certificate}-none`,
  ],
  [
    { ...http80, SSLCertificateId: certificate },
    'InvalidConfigurationRequestException',
    'SSLCertificateId cannot be specified for a HTTP listener',
  ],
  [
    { ...http80, InstancePort: 0 },
    'ValidationError',
    "1 validation error detected: Value '0' at 'listeners.1.member.instancePort' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  [
    { ...http80, LoadBalancerPort: 65536, InstancePort: 0 },
    'ValidationError',
    "2 validation errors detected: Value '65536' at 'listeners.1.member.loadBalancerPort' failed to satisfy constraint: Member must have value less than or equal to 65535; Value '0' at",
  ],
])('%o is refused with %s', async (listener, name, message) => {
  const region = await withLoadBalancer()
  await expect(
    region.elb.createLoadBalancerListeners({ LoadBalancerName, Listeners: [listener] }),
  ).rejects.toMatchObject({ name, message: expect.stringContaining(message) })
})

test('no listeners at all are refused', async () => {
  const region = await withLoadBalancer()
  await expect(
    region.elb.createLoadBalancerListeners({ LoadBalancerName, Listeners: [] }),
  ).rejects.toMatchObject({ name: 'ValidationError', message: 'Listeners cannot be empty' })
})

test('a certificate is replaced on secure listeners only', async () => {
  const region = await withLoadBalancer()
  await region.elb.createLoadBalancerListeners({ LoadBalancerName, Listeners: [https443] })
  const set = (LoadBalancerPort: number, SSLCertificateId: string) =>
    region.elb.setLoadBalancerListenerSSLCertificate({
      LoadBalancerName,
      LoadBalancerPort,
      SSLCertificateId,
    })
  await set(443, otherCertificate)
  const { ListenerDescriptions } = await region.describe(LoadBalancerName)
  expect(ListenerDescriptions?.[1]?.Listener?.SSLCertificateId).toBe(otherCertificate)
  expect(ListenerDescriptions?.[1]?.PolicyNames).toEqual(['ELBSecurityPolicy-2016-08'])

  await expect(set(444, certificate)).rejects.toMatchObject({ name: 'ListenerNotFoundException' })
  await expect(set(80, certificate)).rejects.toMatchObject({
    name: 'InvalidConfigurationRequestException',
  })
  await expect(set(443, 'arn:none')).rejects.toMatchObject({
    name: 'CertificateNotFoundException',
  })
})

test('concurrent changes lose nothing and hold the quota', async () => {
  const region = await withLoadBalancer()
  const results = await Promise.allSettled(
    [1, 2, 3, 4, 5, 6, 7].map((port) =>
      region.elb.createLoadBalancerListeners({
        LoadBalancerName,
        Listeners: [{ ...tcp25, LoadBalancerPort: port }],
      }),
    ),
  )
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
  expect(await ports(region)).toHaveLength(5)
})

test('a missing load balancer is told', async () => {
  const region = api.region()
  await expect(
    region.elb.createLoadBalancerListeners({ LoadBalancerName, Listeners: [http80] }),
  ).rejects.toMatchObject({ name: 'AccessPointNotFoundException' })
})
