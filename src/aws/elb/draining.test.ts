import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi, instanceList, type TestRegion } from '../../../test/support/elb-api.ts'
import { drainingAfter, drainingOf } from './draining.ts'
import type { DrainingRecord } from './records.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const LoadBalancerName = 'my-loadbalancer'
const inProgress = {
  State: 'InService',
  ReasonCode: 'N/A',
  Description: 'Instance deregistration currently in progress.',
}
const gone = {
  State: 'OutOfService',
  ReasonCode: 'Instance',
  Description: 'Instance is not currently registered with the LoadBalancer.',
}

/** A load balancer with two instances. */
async function withInstances(draining: boolean): Promise<{ region: TestRegion; ids: string[] }> {
  const region = api.region()
  await region.create(LoadBalancerName)
  await setDraining(region, draining)
  const ids = await region.instances(2)
  await region.elb.registerInstancesWithLoadBalancer({
    LoadBalancerName,
    Instances: instanceList(ids),
  })
  return { region, ids }
}

function setDraining({ elb }: TestRegion, Enabled: boolean) {
  const LoadBalancerAttributes = { ConnectionDraining: { Enabled, Timeout: 300 } }
  return elb.modifyLoadBalancerAttributes({ LoadBalancerName, LoadBalancerAttributes })
}

async function deregister({ elb }: TestRegion, id = '') {
  const Instances = instanceList([id])
  await elb.deregisterInstancesFromLoadBalancer({ LoadBalancerName, Instances })
}

async function stateOf({ elb }: TestRegion, id = '') {
  const Instances = instanceList([id])
  const { InstanceStates } = await elb.describeInstanceHealth({ LoadBalancerName, Instances })
  return InstanceStates?.[0]
}

test('a deregistered instance drains, and is not listed', async () => {
  const { region, ids } = await withInstances(true)
  const [a, b] = ids
  await deregister(region, a)
  expect(await stateOf(region, a)).toMatchObject(inProgress)
  expect((await region.describe(LoadBalancerName)).Instances).toEqual([{ InstanceId: b }])
  const { InstanceStates } = await region.elb.describeInstanceHealth({ LoadBalancerName })
  expect(InstanceStates?.map(({ InstanceId }) => InstanceId)).toEqual([b])
  const { draining } = await region.record(LoadBalancerName)
  expect(draining).toMatchObject([{ instanceId: a }])
})

test('an instance with which nothing is in flight any more drains no more', async () => {
  const { region, ids } = await withInstances(true)
  const [a = '', b = ''] = ids
  await deregister(region, a)
  await deregister(region, b)
  await region.finish(LoadBalancerName, a)
  expect(await stateOf(region, a)).toMatchObject(gone)
  expect(await stateOf(region, b)).toMatchObject(inProgress)
})

test('without draining, a deregistered instance is gone at once', async () => {
  const { region, ids } = await withInstances(false)
  await deregister(region, ids[0])
  expect(await stateOf(region, ids[0])).toMatchObject(gone)
})

test('an instance that is registered again is a new registration, and drains no more', async () => {
  const { region, ids } = await withInstances(true)
  const [a = ''] = ids
  await deregister(region, a)
  await region.elb.registerInstancesWithLoadBalancer({
    LoadBalancerName,
    Instances: instanceList([a]),
  })
  expect(await stateOf(region, a)).toMatchObject({
    Description: 'Instance registration is still in progress.',
  })
  expect((await region.record(LoadBalancerName)).draining).toEqual([])
})

test('switching draining off ends what drains', async () => {
  const { region, ids } = await withInstances(true)
  await deregister(region, ids[0])
  await setDraining(region, false)
  expect(await stateOf(region, ids[0])).toMatchObject(gone)
})

test('a terminated instance does not drain', async () => {
  const { region, ids } = await withInstances(true)
  const [a = '', b] = ids
  await region.setState(a, 'terminated')
  await deregister(region, b)
  expect((await region.record(LoadBalancerName)).draining).toMatchObject([{ instanceId: b }])
})

test('an instance drains for the timeout, and is forgotten with the next change after it', async () => {
  const { region, ids } = await withInstances(true)
  await deregister(region, ids[0])
  const record = await region.record(LoadBalancerName)
  const [{ instanceId, until }] = record.draining as readonly [DrainingRecord]
  expect(drainingOf(record, instanceId, until - 1)).toBeDefined()
  expect(drainingOf(record, instanceId, until)).toBeUndefined()
  expect(drainingAfter(record, record.instances, [], until - 1)).toEqual(record.draining)
  expect(drainingAfter(record, record.instances, [], until)).toEqual([])
  const [removed] = drainingAfter(record, [], record.instances, 1000).filter(
    ({ instanceId: id }) => id === ids[1],
  )
  expect(removed?.until).toBe(301_000)
})
