import type { EC2, RunInstancesCommandInput } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Ec2Api, only } from '../../../test/support/ec2-api.ts'

let api: Ec2Api
beforeAll(async () => {
  api = await Ec2Api.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const hour = 3_600_000

async function declare(ec2: EC2, input: Partial<RunInstancesCommandInput> = {}) {
  const { Instances = [] } = await ec2.runInstances({ MinCount: 1, MaxCount: 1, ...input })
  return Instances
}

async function declareOne(ec2: EC2, input: Partial<RunInstancesCommandInput> = {}) {
  return only(await declare(ec2, input))
}

async function describeOne(ec2: EC2, id: string | undefined) {
  const { Reservations } = await ec2.describeInstances({ InstanceIds: [id ?? ''] })
  return only(only(Reservations).Instances)
}

test('an instance is declared at any address, in the first zone, with the default group', async () => {
  const { ec2, name } = api.region()
  const { InstanceId } = await declareOne(ec2, {
    PrivateIpAddress: '192.0.2.7',
    ImageId: 'ami-12345678',
    InstanceType: 't3.micro',
    KeyName: 'key',
  })
  const instance = await describeOne(ec2, InstanceId)
  expect(instance).toMatchObject({
    State: { Code: 16, Name: 'running' },
    PrivateIpAddress: '192.0.2.7',
    PrivateDnsName: `ip-192-0-2-7.${name}.compute.internal`,
    ImageId: 'ami-12345678',
    InstanceType: 't3.micro',
    KeyName: 'key',
    Placement: { AvailabilityZone: `${name}a` },
    SecurityGroups: [{ GroupName: 'default' }],
  })
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
    Filters: [{ Name: 'attachment.instance-id', Values: [InstanceId ?? ''] }],
  })
  expect(only(NetworkInterfaces)).toMatchObject({
    PrivateIpAddress: '192.0.2.7',
    SubnetId: instance.SubnetId,
    Status: 'in-use',
    Attachment: { InstanceId, InstanceOwnerId: '123456789012', DeviceIndex: 0 },
  })
})

test('without an address an instance gets a free one of its subnet', async () => {
  const { ec2, name } = api.region()
  const { Subnets } = await ec2.describeSubnets({
    Filters: [{ Name: 'availability-zone', Values: [`${name}b`] }],
  })
  const subnet = only(Subnets)
  const instances = await declare(ec2, { SubnetId: subnet.SubnetId, MinCount: 20, MaxCount: 20 })
  const addresses = instances.map(({ PrivateIpAddress = '' }) => PrivateIpAddress)
  expect(new Set(addresses).size).toBe(20)
  const [first, second] = (subnet.CidrBlock ?? '').split('.')
  for (const address of addresses) {
    const [a, b, c, d] = address.split('.').map(Number)
    expect([a, b]).toEqual([Number(first), Number(second)])
    const offset = ((c ?? 0) - 16) * 256 + (d ?? 0)
    expect(offset).toBeGreaterThanOrEqual(4)
    expect(offset).toBeLessThan(4095)
  }
  const after = only((await ec2.describeSubnets({ SubnetIds: [subnet.SubnetId ?? ''] })).Subnets)
  expect(after.AvailableIpAddressCount).toBe((subnet.AvailableIpAddressCount ?? 0) - 20)
})

test('no two instances of a VPC have the same address', async () => {
  const { ec2 } = api.region()
  await declareOne(ec2, { PrivateIpAddress: '192.0.2.9' })
  await expect(declare(ec2, { PrivateIpAddress: '192.0.2.9' })).rejects.toMatchObject({
    name: 'InvalidIPAddress.InUse',
  })
  const taken = Array.from({ length: 8 }, () => declare(ec2, { PrivateIpAddress: '192.0.2.10' }))
  const outcomes = await Promise.allSettled(taken)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test.each(['nonsense', '192.0.2', '192.0.2.256', '0.0.0.0', '224.0.0.1', '::1'])(
  '%s is refused as an address',
  async (address) => {
    const { ec2 } = api.region()
    await expect(declare(ec2, { PrivateIpAddress: address })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    })
  },
)

test('one address cannot be given to two instances', async () => {
  const { ec2 } = api.region()
  const input = { PrivateIpAddress: '192.0.2.1', MinCount: 2, MaxCount: 2 }
  await expect(declare(ec2, input)).rejects.toMatchObject({ name: 'InvalidParameterCombination' })
})

test('a network interface in the request says subnet, address and groups', async () => {
  const { ec2, name } = api.region()
  const { Subnets } = await ec2.describeSubnets({
    Filters: [{ Name: 'availability-zone', Values: [`${name}c`] }],
  })
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: 'web', Description: 'web' })
  const { SubnetId } = only(Subnets)
  const instance = await declareOne(ec2, {
    NetworkInterfaces: [
      { DeviceIndex: 0, SubnetId, PrivateIpAddress: '192.0.2.3', Groups: [GroupId] },
    ],
  })
  expect(instance).toMatchObject({
    SubnetId,
    PrivateIpAddress: '192.0.2.3',
    SecurityGroups: [{ GroupId, GroupName: 'web' }],
    Placement: { AvailabilityZone: `${name}c` },
  })
})

test('a repeated client token gets the same instance, and another request with it an error', async () => {
  const { ec2 } = api.region()
  const request = { ClientToken: 'token', PrivateIpAddress: '192.0.2.5' }
  const [first, second] = [await declareOne(ec2, request), await declareOne(ec2, request)]
  expect(second.InstanceId).toBe(first.InstanceId)
  await expect(declare(ec2, { ...request, PrivateIpAddress: '192.0.2.6' })).rejects.toMatchObject({
    name: 'IdempotentParameterMismatch',
  })
})

test('a dry run says that it would succeed, or why not, and declares nothing', async () => {
  const { ec2 } = api.region()
  await expect(declare(ec2, { DryRun: true })).rejects.toMatchObject({
    name: 'DryRunOperation',
    $metadata: { httpStatusCode: 412 },
  })
  await expect(declare(ec2, { DryRun: true, SubnetId: 'subnet-12345678' })).rejects.toMatchObject({
    name: 'InvalidSubnetID.NotFound',
  })
  expect((await ec2.describeInstances({})).Reservations).toEqual([])
})

test('instances stop and start, with the state before and after', async () => {
  const { ec2 } = api.region()
  const { InstanceId = '' } = await declareOne(ec2)
  const { StoppingInstances } = await ec2.stopInstances({ InstanceIds: [InstanceId] })
  expect(only(StoppingInstances)).toEqual({
    InstanceId,
    PreviousState: { Code: 16, Name: 'running' },
    CurrentState: { Code: 80, Name: 'stopped' },
  })
  const { InstanceStatuses } = await ec2.describeInstanceStatus({})
  expect(InstanceStatuses).toEqual([])
  const { StartingInstances } = await ec2.startInstances({ InstanceIds: [InstanceId] })
  expect(only(StartingInstances).CurrentState?.Name).toBe('running')
  expect(only((await ec2.describeInstanceStatus({})).InstanceStatuses).InstanceId).toBe(InstanceId)
})

test('a terminated instance frees its address at once and can be seen for an hour', async () => {
  const { ec2 } = api.region()
  const { InstanceId = '' } = await declareOne(ec2, {
    PrivateIpAddress: '192.0.2.20',
    ClientToken: 'once',
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }],
  })
  await ec2.terminateInstances({ InstanceIds: [InstanceId] })
  const { Instances } = await ec2.runInstances({
    MinCount: 1,
    MaxCount: 1,
    PrivateIpAddress: '192.0.2.20',
  })
  expect(only(Instances).PrivateIpAddress).toBe('192.0.2.20')

  api.clock.advance(hour - 1)
  const terminated = await describeOne(ec2, InstanceId)
  expect(terminated).toMatchObject({ State: { Code: 48, Name: 'terminated' } })
  expect(terminated.PrivateIpAddress).toBeUndefined()
  await expect(ec2.startInstances({ InstanceIds: [InstanceId] })).rejects.toMatchObject({
    name: 'IncorrectInstanceState',
  })

  api.clock.advance(1)
  await expect(describeOne(ec2, InstanceId)).rejects.toMatchObject({
    name: 'InvalidInstanceID.NotFound',
    message: `The instance ID '${InstanceId}' does not exist`,
  })
  await declareOne(ec2, { PrivateIpAddress: '192.0.2.21', ClientToken: 'once' })
  expect((await ec2.describeTags({})).Tags).toEqual([])
})

test('termination protection holds until it is taken away', async () => {
  const { ec2 } = api.region()
  const { InstanceId = '' } = await declareOne(ec2, { DisableApiTermination: true })
  await expect(ec2.terminateInstances({ InstanceIds: [InstanceId] })).rejects.toMatchObject({
    name: 'OperationNotPermitted',
  })
  await ec2.modifyInstanceAttribute({ InstanceId, DisableApiTermination: { Value: false } })
  const attribute = await ec2.describeInstanceAttribute({
    InstanceId,
    Attribute: 'disableApiTermination',
  })
  expect(attribute.DisableApiTermination).toEqual({ Value: false })
  await ec2.terminateInstances({ InstanceIds: [InstanceId] })
})

test('user data comes back as it was sent, and changes only while stopped', async () => {
  const { ec2 } = api.region()
  const UserData = Buffer.from('#!/bin/sh').toString('base64')
  const { InstanceId = '' } = await declareOne(ec2, { UserData })
  const ask = () => ec2.describeInstanceAttribute({ InstanceId, Attribute: 'userData' })
  expect((await ask()).UserData).toEqual({ Value: UserData })
  const change = () =>
    ec2.modifyInstanceAttribute({ InstanceId, UserData: { Value: Buffer.from('new') } })
  await expect(change()).rejects.toMatchObject({ name: 'IncorrectInstanceState' })
  await ec2.stopInstances({ InstanceIds: [InstanceId] })
  await change()
  expect((await ask()).UserData).toEqual({ Value: Buffer.from('new').toString('base64') })
})

test('changed groups show on the instance and on its interface', async () => {
  const { ec2 } = api.region()
  const { InstanceId = '' } = await declareOne(ec2)
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: 'web', Description: 'web' })
  await ec2.modifyInstanceAttribute({ InstanceId, Groups: [GroupId] })
  const instance = await describeOne(ec2, InstanceId)
  expect(instance.SecurityGroups).toEqual([{ GroupId, GroupName: 'web' }])
  expect(only(instance.NetworkInterfaces).Groups).toEqual([{ GroupId, GroupName: 'web' }])
  await expect(ec2.deleteSecurityGroup({ GroupId })).rejects.toMatchObject({
    name: 'DependencyViolation',
  })
})

test('ids that do not exist are all named, and malformed ones are refused', async () => {
  const { ec2 } = api.region()
  const InstanceIds = ['i-11111111', 'i-22222222222222222']
  await expect(ec2.describeInstances({ InstanceIds })).rejects.toMatchObject({
    name: 'InvalidInstanceID.NotFound',
    message: `The instance IDs 'i-11111111, i-22222222222222222' do not exist`,
  })
  await expect(ec2.describeInstances({ InstanceIds: ['i-xyz'] })).rejects.toMatchObject({
    name: 'InvalidInstanceID.Malformed',
  })
})

test('what Terraform asks about a T3 instance is answered', async () => {
  const { ec2 } = api.region()
  const { InstanceId = '' } = await declareOne(ec2, { InstanceType: 't3.large' })
  const { InstanceTypes } = await ec2.describeInstanceTypes({ InstanceTypes: ['t3.large'] })
  expect(only(InstanceTypes)).toMatchObject({
    VCpuInfo: { DefaultVCpus: 2 },
    MemoryInfo: { SizeInMiB: 8192 },
  })
  await expect(ec2.describeInstanceTypes({ InstanceTypes: ['t3.huge' as never] })).rejects.toThrow(
    'The following supplied instance types do not exist: [t3.huge]',
  )
  const credit = await ec2.describeInstanceCreditSpecifications({ InstanceIds: [InstanceId] })
  expect(credit.InstanceCreditSpecifications).toEqual([{ InstanceId, CpuCredits: 'unlimited' }])
  expect((await ec2.describeVolumes({})).Volumes).toEqual([])
})
