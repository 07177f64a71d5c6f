import { paginateDescribeLoadBalancers } from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi } from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

test('load balancers are described page by page, each once, even when one goes meanwhile', async () => {
  const region = api.region()
  const { elb } = region
  for (const letter of ['e', 'a', 'd', 'b', 'c']) await region.create(letter)
  const seen: (string | undefined)[][] = []
  for await (const page of paginateDescribeLoadBalancers({ client: elb }, { PageSize: 2 })) {
    seen.push(page.LoadBalancerDescriptions!.map(({ LoadBalancerName }) => LoadBalancerName))
    await elb.deleteLoadBalancer({ LoadBalancerName: 'b' })
  }
  expect(seen).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  const all = await elb.describeLoadBalancers({ PageSize: 400 })
  expect(all.LoadBalancerDescriptions).toHaveLength(4)
  expect(all.NextMarker).toBeUndefined()
})

test('an unknown name, marker or page size is refused', async () => {
  const region = api.region()
  const { elb } = region
  await region.create('known')
  await expect(
    elb.describeLoadBalancers({ LoadBalancerNames: ['known', 'unknown'] }),
  ).rejects.toMatchObject({
    name: 'AccessPointNotFoundException',
    message: "There is no ACTIVE Load Balancer named 'unknown'",
  })
  const refused = { name: 'ValidationError' }
  await expect(elb.describeLoadBalancers({ Marker: 'nonsense' })).rejects.toMatchObject(refused)
  await expect(elb.describeLoadBalancers({ PageSize: 0 })).rejects.toMatchObject(refused)
  await expect(elb.describeLoadBalancers({ PageSize: 401 })).rejects.toMatchObject(refused)
})

test('a region sees nothing of another', async () => {
  const [one, other] = [api.region(), api.region()]
  await one.create('my-loadbalancer')
  expect((await other.elb.describeLoadBalancers({})).LoadBalancerDescriptions).toEqual([])
  await other.create('my-loadbalancer')
  await other.elb.deleteLoadBalancer({ LoadBalancerName: 'my-loadbalancer' })
  expect((await one.describe('my-loadbalancer')).Scheme).toBe('internet-facing')
})

test('hosted zones are those of AWS, and lasting ones where AWS has no region', async () => {
  await using ownApi = await ElbApi.start()
  const [, west2] = [ownApi.region(), ownApi.region()]
  const west3 = ownApi.region()
  for (const region of [west2, west3]) await region.create('lb')
  expect((await west2.describe('lb')).CanonicalHostedZoneNameID).toBe('Z1H1FL5HABSF5')
  const madeUp = (await west3.describe('lb')).CanonicalHostedZoneNameID
  expect(madeUp).toMatch(/^Z[0-9A-F]{13}$/)
  expect((await west3.describe('lb')).CanonicalHostedZoneNameID).toBe(madeUp)
})

test('account limits are the quotas, in AWS’s order, in pages too', async () => {
  const { elb } = api.region()
  const limits = [
    { Name: 'classic-load-balancers', Max: '20' },
    { Name: 'classic-listeners', Max: '100' },
    { Name: 'classic-registered-instances', Max: '1000' },
  ]
  expect((await elb.describeAccountLimits({})).Limits).toEqual(limits)
  const first = await elb.describeAccountLimits({ PageSize: 2 })
  expect(first.Limits).toEqual(limits.slice(0, 2))
  const second = await elb.describeAccountLimits({ PageSize: 2, Marker: first.NextMarker })
  expect(second.Limits).toEqual(limits.slice(2))
  expect(second.NextMarker).toBeUndefined()
})
