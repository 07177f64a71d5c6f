import { afterAll, beforeAll, expect, test } from 'vitest'
import { Ec2Api, only } from '../../../test/support/ec2-api.ts'

let api: Ec2Api
beforeAll(async () => {
  api = await Ec2Api.start()
})
afterAll(() => api[Symbol.asyncDispose]())

async function withVpc() {
  const { ec2, name } = api.region()
  const { Vpc } = await ec2.createVpc({
    CidrBlock: '10.0.0.0/16',
    Ipv6CidrBlock: 'fd00:1:2:3400::/56',
  })
  const VpcId = Vpc?.VpcId ?? ''
  return { ec2, name, VpcId, Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }
}

test('a region begins with a default VPC and one public subnet a zone', async () => {
  const { ec2, name } = api.region()
  const vpc = only((await ec2.describeVpcs({})).Vpcs)
  expect(vpc.IsDefault).toBe(true)
  const network = (vpc.CidrBlock ?? '').replace('.0.0/16', '')
  const { Subnets = [] } = await ec2.describeSubnets({})
  const subnets = Subnets.map((each) => [each.AvailabilityZone, each.CidrBlock, each.DefaultForAz])
  expect(subnets.sort()).toEqual([
    [`${name}a`, `${network}.0.0/20`, true],
    [`${name}b`, `${network}.16.0/20`, true],
    [`${name}c`, `${network}.32.0/20`, true],
  ])
  const { GatewayId } = only((await ec2.describeRouteTables({})).RouteTables).Routes?.[1] ?? {}
  const gateway = only((await ec2.describeInternetGateways({})).InternetGateways)
  expect(gateway).toMatchObject({
    InternetGatewayId: GatewayId,
    Attachments: [{ VpcId: vpc.VpcId, State: 'available' }],
  })
  const zones = await ec2.describeAvailabilityZones({})
  expect(zones.AvailabilityZones?.map(({ ZoneName }) => ZoneName)).toEqual([
    `${name}a`,
    `${name}b`,
    `${name}c`,
  ])
})

test('regions have default VPCs of their own, one after the other', async () => {
  const [first, second] = [api.region(), api.region()]
  const range = async ({ ec2 }: typeof first) =>
    only((await ec2.describeVpcs({})).Vpcs).CidrBlock ?? ''
  const [a, b] = [await range(first), await range(second)]
  expect(a).toMatch(/^127\.\d+\.0\.0\/16$/)
  expect(Number(b.split('.')[1])).toBe(Number(a.split('.')[1]) + 1)
})

test('a network ACL allows everything by default and ends with a rule that denies the rest', async () => {
  const { ec2, Filters } = await withVpc()
  const acl = only((await ec2.describeNetworkAcls({ Filters })).NetworkAcls)
  const rules = acl.Entries?.map(({ Egress, RuleNumber, RuleAction }) => [
    Egress,
    RuleNumber,
    RuleAction,
  ])
  expect(rules).toEqual([
    [true, 100, 'allow'],
    [true, 32767, 'deny'],
    [false, 100, 'allow'],
    [false, 32767, 'deny'],
  ])
})

test('entries of a network ACL are made, replaced and deleted', async () => {
  const { ec2, VpcId, Filters } = await withVpc()
  const { NetworkAcl } = await ec2.createNetworkAcl({ VpcId })
  const NetworkAclId = NetworkAcl?.NetworkAclId
  const entry = {
    NetworkAclId,
    RuleNumber: 90,
    Egress: false,
    RuleAction: 'allow',
    Protocol: 'tcp',
    CidrBlock: '0.0.0.0/0',
    PortRange: { From: 80, To: 80 },
  } as const
  const entries = async () => {
    const byId = [{ Name: 'network-acl-id', Values: [NetworkAclId ?? ''] }]
    const { NetworkAcls } = await ec2.describeNetworkAcls({ Filters: [...Filters, ...byId] })
    return only(NetworkAcls).Entries?.filter(({ RuleNumber = 0 }) => RuleNumber < 32767)
  }
  await ec2.createNetworkAclEntry(entry)
  await expect(ec2.createNetworkAclEntry(entry)).rejects.toMatchObject({
    name: 'NetworkAclEntryAlreadyExists',
  })
  expect(await entries()).toMatchObject([{ Protocol: '6', PortRange: { From: 80, To: 80 } }])
  await ec2.replaceNetworkAclEntry({ ...entry, RuleAction: 'deny' })
  expect(await entries()).toMatchObject([{ RuleAction: 'deny' }])
  await ec2.deleteNetworkAclEntry({ NetworkAclId, RuleNumber: 90, Egress: false })
  expect(await entries()).toEqual([])
})

test('a subnet moves from one network ACL to another', async () => {
  const { ec2, VpcId, Filters } = await withVpc()
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: '10.0.1.0/24' })
  const standard = only((await ec2.describeNetworkAcls({ Filters })).NetworkAcls)
  expect(standard.Associations).toMatchObject([{ SubnetId: Subnet?.SubnetId }])
  const { NetworkAcl } = await ec2.createNetworkAcl({ VpcId })
  await ec2.replaceNetworkAclAssociation({
    AssociationId: standard.Associations?.[0]?.NetworkAclAssociationId,
    NetworkAclId: NetworkAcl?.NetworkAclId,
  })
  const after = await ec2.describeNetworkAcls({
    Filters: [{ Name: 'association.subnet-id', Values: [Subnet?.SubnetId ?? ''] }],
  })
  expect(only(after.NetworkAcls).NetworkAclId).toBe(NetworkAcl?.NetworkAclId)
})

test('subnets lie within their VPC, are /16 to /28, and do not overlap', async () => {
  const { ec2, name, VpcId } = await withVpc()
  const create = (CidrBlock: string) => ec2.createSubnet({ VpcId, CidrBlock })
  const { Subnet } = await create('10.0.1.77/24')
  expect(Subnet).toMatchObject({
    CidrBlock: '10.0.1.0/24',
    AvailabilityZone: `${name}a`,
    AvailableIpAddressCount: 251,
    DefaultForAz: false,
  })
  for (const range of ['10.1.0.0/24', '10.0.0.0/15', '10.0.2.0/29']) {
    await expect(create(range)).rejects.toMatchObject({ name: 'InvalidSubnet.Range' })
  }
  for (const range of ['10.0.0.0/20', '10.0.1.128/25']) {
    await expect(create(range)).rejects.toMatchObject({ name: 'InvalidSubnet.Conflict' })
  }
  await expect(create('10.0.9.0')).rejects.toMatchObject({ name: 'InvalidParameterValue' })
})

test('two subnets that overlap are never both made, however close together', async () => {
  const { ec2, VpcId } = await withVpc()
  const ranges = ['10.0.0.0/20', '10.0.0.0/24', '10.0.0.128/25', '10.0.15.0/24']
  const made = ranges.map((CidrBlock) => ec2.createSubnet({ VpcId, CidrBlock }))
  await Promise.allSettled(made)
  const { Subnets = [] } = await ec2.describeSubnets({
    Filters: [{ Name: 'vpc-id', Values: [VpcId] }],
  })
  const found = Subnets.map(({ CidrBlock = '' }) => CidrBlock).sort()
  expect([['10.0.0.0/20'], ['10.0.0.0/24', '10.0.15.0/24'], ['10.0.0.128/25', '10.0.15.0/24']])
    // The first of the overlapping ones wins, whichever it is.
    .toContainEqual(found)
})

test('a subnet of a VPC with an IPv6 range can have a /64 of it', async () => {
  const { ec2, VpcId } = await withVpc()
  const create = (CidrBlock: string, Ipv6CidrBlock: string) =>
    ec2.createSubnet({ VpcId, CidrBlock, Ipv6CidrBlock })
  const { Subnet } = await create('10.0.1.0/24', 'fd00:1:2:3401::/64')
  expect(only(Subnet?.Ipv6CidrBlockAssociationSet).Ipv6CidrBlock).toBe('fd00:1:2:3401::/64')
  await expect(create('10.0.2.0/24', 'fd00:1:2:3401::/64')).rejects.toMatchObject({
    name: 'InvalidSubnet.Conflict',
  })
  await expect(create('10.0.2.0/24', 'fd00:1:2:3500::/64')).rejects.toMatchObject({
    name: 'InvalidSubnet.Range',
  })
})

test('a VPC of its own becomes public by gateway, route table and association', async () => {
  const { ec2, VpcId } = await withVpc()
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: '10.0.1.0/24' })
  const { InternetGateway } = await ec2.createInternetGateway({})
  const { InternetGatewayId } = InternetGateway ?? {}
  const { RouteTable } = await ec2.createRouteTable({ VpcId })
  const { RouteTableId = '' } = RouteTable ?? {}
  const route = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId }
  await expect(ec2.createRoute(route)).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  await ec2.attachInternetGateway({ InternetGatewayId, VpcId })
  await ec2.createRoute(route)
  const { AssociationId } = await ec2.associateRouteTable({
    RouteTableId,
    SubnetId: Subnet?.SubnetId,
  })
  const describe = async () =>
    only((await ec2.describeRouteTables({ RouteTableIds: [RouteTableId] })).RouteTables)
  expect((await describe()).Routes).toMatchObject([
    { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' },
    { DestinationIpv6CidrBlock: 'fd00:1:2:3400::/56', GatewayId: 'local' },
    { DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId, State: 'active' },
  ])
  await expect(ec2.deleteRouteTable({ RouteTableId })).rejects.toMatchObject({
    name: 'DependencyViolation',
  })
  await ec2.detachInternetGateway({ InternetGatewayId, VpcId })
  expect((await describe()).Routes?.[2]?.State).toBe('blackhole')
  await ec2.disassociateRouteTable({ AssociationId })
  await ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' })
  await expect(
    ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: '10.0.0.0/16' }),
  ).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  await ec2.deleteRouteTable({ RouteTableId })
})

test('another route table can become the main one', async () => {
  const { ec2, VpcId, Filters } = await withVpc()
  const old = only((await ec2.describeRouteTables({ Filters })).RouteTables)
  const { RouteTable } = await ec2.createRouteTable({ VpcId })
  await ec2.replaceRouteTableAssociation({
    AssociationId: old.Associations?.[0]?.RouteTableAssociationId,
    RouteTableId: RouteTable?.RouteTableId,
  })
  const main = await ec2.describeRouteTables({
    Filters: [...Filters, { Name: 'association.main', Values: ['true'] }],
  })
  expect(only(main.RouteTables).RouteTableId).toBe(RouteTable?.RouteTableId)
})

test('a VPC is deleted with its foundation once it is empty', async () => {
  const { ec2, VpcId, Filters } = await withVpc()
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: '10.0.1.0/24' })
  const { Instances } = await ec2.runInstances({
    MinCount: 1,
    MaxCount: 1,
    SubnetId: Subnet?.SubnetId,
  })
  const violation = { name: 'DependencyViolation' }
  await expect(ec2.deleteVpc({ VpcId })).rejects.toMatchObject(violation)
  const { SubnetId } = Subnet ?? {}
  await expect(ec2.deleteSubnet({ SubnetId })).rejects.toMatchObject(violation)
  await ec2.terminateInstances({ InstanceIds: [only(Instances).InstanceId ?? ''] })
  await ec2.deleteSubnet({ SubnetId })
  await ec2.deleteVpc({ VpcId })
  await expect(ec2.describeVpcs({ VpcIds: [VpcId] })).rejects.toMatchObject({
    name: 'InvalidVpcID.NotFound',
    message: `The vpc ID '${VpcId}' does not exist`,
  })
  expect((await ec2.describeSecurityGroups({ Filters })).SecurityGroups).toEqual([])
  expect((await ec2.describeRouteTables({ Filters })).RouteTables).toEqual([])
  expect((await ec2.describeNetworkAcls({ Filters })).NetworkAcls).toEqual([])
})

test('attributes of a VPC and of a subnet change', async () => {
  const { ec2, VpcId } = await withVpc()
  await ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: true } })
  const hostnames = await ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsHostnames' })
  expect(hostnames.EnableDnsHostnames).toEqual({ Value: true })
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: '10.0.1.0/24' })
  const { SubnetId = '' } = Subnet ?? {}
  await ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } })
  const { Subnets } = await ec2.describeSubnets({ SubnetIds: [SubnetId] })
  expect(only(Subnets).MapPublicIpOnLaunch).toBe(true)
})

test('an account is VPC-only, and EC2-Classic cannot be linked', async () => {
  const { ec2, VpcId } = await withVpc()
  const { AccountAttributes } = await ec2.describeAccountAttributes({
    AttributeNames: ['supported-platforms'],
  })
  expect(only(AccountAttributes).AttributeValues).toEqual([{ AttributeValue: 'VPC' }])
  const { Vpcs } = await ec2.describeVpcClassicLink({ VpcIds: [VpcId] })
  expect(only(Vpcs).ClassicLinkEnabled).toBe(false)
  await expect(ec2.enableVpcClassicLink({ VpcId })).rejects.toMatchObject({
    name: 'UnsupportedOperation',
    message: expect.stringContaining('EC2-Classic is retired'),
  })
})
