import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi, type TestRegion } from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start({ securityGroups: 2 })
})
afterAll(() => api[Symbol.asyncDispose]())

const LoadBalancerName = 'my-loadbalancer'

async function apply({ elb }: TestRegion, SecurityGroups: string[]) {
  const input = { LoadBalancerName, SecurityGroups }
  return (await elb.applySecurityGroupsToLoadBalancer(input)).SecurityGroups
}

test('groups replace each other, on the nodes too', async () => {
  const region = api.region()
  await region.create(LoadBalancerName)
  const { VPCId = '' } = await region.describe(LoadBalancerName)
  const first = await region.group(VPCId, 'first')
  const second = await region.group(VPCId, 'second')
  const ids = [second.groupId, first.groupId]
  expect(await apply(region, ids)).toEqual(ids)
  expect(await apply(region, ids)).toEqual(ids)
  const described = await region.describe(LoadBalancerName)
  expect(described.SecurityGroups).toEqual(ids)
  expect(described.SourceSecurityGroup?.GroupName).toBe('second')
  expect((await region.interfaces())[0]?.securityGroups).toEqual(ids)
})

test('groups must exist, be of the VPC, and be neither none nor more than the quota', async () => {
  const region = api.region()
  await region.create(LoadBalancerName)
  const { VPCId = '', SecurityGroups } = await region.describe(LoadBalancerName)
  const other = await region.vpc()
  const foreign = await region.group(other.vpcId)
  const groups = [
    await region.group(VPCId, 'a'),
    await region.group(VPCId, 'b'),
    await region.group(VPCId, 'c'),
  ].map(({ groupId }) => groupId)
  await expect(apply(region, ['sg-12345678'])).rejects.toMatchObject({
    name: 'InvalidSecurityGroupException',
    message: 'One or more of the specified security groups do not exist.',
  })
  await expect(apply(region, [foreign.groupId])).rejects.toMatchObject({
    name: 'InvalidConfigurationRequestException',
    message: `Security group '${foreign.groupId}' does not belong to VPC '${VPCId}'`,
  })
  await expect(apply(region, [])).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'SecurityGroups must not be empty',
  })
  await expect(apply(region, groups)).rejects.toMatchObject({
    name: 'InvalidConfigurationRequestException',
  })
  expect((await region.describe(LoadBalancerName)).SecurityGroups).toEqual(SecurityGroups)
})
