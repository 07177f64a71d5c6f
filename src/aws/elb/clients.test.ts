/** The calls that widely used clients make, in their order: they succeed, repeated too, and a second look finds nothing to change. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ElbApi,
  http80,
  https443,
  instanceList,
  type TestRegion,
  tcp25,
} from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const LoadBalancerName = 'my-loadbalancer'

/** All that a client can see of the load balancer. */
async function look({ elb }: TestRegion) {
  const own = { LoadBalancerName }
  const names = { LoadBalancerNames: [LoadBalancerName] }
  const [descriptions, attributes, policies, health, tags] = await Promise.all([
    elb.describeLoadBalancers(names),
    elb.describeLoadBalancerAttributes(own),
    elb.describeLoadBalancerPolicies(own),
    elb.describeInstanceHealth(own),
    elb.describeTags(names),
  ])
  return [
    descriptions.LoadBalancerDescriptions,
    attributes.LoadBalancerAttributes,
    policies.PolicyDescriptions,
    health.InstanceStates,
    tags.TagDescriptions,
  ]
}

test('Terraform creates, reads back what it wrote, and applies again', async () => {
  const region = api.region()
  const { elb } = region
  const vpc = await region.vpc()
  const subnet = await region.subnet(vpc, region.zoneA, 0)
  const { groupId } = await region.group(vpc.vpcId)
  const Listeners = [{ ...http80, Protocol: 'http', InstanceProtocol: 'http' }, https443]
  const apply = async () => {
    await elb.createLoadBalancer({
      LoadBalancerName,
      Listeners,
      Subnets: [subnet.subnetId],
      SecurityGroups: [groupId],
      Tags: [{ Key: 'Name', Value: 'web' }],
    })
    await elb.createLoadBalancerListeners({ LoadBalancerName, Listeners })
    const modify = (LoadBalancerAttributes: object) =>
      elb.modifyLoadBalancerAttributes({ LoadBalancerName, LoadBalancerAttributes })
    await modify({
      CrossZoneLoadBalancing: { Enabled: true },
      ConnectionSettings: { IdleTimeout: 400 },
      AccessLog: { Enabled: false },
    })
    await modify({ ConnectionDraining: { Enabled: true, Timeout: 400 } })
    await modify({ ConnectionDraining: { Enabled: true } })
    await elb.configureHealthCheck({
      LoadBalancerName,
      HealthCheck: {
        Target: 'HTTP:8000/',
        Interval: 30,
        Timeout: 3,
        HealthyThreshold: 2,
        UnhealthyThreshold: 2,
      },
    })
    await elb.applySecurityGroupsToLoadBalancer({ LoadBalancerName, SecurityGroups: [groupId] })
    await elb.attachLoadBalancerToSubnets({ LoadBalancerName, Subnets: [subnet.subnetId] })
    await elb.createLBCookieStickinessPolicy({ LoadBalancerName, PolicyName: 'sticky' })
    await elb.setLoadBalancerPoliciesOfListener({
      LoadBalancerName,
      LoadBalancerPort: 80,
      PolicyNames: ['sticky'],
    })
  }
  await apply()
  const first = await look(region)
  await apply()
  expect(await look(region)).toEqual(first)

  const [description] = first[0] as { SourceSecurityGroup: object; HealthCheck: object }[]
  // Terraform looks the security group up by what it reads here, and fails without it.
  expect(description?.SourceSecurityGroup).toEqual({
    OwnerAlias: '123456789012',
    GroupName: 'my-group',
  })
  expect(first[1]).toMatchObject({ ConnectionDraining: { Enabled: true, Timeout: 400 } })

  await elb.setLoadBalancerPoliciesOfListener({
    LoadBalancerName,
    LoadBalancerPort: 80,
    PolicyNames: [],
  })
  await elb.deleteLoadBalancerPolicy({ LoadBalancerName, PolicyName: 'sticky' })
  await elb.deleteLoadBalancer({ LoadBalancerName })
  expect(await region.interfaces()).toEqual([])
})

test('Terraform with zones enables them again', async () => {
  const region = api.region()
  await region.create(LoadBalancerName)
  const first = await look(region)
  await region.elb.enableAvailabilityZonesForLoadBalancer({
    LoadBalancerName,
    AvailabilityZones: [region.zoneA],
  })
  expect(await look(region)).toEqual(first)
})

test('Kubernetes synchronizes a service again and again', async () => {
  const region = api.region()
  const { elb } = region
  const vpc = await region.vpc()
  const subnet = await region.subnet(vpc, region.zoneA, 0)
  const group = await region.group(vpc.vpcId, 'k8s-elb')
  const instances = instanceList(await region.instances(2, subnet))
  await expect(
    elb.describeLoadBalancers({ LoadBalancerNames: [LoadBalancerName] }),
  ).rejects.toMatchObject({ name: 'AccessPointNotFoundException' })
  await elb.createLoadBalancer({
    LoadBalancerName,
    Listeners: [tcp25],
    Subnets: [subnet.subnetId],
    SecurityGroups: [group.groupId],
    Tags: [{ Key: 'kubernetes.io/cluster/main', Value: 'owned' }],
  })
  const synchronize = async () => {
    await elb.applySecurityGroupsToLoadBalancer({
      LoadBalancerName,
      SecurityGroups: [group.groupId],
    })
    await elb.createLoadBalancerPolicy({
      LoadBalancerName,
      PolicyName: 'k8s-proxyprotocol-enabled',
      PolicyTypeName: 'ProxyProtocolPolicyType',
      PolicyAttributes: [{ AttributeName: 'ProxyProtocol', AttributeValue: 'true' }],
    })
    await elb.setLoadBalancerPoliciesForBackendServer({
      LoadBalancerName,
      InstancePort: 2525,
      PolicyNames: ['k8s-proxyprotocol-enabled'],
    })
    await elb.createLoadBalancerPolicy({
      LoadBalancerName,
      PolicyName: 'k8s-SSLNegotiationPolicy-ELBSecurityPolicy-2016-08',
      PolicyTypeName: 'SSLNegotiationPolicyType',
      PolicyAttributes: [
        { AttributeName: 'Reference-Security-Policy', AttributeValue: 'ELBSecurityPolicy-2016-08' },
      ],
    })
    await elb.addTags({
      LoadBalancerNames: [LoadBalancerName],
      Tags: [{ Key: 'kubernetes.io/service-name', Value: 'default/web' }],
    })
    await elb.registerInstancesWithLoadBalancer({ LoadBalancerName, Instances: instances })
  }
  await synchronize()
  const first = await look(region)
  await synchronize()
  expect(await look(region)).toEqual(first)
})

test('Ansible asks for everything of a load balancer that does not exist', async () => {
  const { elb } = api.region()
  const own = { LoadBalancerName }
  const names = { LoadBalancerNames: [LoadBalancerName] }
  for (const asked of [
    elb.describeLoadBalancers(names),
    elb.describeLoadBalancerAttributes(own),
    elb.describeLoadBalancerPolicies(own),
    elb.describeInstanceHealth(own),
    elb.describeTags(names),
  ]) {
    await expect(asked).rejects.toMatchObject({
      name: 'AccessPointNotFoundException',
      message: "There is no ACTIVE Load Balancer named 'my-loadbalancer'",
      $metadata: { httpStatusCode: 400 },
    })
  }
})
