import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  certificate,
  ElbApi,
  http80,
  https443,
  type TestRegion,
  tcp25,
} from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start({ loadBalancers: 3, listeners: 4 })
})
afterAll(() => api[Symbol.asyncDispose]())

function create(region: TestRegion, changes: object) {
  return region.elb.createLoadBalancer({
    LoadBalancerName: 'my-loadbalancer',
    Listeners: [http80],
    AvailabilityZones: [region.zoneA],
    ...changes,
  })
}

test('a new load balancer has the defaults of the guide', async () => {
  const region = api.region()
  const { DNSName } = await create(region, { AvailabilityZones: [region.zoneA, region.zoneB] })
  expect(DNSName).toMatch(
    new RegExp(`^my-loadbalancer-\\d{9,10}\\.${region.name}\\.elb\\.amazonaws\\.com$`),
  )

  const [subnetA, subnetB] = [
    await region.defaultSubnet(region.zoneA),
    await region.defaultSubnet(region.zoneB),
  ]
  const [group] = (await region.groups()).filter(({ groupName }) =>
    groupName.startsWith('default_elb_'),
  )
  const described = await region.describe('my-loadbalancer')
  expect(described).toEqual({
    LoadBalancerName: 'my-loadbalancer',
    DNSName,
    CanonicalHostedZoneName: DNSName,
    CanonicalHostedZoneNameID: expect.stringMatching(/^Z[A-Z0-9]{10,}$/),
    ListenerDescriptions: [
      {
        Listener: {
          Protocol: 'HTTP',
          LoadBalancerPort: 80,
          InstanceProtocol: 'HTTP',
          InstancePort: 80,
        },
        PolicyNames: [],
      },
    ],
    Policies: {
      AppCookieStickinessPolicies: [],
      LBCookieStickinessPolicies: [],
      OtherPolicies: [],
    },
    BackendServerDescriptions: [],
    AvailabilityZones: [region.zoneA, region.zoneB],
    Subnets: [subnetA.subnetId, subnetB.subnetId],
    VPCId: subnetA.vpcId,
    Instances: [],
    HealthCheck: {
      Target: 'TCP:80',
      Interval: 30,
      Timeout: 5,
      UnhealthyThreshold: 2,
      HealthyThreshold: 10,
    },
    SourceSecurityGroup: { OwnerAlias: '123456789012', GroupName: group!.groupName },
    SecurityGroups: [group!.groupId],
    CreatedTime: expect.any(Date),
    Scheme: 'internet-facing',
  })
  const { LoadBalancerAttributes } = await region.elb.describeLoadBalancerAttributes({
    LoadBalancerName: 'my-loadbalancer',
  })
  expect(LoadBalancerAttributes).toEqual({
    CrossZoneLoadBalancing: { Enabled: false },
    AccessLog: { Enabled: false },
    ConnectionDraining: { Enabled: false, Timeout: 300 },
    ConnectionSettings: { IdleTimeout: 60 },
    AdditionalAttributes: [{ Key: 'elb.http.desyncmitigationmode', Value: 'defensive' }],
  })
})

test('load balancers without groups share one group in the default VPC, and have the default group elsewhere', async () => {
  const region = api.region()
  await create(region, {})
  await create(region, { LoadBalancerName: 'second' })
  const [first, second] = [
    await region.describe('my-loadbalancer'),
    await region.describe('second'),
  ]
  expect(second.SecurityGroups).toEqual(first.SecurityGroups)

  const vpc = await region.vpc()
  const subnet = await region.subnet(vpc, region.zoneA, 0)
  await create(region, {
    LoadBalancerName: 'third',
    AvailabilityZones: undefined,
    Subnets: [subnet.subnetId],
  })
  const third = await region.describe('third')
  expect(third.VPCId).toBe(vpc.vpcId)
  expect(third.AvailabilityZones).toEqual([region.zoneA])
  expect(third.SourceSecurityGroup?.GroupName).toBe('default')
})

test('an internal load balancer has a name that says so, and needs no internet gateway', async () => {
  const region = api.region()
  const vpc = await region.vpc({ internetGateway: false })
  const subnet = await region.subnet(vpc, region.zoneA, 0)
  const group = await region.group(vpc.vpcId)
  const input = {
    AvailabilityZones: undefined,
    Subnets: [subnet.subnetId],
    SecurityGroups: [group.groupId],
  }
  await expect(create(region, input)).rejects.toMatchObject({
    name: 'InvalidSubnetException',
    message: `VPC ${vpc.vpcId} has no internet gateway`,
  })
  const { DNSName } = await create(region, { ...input, Scheme: 'internal' })
  expect(DNSName).toMatch(/^internal-my-loadbalancer-\d{9,10}\./)
  const described = await region.describe('my-loadbalancer')
  expect(described.Scheme).toBe('internal')
  expect(described.SourceSecurityGroup?.GroupName).toBe('my-group')
})

test('every zone gets a node with a network interface, and deleting frees them, however often', async () => {
  const region = api.region()
  await create(region, { AvailabilityZones: [region.zoneA, region.zoneB] })
  const interfaces = await region.interfaces()
  expect(interfaces.map(({ zone }) => zone).sort()).toEqual([region.zoneA, region.zoneB])
  expect(interfaces.map(({ description }) => description)).toEqual([
    'ELB my-loadbalancer',
    'ELB my-loadbalancer',
  ])
  const { zones } = await region.record('my-loadbalancer')
  expect(zones.map(({ address }) => address).sort()).toEqual(
    interfaces.map(({ privateIpAddress }) => privateIpAddress).sort(),
  )

  await region.elb.deleteLoadBalancer({ LoadBalancerName: 'my-loadbalancer' })
  await region.elb.deleteLoadBalancer({ LoadBalancerName: 'my-loadbalancer' })
  expect(await region.interfaces()).toEqual([])
  await expect(region.describe('my-loadbalancer')).rejects.toMatchObject({
    name: 'AccessPointNotFoundException',
    message: "There is no ACTIVE Load Balancer named 'my-loadbalancer'",
  })
})

test('HTTPS and SSL listeners begin with the default security policy', async () => {
  const region = api.region()
  await create(region, { Listeners: [http80, { ...https443, Protocol: 'https' }] })
  const described = await region.describe('my-loadbalancer')
  expect(described.ListenerDescriptions?.[1]).toEqual({
    Listener: {
      Protocol: 'HTTPS',
      LoadBalancerPort: 443,
      InstanceProtocol: 'HTTP',
      InstancePort: 80,
      SSLCertificateId: certificate,
    },
    PolicyNames: ['ELBSecurityPolicy-2016-08'],
  })
  expect(described.Policies?.OtherPolicies).toEqual(['ELBSecurityPolicy-2016-08'])
})

test('the same request again answers the same name, whatever has been changed beside it', async () => {
  const region = api.region()
  const input = { Listeners: [http80, https443], Tags: [{ Key: 'project', Value: 'lima' }] }
  const first = await create(region, input)
  await region.elb.addTags({
    LoadBalancerNames: ['my-loadbalancer'],
    Tags: [{ Key: 'department', Value: 'digital-media' }],
  })
  const again = await create(region, { ...input, Listeners: [https443, http80] })
  expect(again.DNSName).toBe(first.DNSName)
  expect(await region.interfaces()).toHaveLength(1)
})

test.each([
  ['listeners', () => ({ Listeners: [{ ...http80, InstancePort: 8080 }] })],
  ['zones', ({ zoneB }: TestRegion) => ({ AvailabilityZones: [zoneB] })],
  ['scheme', () => ({ Scheme: 'internal' })],
  ['tags', () => ({ Tags: [{ Key: 'project', Value: 'lima' }] })],
])('the same name with other %s is refused', async (_, changes) => {
  const region = api.region()
  await create(region, {})
  await expect(create(region, changes(region))).rejects.toMatchObject({
    name: 'DuplicateAccessPointNameException',
    message:
      "Load Balancer named 'my-loadbalancer' already exists and it is configured with different parameters.",
  })
})

test.each([
  [
    'no letters or digits',
    'my_loadbalancer',
    'must contain only alphanumeric characters or hyphens',
  ],
  ['a hyphen first', '-my', 'cannot begin or end with a hyphen'],
  ['a hyphen last', 'my-', 'cannot begin or end with a hyphen'],
  ['more than 32 characters', 'a'.repeat(33), 'is longer than 32 characters'],
])('a name with %s is refused', async (_, LoadBalancerName, message) => {
  await expect(create(api.region(), { LoadBalancerName })).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining(message),
  })
})

test('zones and subnets must be given, but not both, and must exist', async () => {
  const region = api.region()
  const { subnetId } = await region.defaultSubnet(region.zoneA)
  const refused = (changes: object, name: string, message: string) =>
    expect(create(region, changes)).rejects.toMatchObject({ name, message })
  await refused(
    { Subnets: [subnetId] },
    'ValidationError',
    'Only one of SubnetIds or AvailabilityZones parameter may be specified',
  )
  await refused(
    { AvailabilityZones: [] },
    'ValidationError',
    'Either AvailabilityZones or SubnetIds must be specified',
  )
  await refused(
    { AvailabilityZones: ['us-west-2x'] },
    'ValidationError',
    'Invalid availability zone: us-west-2x',
  )
  await refused(
    { AvailabilityZones: [], Subnets: ['subnet-12345678'] },
    'SubnetNotFoundException',
    "The subnet ID 'subnet-12345678' does not exist",
  )
  await refused(
    { Scheme: 'private' },
    'InvalidSchemeException',
    "Scheme 'private' is not valid. It must be internet-facing or internal",
  )
})

test('subnets are of one VPC and of different zones', async () => {
  const region = api.region()
  const vpc = await region.vpc()
  const first = await region.subnet(vpc, region.zoneA, 0)
  const sameZone = await region.subnet(vpc, region.zoneA, 1)
  const elsewhere = await region.defaultSubnet(region.zoneB)
  const Subnets = [first.subnetId, sameZone.subnetId]
  await expect(create(region, { AvailabilityZones: [], Subnets })).rejects.toMatchObject({
    name: 'InvalidConfigurationRequestException',
    message: 'ELB cannot be attached to multiple subnets in the same AZ.',
    $metadata: { httpStatusCode: 409 },
  })
  const mixed = [first.subnetId, elsewhere.subnetId]
  await expect(create(region, { AvailabilityZones: [], Subnets: mixed })).rejects.toMatchObject({
    name: 'InvalidConfigurationRequestException',
    message: `Subnet '${elsewhere.subnetId}' does not belong to VPC '${vpc.vpcId}'`,
  })
  expect(await region.interfaces()).toEqual([])
})

test('no more listeners than the quota, and no port twice', async () => {
  const region = api.region()
  const listeners = [1, 2, 3, 4, 5].map((port) => ({ ...tcp25, LoadBalancerPort: port }))
  await expect(create(region, { Listeners: listeners })).rejects.toMatchObject({
    name: 'InvalidConfigurationRequestException',
  })
  await expect(
    create(region, { Listeners: [http80, { ...http80, InstancePort: 81 }] }),
  ).rejects.toMatchObject({ name: 'InvalidConfigurationRequestException' })
  await create(region, { Listeners: listeners.slice(0, 4) })
})

test('concurrent creators never exceed the quota', async () => {
  const region = api.region()
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => create(region, { LoadBalancerName: `lb-${i}` })),
  )
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(7)
  for (const { reason } of refused) {
    expect(reason).toMatchObject({
      name: 'TooManyAccessPointsException',
      message: 'Exceeded quota of account 123456789012',
    })
  }
  const { LoadBalancerDescriptions } = await region.elb.describeLoadBalancers({})
  expect(LoadBalancerDescriptions).toHaveLength(3)
  expect(await region.interfaces()).toHaveLength(3)
})
