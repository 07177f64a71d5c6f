import type { EC2 } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Ec2Api, only } from '../../../test/support/ec2-api.ts'

let api: Ec2Api
beforeAll(async () => {
  api = await Ec2Api.start()
})
afterAll(() => api[Symbol.asyncDispose]())

/** Instances named so, declared one by one. */
async function named(ec2: EC2, ...names: string[]) {
  for (const Value of names) {
    const Tags = [{ Key: 'Name', Value }]
    const TagSpecifications = [{ ResourceType: 'instance' as const, Tags }]
    await ec2.runInstances({ MinCount: 1, MaxCount: 1, TagSpecifications })
  }
}

async function namesWhere(ec2: EC2, ...Filters: { Name: string; Values: string[] }[]) {
  const { Reservations = [] } = await ec2.describeInstances({ Filters })
  const tags = Reservations.flatMap(({ Instances }) => only(Instances).Tags ?? [])
  return tags.map(({ Value }) => Value).sort()
}

test('filters match whole values, with wildcards unless they are escaped', async () => {
  const { ec2 } = api.region()
  await named(ec2, 'web-1', 'web-2', 'web-10', 'web*', 'a.b', 'Web-1')
  const matching = (...Values: string[]) => namesWhere(ec2, { Name: 'tag:Name', Values })
  expect(await matching('web-1')).toEqual(['web-1'])
  expect(await matching('web-?')).toEqual(['web-1', 'web-2'])
  expect(await matching('web*')).toEqual(['web*', 'web-1', 'web-10', 'web-2'])
  expect(await matching('web\\*')).toEqual(['web*'])
  expect(await matching('a?b', 'web-2')).toEqual(['a.b', 'web-2'])
  expect(await matching('a.b')).toEqual(['a.b'])
  expect(await matching('.*')).toEqual([])
})

test('all filters of a request must match', async () => {
  const { ec2, name } = api.region()
  await named(ec2, 'a', 'b')
  const zone = { Name: 'availability-zone', Values: [`${name}a`] }
  expect(await namesWhere(ec2, zone, { Name: 'tag:Name', Values: ['b'] })).toEqual(['b'])
  expect(await namesWhere(ec2, zone, { Name: 'instance-state-name', Values: ['stopped'] })).toEqual(
    [],
  )
  expect(await namesWhere(ec2, { Name: 'tag-key', Values: ['Name'] })).toEqual(['a', 'b'])
})

test("filters have names in camel case too, as Terraform's data sources write them", async () => {
  const { ec2, name } = api.region()
  const { Vpcs } = await ec2.describeVpcs({ Filters: [{ Name: 'isDefault', Values: ['true'] }] })
  expect(only(Vpcs).IsDefault).toBe(true)
  const Filters = [
    { Name: 'availabilityZone', Values: [`${name}a`] },
    { Name: 'defaultForAz', Values: ['true'] },
  ]
  const { Subnets } = await ec2.describeSubnets({ Filters })
  expect(only(Subnets).AvailabilityZone).toBe(`${name}a`)
  const cidrBlock = { Name: 'cidrBlock', Values: [only(Subnets).CidrBlock ?? ''] }
  expect((await ec2.describeSubnets({ Filters: [cidrBlock] })).Subnets).toEqual(Subnets)
})

test('a VPC is found by its range, as Ansible asks', async () => {
  const { ec2 } = api.region()
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.9.0.0/16' })
  for (const Name of ['cidr', 'cidr-block', 'cidr-block-association.cidr-block']) {
    const { Vpcs } = await ec2.describeVpcs({ Filters: [{ Name, Values: ['10.9.0.0/16'] }] })
    expect(only(Vpcs).VpcId).toBe(Vpc?.VpcId)
  }
})

test('a filter that a resource does not have is refused', async () => {
  const { ec2 } = api.region()
  const Filters = [{ Name: 'constructor', Values: ['x'] }]
  await expect(ec2.describeSubnets({ Filters })).rejects.toMatchObject({
    name: 'InvalidParameterValue',
    message: "The filter 'constructor' is invalid",
  })
})

test('pages show every instance once, even while others come and go', async () => {
  const { ec2 } = api.region()
  const { Instances = [] } = await ec2.runInstances({ MinCount: 17, MaxCount: 17 })
  const seen: string[] = []
  let NextToken: string | undefined
  do {
    const page = await ec2.describeInstances({ MaxResults: 5, NextToken })
    const found = (page.Reservations ?? []).flatMap((each) => each.Instances ?? [])
    seen.push(...found.map(({ InstanceId = '' }) => InstanceId))
    expect(found.length).toBeLessThanOrEqual(5)
    NextToken = page.NextToken
    if (seen.length === 5) await ec2.terminateInstances({ InstanceIds: [seen[4] ?? ''] })
  } while (NextToken !== undefined)
  expect(seen.sort()).toEqual(Instances.map(({ InstanceId = '' }) => InstanceId).sort())
})

test('page sizes and tokens that make no sense are refused', async () => {
  const { ec2 } = api.region()
  for (const MaxResults of [4, 1001]) {
    await expect(ec2.describeInstances({ MaxResults })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    })
  }
  await expect(ec2.describeInstances({ NextToken: 'nonsense' })).rejects.toMatchObject({
    name: 'InvalidNextToken',
  })
  const InstanceIds = ['i-12345678']
  await expect(ec2.describeInstances({ InstanceIds, MaxResults: 5 })).rejects.toMatchObject({
    name: 'InvalidParameterCombination',
  })
})

test('any resource can be tagged: new values replace old ones, and tags go by key or by value', async () => {
  const { ec2 } = api.region()
  const vpc = only((await ec2.describeVpcs({})).Vpcs).VpcId ?? ''
  const group = only((await ec2.describeSecurityGroups({})).SecurityGroups).GroupId ?? ''
  const Resources = [vpc, group]
  await ec2.createTags({
    Resources,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  })
  await ec2.createTags({ Resources: [vpc], Tags: [{ Key: 'a', Value: '3' }] })
  const tagged = only((await ec2.describeVpcs({})).Vpcs)
  expect(tagged.Tags).toEqual([
    { Key: 'a', Value: '3' },
    { Key: 'b', Value: '2' },
  ])
  await ec2.deleteTags({ Resources, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] })
  const { Tags } = await ec2.describeTags({})
  expect(Tags).toEqual([{ ResourceId: vpc, ResourceType: 'vpc', Key: 'a', Value: '3' }])
})

test('a resource has at most 50 tags, and none that begin with aws:', async () => {
  const { ec2 } = api.region()
  const Resources = [only((await ec2.describeVpcs({})).Vpcs).VpcId ?? '']
  const fifty = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
  await ec2.createTags({ Resources, Tags: fifty })
  const tag = (Key: string) => ec2.createTags({ Resources, Tags: [{ Key, Value: 'x' }] })
  await expect(tag('k50')).rejects.toMatchObject({ name: 'TagLimitExceeded' })
  await expect(tag('AWS:k')).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  await tag('k49')
})

test('what does not exist cannot be tagged', async () => {
  const { ec2 } = api.region()
  const tag = (id: string) => ec2.createTags({ Resources: [id], Tags: [{ Key: 'a' }] })
  await expect(tag('vpc-12345678')).rejects.toMatchObject({ name: 'InvalidVpcID.NotFound' })
  await expect(tag('thing-12345678')).rejects.toMatchObject({
    name: 'InvalidID',
    message: "The ID 'thing-12345678' is not valid",
  })
})
