import {
  DescribeInstanceHealthCommand,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { KeepAliveClient } from '../support/keep-alive-client.ts'
import { createLoadBalancer, Instance, inService, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

let weir: Weir
const instances: Instance[] = []

beforeAll(async () => {
  weir = await Weir.start()
  for (const zone of ['us-west-2a', 'us-west-2a', 'us-west-2b', 'us-west-2b']) {
    instances.push(await Instance.declare(weir, zone))
  }
  await createLoadBalancer(weir, 'web', instances)
})

afterAll(async () => {
  for (const instance of instances) await instance.stop()
  await weir[Symbol.asyncDispose]()
})

/** Who answers `count` requests, sent to the nodes in turn, each on a connection of its own. */
async function answers(count: number): Promise<Map<string, number>> {
  const nodes = await nodeAddresses(weir, 'web')
  const found = new Map<string, number>()
  for (let i = 0; i < count; i += 1) {
    const response = await fetch(`http://${nodes[i % nodes.length]}:8080/`, {
      headers: { connection: 'close' },
    })
    const body = await response.text()
    expect([response.status, body]).toEqual([200, expect.stringMatching(/^i-/)])
    found.set(body, (found.get(body) ?? 0) + 1)
  }
  return found
}

/** The default subnet of the first zone is the first /20 of the VPC. */
function isInZoneA(address: string): boolean {
  return Number(address.split('.')[2]) < 16
}

async function states(): Promise<Record<string, string | undefined>> {
  const { InstanceStates = [] } = await weir.elb.send(
    new DescribeInstanceHealthCommand({ LoadBalancerName: 'web' }),
  )
  return Object.fromEntries(InstanceStates.map(({ InstanceId = '', State }) => [InstanceId, State]))
}

test('traffic is split over the instances of both zones', async () => {
  const found = await answers(80)
  expect([...found.keys()].sort()).toEqual(instances.map(({ id }) => id).sort())
})

test('an instance that stops answering is marked, gets no request after that, and comes back', async () => {
  const [first] = instances as [Instance]
  await first.stop()
  await eventually(
    'the instance to be out of service',
    async () => (await states())[first.id] === 'OutOfService',
  )
  expect([...(await answers(40)).keys()]).not.toContain(first.id)
  await first.start()
  await inService(weir, 'web', [first])
  await eventually('traffic to the instance', async () => (await answers(16)).has(first.id))
}, 60_000)

test('with cross-zone balancing off a node uses the instances of its own zone, with it on all of them', async () => {
  const byZone = (zone: string) =>
    instances
      .filter((one) => one.zone === zone)
      .map(({ id }) => id)
      .sort()
  const node = (await nodeAddresses(weir, 'web')).find(isInZoneA) ?? ''
  await using local = new KeepAliveClient(node, 8080)
  await eventually('both instances of the zone', () => local.answers.size === 2)
  expect([...local.answers.keys()].sort()).toEqual(byZone('us-west-2a'))
  await weir.elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName: 'web',
      LoadBalancerAttributes: { CrossZoneLoadBalancing: { Enabled: true } },
    }),
  )
  await eventually('all four instances', () => local.answers.size === 4)
  expect(local.failures).toEqual([])
})

test('a zone without a healthy instance leaves DNS, and is back with it', async () => {
  await weir.elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName: 'web',
      LoadBalancerAttributes: { CrossZoneLoadBalancing: { Enabled: false } },
    }),
  )
  const zoneB = instances.filter((one) => one.zone === 'us-west-2b')
  for (const instance of zoneB) await instance.stop()
  await eventually('one address', async () => (await nodeAddresses(weir, 'web')).length === 1)
  for (const instance of zoneB) await instance.start()
  await eventually('two addresses', async () => (await nodeAddresses(weir, 'web')).length === 2)
}, 60_000)
