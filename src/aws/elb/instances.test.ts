import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi, instanceList, type TestRegion } from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start({ instances: 5 })
})
afterAll(() => api[Symbol.asyncDispose]())

const LoadBalancerName = 'my-loadbalancer'

async function withLoadBalancer(): Promise<TestRegion> {
  const region = api.region()
  await region.create(LoadBalancerName)
  return region
}

async function register({ elb }: TestRegion, ids: readonly string[]) {
  const { Instances = [] } = await elb.registerInstancesWithLoadBalancer({
    LoadBalancerName,
    Instances: instanceList(ids),
  })
  return Instances.map(({ InstanceId }) => InstanceId)
}

async function deregister({ elb }: TestRegion, ids: readonly string[]) {
  const { Instances = [] } = await elb.deregisterInstancesFromLoadBalancer({
    LoadBalancerName,
    Instances: instanceList(ids),
  })
  return Instances.map(({ InstanceId }) => InstanceId)
}

async function registered(region: TestRegion) {
  const { Instances = [] } = await region.describe(LoadBalancerName)
  return Instances.map(({ InstanceId }) => InstanceId)
}

async function health({ elb }: TestRegion, ids: readonly string[] = []) {
  const { InstanceStates } = await elb.describeInstanceHealth({
    LoadBalancerName,
    Instances: instanceList(ids),
  })
  return InstanceStates
}

test('instances are answered in the order of their registration', async () => {
  const region = await withLoadBalancer()
  const [a = '', b = '', c = ''] = await region.instances(3)
  expect(await register(region, [c])).toEqual([c])
  expect(await register(region, [a, b])).toEqual([c, a, b])
  expect(await register(region, [a])).toEqual([c, a, b])
  expect(await registered(region)).toEqual([c, a, b])
  expect(await deregister(region, [c, a])).toEqual([b])
  expect(await deregister(region, [c])).toEqual([b])
})

test('a registration is new each time, so that nothing of the old one’s health is kept', async () => {
  const region = await withLoadBalancer()
  const ids = await region.instances(1)
  await register(region, ids)
  const [first] = (await region.record(LoadBalancerName)).instances
  await register(region, ids)
  expect((await region.record(LoadBalancerName)).instances).toEqual([first])
  await deregister(region, ids)
  await register(region, ids)
  const [second] = (await region.record(LoadBalancerName)).instances
  expect(second!.registrationId).not.toBe(first!.registrationId)
})

test('an instance must exist, and in the load balancer’s VPC', async () => {
  const region = await withLoadBalancer()
  const vpc = await region.vpc()
  const [foreign = ''] = await region.instances(1, await region.subnet(vpc, region.zoneA, 0))
  const [local = ''] = await region.instances(1)
  await expect(register(region, [local, 'i-12345678'])).rejects.toMatchObject({
    name: 'InvalidEndPointException',
    message: 'Could not find EC2 instance i-12345678.',
  })
  await expect(register(region, [foreign])).rejects.toMatchObject({
    name: 'InvalidEndPointException',
    message: `EC2 instance ${foreign} is not in the same VPC as ELB.`,
  })
  expect(await registered(region)).toEqual([])
})

test('deregistering one that was never registered changes nothing', async () => {
  const region = await withLoadBalancer()
  const [a = '', b = ''] = await region.instances(2)
  await register(region, [a])
  await expect(deregister(region, [a, b])).rejects.toMatchObject({
    name: 'InvalidEndPointException',
    message: `Could not find EC2 instance ${b}.`,
  })
  expect(await registered(region)).toEqual([a])
})

test('a terminated instance is no longer listed, counted, or taken', async () => {
  const region = await withLoadBalancer()
  const [a = '', b = '', ...others] = await region.instances(6)
  await register(region, [a, b])
  await region.setState(a, 'terminated')
  expect(await registered(region)).toEqual([b])
  expect((await health(region))?.map(({ InstanceId }) => InstanceId)).toEqual([b])
  expect(await health(region, [a])).toMatchObject([
    { State: 'OutOfService', Description: 'Instance is in terminated state.' },
  ])
  await expect(register(region, [a])).rejects.toMatchObject({ name: 'InvalidEndPointException' })
  await region.forgetInstance(a)
  expect(await registered(region)).toEqual([b])
  // With the quota of five there is room for these because the terminated one is gone.
  expect(await register(region, others)).toEqual([b, ...others])
  expect(await deregister(region, [a])).toEqual([b, ...others])
})

test('concurrent registrations lose nothing and hold the quota', async () => {
  const region = await withLoadBalancer()
  const ids = await region.instances(8)
  const results = await Promise.allSettled(ids.map((id) => register(region, [id])))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused[0]!.reason).toMatchObject({ name: 'InvalidEndPointException' })
  expect(await registered(region)).toHaveLength(5)
})

test('the health of registered and former instances is told, of others it is an error', async () => {
  const region = await withLoadBalancer()
  expect(await health(region)).toEqual([])
  const [a = '', b = '', stranger = ''] = await region.instances(3)
  await register(region, [a, b])
  expect(await health(region)).toEqual([
    {
      InstanceId: a,
      State: 'OutOfService',
      ReasonCode: 'ELB',
      Description: 'Instance registration is still in progress.',
    },
    expect.objectContaining({ InstanceId: b }),
  ])
  await region.report(LoadBalancerName, a, { state: 'healthy', last: null })
  expect(await health(region, [b, a])).toEqual([
    expect.objectContaining({ InstanceId: b, State: 'OutOfService' }),
    { InstanceId: a, State: 'InService', ReasonCode: 'N/A', Description: 'N/A' },
  ])
  await deregister(region, [a])
  expect(await health(region, [a])).toEqual([
    {
      InstanceId: a,
      State: 'OutOfService',
      ReasonCode: 'Instance',
      Description: 'Instance is not currently registered with the LoadBalancer.',
    },
  ])
  await expect(health(region, [stranger])).rejects.toMatchObject({
    name: 'InvalidEndPointException',
    message: `Could not find EC2 instance ${stranger}.`,
  })
})

test('an instance outside the enabled zones, or stopped, is out of service', async () => {
  const region = await withLoadBalancer()
  const subnetB = await region.defaultSubnet(region.zoneB)
  const [inA = ''] = await region.instances(1)
  const [inB = ''] = await region.instances(1, subnetB)
  await register(region, [inA, inB])
  await region.report(LoadBalancerName, inB, { state: 'healthy', last: null })
  await region.setState(inA, 'stopped')
  expect((await health(region))?.map(({ Description }) => Description)).toEqual([
    'Instance is in stopped state.',
    'Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.',
  ])
  await region.elb.enableAvailabilityZonesForLoadBalancer({
    LoadBalancerName,
    AvailabilityZones: [region.zoneB],
  })
  expect(await health(region, [inB])).toMatchObject([{ State: 'InService' }])
})

test('no instances are refused', async () => {
  const region = await withLoadBalancer()
  await expect(register(region, [])).rejects.toMatchObject({ name: 'ValidationError' })
})
