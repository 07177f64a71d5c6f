import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi, http80, type TestRegion } from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const LoadBalancerName = 'my-loadbalancer'

async function enable({ elb }: TestRegion, AvailabilityZones: string[]) {
  const input = { LoadBalancerName, AvailabilityZones }
  return (await elb.enableAvailabilityZonesForLoadBalancer(input)).AvailabilityZones
}

async function disable({ elb }: TestRegion, AvailabilityZones: string[]) {
  const input = { LoadBalancerName, AvailabilityZones }
  return (await elb.disableAvailabilityZonesForLoadBalancer(input)).AvailabilityZones
}

async function attach({ elb }: TestRegion, Subnets: string[]) {
  return (await elb.attachLoadBalancerToSubnets({ LoadBalancerName, Subnets })).Subnets
}

async function detach({ elb }: TestRegion, Subnets: string[]) {
  return (await elb.detachLoadBalancerFromSubnets({ LoadBalancerName, Subnets })).Subnets
}

async function nodeZones(region: TestRegion) {
  return (await region.interfaces()).map(({ zone }) => zone).sort()
}

const refusedChange = {
  name: 'InvalidConfigurationRequestException',
  $metadata: { httpStatusCode: 409 },
}

test('zones are enabled and disabled, each with its node, and the last one stays', async () => {
  const region = api.region()
  const { zoneA, zoneB } = region
  await region.create(LoadBalancerName)
  expect(await enable(region, [zoneB, zoneA])).toEqual([zoneA, zoneB])
  expect(await enable(region, [zoneB])).toEqual([zoneA, zoneB])
  expect(await nodeZones(region)).toEqual([zoneA, zoneB])
  expect(await disable(region, [zoneA])).toEqual([zoneB])
  expect(await disable(region, [zoneA])).toEqual([zoneB])
  expect(await nodeZones(region)).toEqual([zoneB])
  const subnetB = await region.defaultSubnet(zoneB)
  expect((await region.describe(LoadBalancerName)).Subnets).toEqual([subnetB.subnetId])
  await expect(disable(region, [zoneB])).rejects.toMatchObject(refusedChange)
  await expect(enable(region, ['us-west-2x'])).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Invalid availability zone: us-west-2x',
  })
})

test('subnets are attached and detached, each with its node, and the last one stays', async () => {
  const region = api.region()
  const vpc = await region.vpc()
  const [a, b, alsoA] = [
    await region.subnet(vpc, region.zoneA, 0),
    await region.subnet(vpc, region.zoneB, 1),
    await region.subnet(vpc, region.zoneA, 2),
  ]
  await region.elb.createLoadBalancer({
    LoadBalancerName,
    Listeners: [http80],
    Subnets: [a.subnetId],
  })
  expect(await attach(region, [a.subnetId, b.subnetId])).toEqual([a.subnetId, b.subnetId])
  await expect(attach(region, [alsoA.subnetId])).rejects.toMatchObject({
    ...refusedChange,
    message: 'ELB cannot be attached to multiple subnets in the same AZ.',
  })
  await expect(attach(region, ['subnet-12345678'])).rejects.toMatchObject({
    name: 'SubnetNotFoundException',
  })
  const elsewhere = await region.defaultSubnet(region.zoneB)
  await expect(attach(region, [elsewhere.subnetId])).rejects.toMatchObject(refusedChange)
  await expect(enable(region, [`${region.name}c`])).rejects.toMatchObject({
    name: 'ValidationError',
  })
  expect(await nodeZones(region)).toEqual([region.zoneA, region.zoneB])
  expect((await region.describe(LoadBalancerName)).AvailabilityZones).toEqual([
    region.zoneA,
    region.zoneB,
  ])

  expect(await detach(region, [a.subnetId, 'subnet-12345678'])).toEqual([b.subnetId])
  expect(await nodeZones(region)).toEqual([region.zoneB])
  await expect(detach(region, [b.subnetId])).rejects.toMatchObject(refusedChange)
  expect(await attach(region, [alsoA.subnetId])).toEqual([b.subnetId, alsoA.subnetId])
})

test('concurrent changes of zones leave one node a zone', async () => {
  const region = api.region()
  const zones = ['a', 'b', 'c'].map((letter) => region.name + letter)
  await region.create(LoadBalancerName)
  await Promise.all([...zones, ...zones].map((zone) => enable(region, [zone])))
  expect(await nodeZones(region)).toEqual(zones)
})
