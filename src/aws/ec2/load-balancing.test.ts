import { afterAll, beforeAll, expect, test } from 'vitest'
import { Ec2Api, only } from '../../../test/support/ec2-api.ts'
import {
  createNodeInterface,
  defaultSecurityGroup,
  defaultSubnet,
  deleteNodeInterface,
  hasInternetGateway,
  loadBalancerSecurityGroup,
  setNodeSecurityGroups,
} from './load-balancing.ts'

let api: Ec2Api
beforeAll(async () => {
  api = await Ec2Api.start()
})
afterAll(() => api[Symbol.asyncDispose]())

type Region = ReturnType<Ec2Api['region']>

function createNode({ name }: Region, subnetId: string, securityGroups: string[] = []) {
  const attachTime = api.clock.now()
  const node = { loadBalancerName: 'my-loadbalancer', subnetId, securityGroups, attachTime }
  return api.atomically((tx) => createNodeInterface(tx, name, node))
}

async function subnetOf(region: Region, CidrBlock: string, Ipv6CidrBlock?: string) {
  const { Vpc } = await region.ec2.createVpc({
    CidrBlock: '10.0.0.0/16',
    ...(Ipv6CidrBlock === undefined ? {} : { Ipv6CidrBlock: 'fd00:1:2:3400::/56' }),
  })
  const { Subnet } = await region.ec2.createSubnet({ VpcId: Vpc?.VpcId, CidrBlock, Ipv6CidrBlock })
  return { subnetId: Subnet?.SubnetId ?? '', vpcId: Vpc?.VpcId ?? '' }
}

test("a node's interface is found as clients look for it, and cannot be taken away", async () => {
  const region = api.region()
  const { ec2, name } = region
  const subnet = await api.atomically((tx) => defaultSubnet(tx, name, `${name}b`))
  const record = await createNode(region, subnet?.subnetId ?? '')
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
    Filters: [
      { Name: 'attachment.instance-owner-id', Values: ['amazon-elb'] },
      { Name: 'description', Values: ['ELB my-loadbalancer'] },
      { Name: 'requester-id', Values: ['amazon-elb'] },
    ],
  })
  const found = only(NetworkInterfaces)
  expect(found).toMatchObject({
    NetworkInterfaceId: record.networkInterfaceId,
    PrivateIpAddress: record.privateIpAddress,
    AvailabilityZone: `${name}b`,
    RequesterManaged: true,
  })
  const refused = { name: 'OperationNotPermitted' }
  const { NetworkInterfaceId, Attachment } = found
  await expect(ec2.deleteNetworkInterface({ NetworkInterfaceId })).rejects.toMatchObject(refused)
  const { AttachmentId } = Attachment ?? {}
  await expect(ec2.detachNetworkInterface({ AttachmentId })).rejects.toMatchObject(refused)
})

test("a node's interface is available until its attachment is done, as Ansible awaits it", async () => {
  const region = api.region()
  const { ec2 } = region
  const { subnetId } = await subnetOf(region, '10.0.1.0/24')
  await createNode(region, subnetId)
  const attachTime = new Date(api.clock.now())
  const look = async (status: string) => {
    const Filters = [
      { Name: 'description', Values: ['ELB my-loadbalancer'] },
      { Name: 'status', Values: [status] },
    ]
    const { Status, Attachment } = only(
      (await ec2.describeNetworkInterfaces({ Filters })).NetworkInterfaces,
    )
    return [Status, Attachment?.Status, Attachment?.AttachTime]
  }
  expect(await look('available')).toEqual(['available', 'attaching', attachTime])
  api.clock.advance(60_000)
  expect(await look('in-use')).toEqual(['in-use', 'attached', attachTime])
})

test('a node keeps its subnet and its groups from being deleted', async () => {
  const region = api.region()
  const { ec2, name } = region
  const { subnetId, vpcId } = await subnetOf(region, '10.0.1.0/24')
  const { GroupId = '' } = await ec2.createSecurityGroup({
    GroupName: 'lb',
    Description: 'lb',
    VpcId: vpcId,
  })
  const node = await createNode(region, subnetId, [GroupId])
  const violation = { name: 'DependencyViolation' }
  await expect(ec2.deleteSubnet({ SubnetId: subnetId })).rejects.toMatchObject(violation)
  await expect(ec2.deleteSecurityGroup({ GroupId })).rejects.toMatchObject(violation)
  const other = await api.atomically((tx) => defaultSecurityGroup(tx, name, vpcId))
  await api.atomically((tx) =>
    setNodeSecurityGroups(tx, name, node.networkInterfaceId, [other.groupId]),
  )
  await ec2.deleteSecurityGroup({ GroupId })
  await api.atomically((tx) => deleteNodeInterface(tx, name, node.networkInterfaceId))
  await api.atomically((tx) => deleteNodeInterface(tx, name, node.networkInterfaceId))
  await ec2.deleteSubnet({ SubnetId: subnetId })
})

test('nodes get different addresses, however many are made at once, until fewer than 8 are free', async () => {
  const region = api.region()
  const { subnetId } = await subnetOf(region, '10.0.2.0/28')
  // A /28 has 16 addresses, 5 of them reserved: 11 are free, and the fourth node finds 8.
  const made = Array.from({ length: 6 }, () => createNode(region, subnetId))
  const outcomes = await Promise.allSettled(made)
  const nodes = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const addresses = nodes.map(({ privateIpAddress }) => privateIpAddress)
  expect(addresses).toHaveLength(4)
  expect(new Set(addresses).size).toBe(4)
  for (const address of addresses) {
    const last = Number(address.split('.')[3])
    expect(last).toBeGreaterThanOrEqual(4)
    expect(last).toBeLessThanOrEqual(14)
  }
  await expect(createNode(region, subnetId)).rejects.toMatchObject({ code: 'InvalidSubnet' })
})

test("an instance's declared address is not given to a node", async () => {
  const region = api.region()
  const { subnetId } = await subnetOf(region, '10.0.3.0/28')
  for (const last of [4, 5, 6]) {
    const PrivateIpAddress = `10.0.3.${last}`
    await region.ec2.runInstances({
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnetId,
      PrivateIpAddress,
    })
  }
  const node = await createNode(region, subnetId)
  expect(Number(node.privateIpAddress.split('.')[3])).toBeGreaterThan(6)
})

test('nodes of two VPCs with the same range get different addresses: one proxy listens on both', async () => {
  const regions = [api.region(), api.region(), api.region()]
  const addresses: string[] = []
  for (const region of regions) {
    const { subnetId } = await subnetOf(region, '10.0.4.0/27')
    for (let made = 0; made < 6; made += 1) {
      addresses.push((await createNode(region, subnetId)).privateIpAddress)
    }
  }
  expect(new Set(addresses).size).toBe(18)
})

test('a node has an IPv6 address where its subnet has a range', async () => {
  const region = api.region()
  const { subnetId } = await subnetOf(region, '10.0.5.0/24', 'fd00:1:2:3401::/64')
  const { ipv6Address } = await createNode(region, subnetId)
  expect(ipv6Address).toMatch(/^fd00:1:2:3401:/)
})

test('a VPC has an internet gateway for as long as one is attached', async () => {
  const region = api.region()
  const { ec2, name } = region
  const { vpcId: VpcId } = await subnetOf(region, '10.0.6.0/24')
  const isOpen = () => api.atomically((tx) => hasInternetGateway(tx, name, VpcId))
  expect(await isOpen()).toBe(false)
  const { InternetGateway } = await ec2.createInternetGateway({})
  const { InternetGatewayId } = InternetGateway ?? {}
  await ec2.attachInternetGateway({ InternetGatewayId, VpcId })
  expect(await isOpen()).toBe(true)
  await ec2.detachInternetGateway({ InternetGatewayId, VpcId })
  expect(await isOpen()).toBe(false)
})

test('load balancers without groups share one group of their VPC', async () => {
  const { name } = api.region()
  const vpcId = await api.atomically(
    async (tx) => (await defaultSubnet(tx, name, `${name}a`))?.vpcId ?? '',
  )
  const find = () => api.atomically((tx) => loadBalancerSecurityGroup(tx, name, vpcId))
  const groups = await Promise.all([find(), find(), find()])
  expect(new Set(groups.map(({ groupId }) => groupId)).size).toBe(1)
  expect(groups[0]?.groupName).toMatch(/^default_elb_[0-9a-f-]{36}$/)
})

test('a name that is no region makes none', async () => {
  await expect(api.atomically((tx) => defaultSubnet(tx, '../../elb', 'a'))).rejects.toMatchObject({
    code: 'InvalidParameterValue',
  })
})
