import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi, http80, type TestRegion } from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const name = 'my-loadbalancer'

async function withLoadBalancer(): Promise<TestRegion> {
  const region = api.region()
  await region.create(name)
  return region
}

type Tag = { Key: string; Value?: string }

function add({ elb }: TestRegion, Tags: Tag[]) {
  return elb.addTags({ LoadBalancerNames: [name], Tags })
}

async function tagsOf({ elb }: TestRegion, LoadBalancerNames = [name]) {
  return (await elb.describeTags({ LoadBalancerNames })).TagDescriptions
}

function tags(count: number): Tag[] {
  return Array.from({ length: count }, (_, i) => ({ Key: `key-${i}`, Value: '' }))
}

test('tags are added, overwritten and removed', async () => {
  const region = await withLoadBalancer()
  await add(region, [
    { Key: 'project', Value: 'lima' },
    { Key: 'Project', Value: 'ünï + - = . _ : / @' },
    { Key: 'empty' },
  ])
  await add(region, [{ Key: 'project', Value: 'mike' }])
  await region.elb.removeTags({
    LoadBalancerNames: [name],
    Tags: [{ Key: 'empty' }, { Key: 'unknown' }],
  })
  expect(await tagsOf(region)).toEqual([
    {
      LoadBalancerName: name,
      Tags: [
        { Key: 'project', Value: 'mike' },
        { Key: 'Project', Value: 'ünï + - = . _ : / @' },
      ],
    },
  ])
})

test('a load balancer has at most 50 tags, from its creation on', async () => {
  const region = await withLoadBalancer()
  await add(region, tags(50))
  await add(region, tags(50))
  await expect(add(region, [{ Key: 'one more' }])).rejects.toMatchObject({
    name: 'TooManyTagsException',
  })
  await expect(
    region.elb.createLoadBalancer({
      LoadBalancerName: 'tagged',
      Listeners: [http80],
      AvailabilityZones: [region.zoneA],
      Tags: tags(51),
    }),
  ).rejects.toMatchObject({ name: 'TooManyTagsException' })
})

test.each([
  [
    { Key: '' },
    "at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
  [{ Key: 'k'.repeat(128) }, 'Member must have length less than or equal to 127'],
  [{ Key: 'k', Value: 'v'.repeat(256) }, 'Member must have length less than or equal to 255'],
  [{ Key: 'k', Value: '<v>' }, 'Member must satisfy regular expression pattern'],
  [{ Key: 'aws:k' }, 'which is reserved'],
  [{ Key: 'k', Value: 'aws:v' }, 'which is reserved'],
  [{ Key: ' k' }, 'must not begin or end with spaces'],
])('the tag %o is refused', async (tag, message) => {
  const region = await withLoadBalancer()
  await expect(add(region, [tag])).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining(message),
  })
})

test('keys and values have as many characters as allowed, however many bytes those are', async () => {
  const region = await withLoadBalancer()
  const tag = { Key: '𝒦'.repeat(127), Value: 'ü'.repeat(255) }
  await add(region, [tag])
  expect(await tagsOf(region)).toMatchObject([{ Tags: [tag] }])
})

test('a key twice in one request is refused', async () => {
  const region = await withLoadBalancer()
  await expect(add(region, [{ Key: 'a' }, { Key: 'a' }])).rejects.toMatchObject({
    name: 'DuplicateTagKeysException',
  })
})

test('a missing load balancer is told, and its neighbours stay as they are', async () => {
  const region = await withLoadBalancer()
  const missing = { name: 'AccessPointNotFoundException' }
  const input = { LoadBalancerNames: [name, 'missing'], Tags: [{ Key: 'a' }] }
  await expect(region.elb.addTags(input)).rejects.toMatchObject(missing)
  await expect(tagsOf(region, [name, 'missing'])).rejects.toMatchObject(missing)
  expect(await tagsOf(region)).toEqual([{ LoadBalancerName: name, Tags: [] }])
})

test('tags of at most 20 load balancers are described at once', async () => {
  const region = await withLoadBalancer()
  expect(await tagsOf(region, Array<string>(20).fill(name))).toHaveLength(20)
  await expect(tagsOf(region, Array<string>(21).fill(name))).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining('Member must have length less than or equal to 20'),
  })
})
