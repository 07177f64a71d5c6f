import { afterAll, beforeAll, expect, test } from 'vitest'
import { Ec2Api, only } from '../../../test/support/ec2-api.ts'

let api: Ec2Api
beforeAll(async () => {
  api = await Ec2Api.start()
})
afterAll(() => api[Symbol.asyncDispose]())

async function withGroup(GroupName = 'web') {
  const { ec2 } = api.region()
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName, Description: 'a group' })
  const describe = async () =>
    only((await ec2.describeSecurityGroups({ GroupIds: [GroupId] })).SecurityGroups)
  return { ec2, GroupId, describe }
}

const fromEverywhere = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' }

test('a new group lets nothing in and everything out', async () => {
  const { describe } = await withGroup()
  expect(await describe()).toMatchObject({
    GroupName: 'web',
    OwnerId: '123456789012',
    IpPermissions: [],
    IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  })
})

test('a group of the default VPC can be named, as the guide does', async () => {
  const { ec2, GroupId, describe } = await withGroup('my-security-group')
  await ec2.authorizeSecurityGroupIngress({ GroupName: 'my-security-group', ...fromEverywhere })
  expect((await describe()).IpPermissions).toHaveLength(1)
  await ec2.revokeSecurityGroupIngress({ GroupName: 'my-security-group', ...fromEverywhere })
  const named = await ec2.describeSecurityGroups({ GroupNames: ['my-security-group'] })
  expect(only(named.SecurityGroups)).toMatchObject({ GroupId, IpPermissions: [] })
  await expect(ec2.describeSecurityGroups({ GroupNames: ['other'] })).rejects.toThrow(
    /^The security group 'other' does not exist in default VPC 'vpc-[0-9a-f]{17}'$/,
  )
})

test("the load balancers' group of EC2-Classic stands for three permissions, as the guide shows", async () => {
  const { ec2, describe } = await withGroup('my-security-group')
  await ec2.authorizeSecurityGroupIngress({
    GroupName: 'my-security-group',
    SourceSecurityGroupName: 'amazon-elb-sg',
    SourceSecurityGroupOwnerId: 'amazon-elb',
  })
  const pairs = [{ GroupName: 'amazon-elb-sg', GroupId: 'sg-5a9c116a', UserId: 'amazon-elb' }]
  const { IpPermissions } = await describe()
  expect(IpPermissions).toMatchObject([
    { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, UserIdGroupPairs: pairs },
    { IpProtocol: 'tcp', FromPort: 1, ToPort: 65535, UserIdGroupPairs: pairs },
    { IpProtocol: 'udp', FromPort: 1, ToPort: 65535, UserIdGroupPairs: pairs },
  ])
})

test('rules for the same ports are one permission, and each can be revoked by its id', async () => {
  const { ec2, GroupId, describe } = await withGroup()
  const { SecurityGroupRules = [] } = await ec2.authorizeSecurityGroupIngress({
    GroupId,
    IpPermissions: [
      {
        IpProtocol: '6',
        FromPort: 80,
        ToPort: 90,
        IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'inside' }],
        Ipv6Ranges: [{ CidrIpv6: '2001:DB8::/32' }],
        UserIdGroupPairs: [{ GroupId }],
      },
    ],
    TagSpecifications: [
      { ResourceType: 'security-group-rule', Tags: [{ Key: 'why', Value: 'test' }] },
    ],
  })
  const permission = only((await describe()).IpPermissions)
  expect(permission).toMatchObject({
    IpProtocol: 'tcp',
    FromPort: 80,
    ToPort: 90,
    IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'inside' }],
    Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
    UserIdGroupPairs: [{ GroupId, UserId: '123456789012' }],
  })
  expect(SecurityGroupRules).toHaveLength(3)
  const { SecurityGroupRuleId: id = '' } = SecurityGroupRules[0] ?? {}
  const rules = await ec2.describeSecurityGroupRules({ SecurityGroupRuleIds: [id] })
  expect(only(rules.SecurityGroupRules)).toMatchObject({
    CidrIpv4: '10.0.0.0/8',
    IsEgress: false,
    Tags: [{ Key: 'why', Value: 'test' }],
  })
  await ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds: [id] })
  expect(only((await describe()).IpPermissions).IpRanges).toEqual([])
})

test('a permission that is there already is a duplicate, and one that is not cannot be revoked', async () => {
  const { ec2, GroupId } = await withGroup()
  await ec2.authorizeSecurityGroupIngress({ GroupId, ...fromEverywhere })
  await expect(
    ec2.authorizeSecurityGroupIngress({ GroupId, ...fromEverywhere }),
  ).rejects.toMatchObject({
    name: 'InvalidPermission.Duplicate',
    message:
      'the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists',
  })
  await expect(
    ec2.revokeSecurityGroupIngress({ GroupId, ...fromEverywhere, ToPort: 81 }),
  ).rejects.toMatchObject({ name: 'InvalidPermission.NotFound' })
})

test('a modified rule keeps its id, and cannot become another one', async () => {
  const { ec2, GroupId, describe } = await withGroup()
  const made = await ec2.authorizeSecurityGroupIngress({ GroupId, ...fromEverywhere })
  await ec2.authorizeSecurityGroupIngress({ GroupId, ...fromEverywhere, FromPort: 1 })
  const { SecurityGroupRuleId } = only(made.SecurityGroupRules)
  const modify = (FromPort: number, Description?: string) => {
    const range = { IpProtocol: 'tcp', ToPort: 80, CidrIpv4: '0.0.0.0/0' }
    const SecurityGroupRule = { ...range, FromPort, Description }
    const SecurityGroupRules = [{ SecurityGroupRuleId, SecurityGroupRule }]
    return ec2.modifySecurityGroupRules({ GroupId, SecurityGroupRules })
  }
  await modify(80, 'web')
  await modify(70, 'more')
  await expect(modify(1)).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' })
  expect((await describe()).IpPermissions).toMatchObject([
    { FromPort: 70, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'more' }] },
    { FromPort: 1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
  ])
  const rules = await ec2.describeSecurityGroupRules({
    SecurityGroupRuleIds: [SecurityGroupRuleId ?? ''],
  })
  expect(only(rules.SecurityGroupRules).FromPort).toBe(70)
})

test('the rule that lets everything out can be revoked and given back', async () => {
  const { ec2, GroupId, describe } = await withGroup()
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
  await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions })
  expect((await describe()).IpPermissionsEgress).toEqual([])
  await ec2.authorizeSecurityGroupEgress({ GroupId, IpPermissions })
  expect((await describe()).IpPermissionsEgress).toHaveLength(1)
})

test.each([
  { IpProtocol: 'tcp', FromPort: 90, ToPort: 80, CidrIp: '0.0.0.0/0' },
  { IpProtocol: 'tcp', CidrIp: '0.0.0.0/0' },
  { IpProtocol: 'tcp', FromPort: 80, ToPort: 65536, CidrIp: '0.0.0.0/0' },
  { IpProtocol: 'nonsense', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' },
  { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '300.0.0.0/8' },
])('the permission %o is refused', async (permission) => {
  const { ec2, GroupId } = await withGroup()
  await expect(ec2.authorizeSecurityGroupIngress({ GroupId, ...permission })).rejects.toMatchObject(
    { name: 'InvalidParameterValue' },
  )
})

test('two groups of one VPC cannot have the same name, those of two VPCs can', async () => {
  const { ec2 } = await withGroup()
  const group = { GroupName: 'web', Description: 'again' }
  await expect(ec2.createSecurityGroup(group)).rejects.toMatchObject({
    name: 'InvalidGroup.Duplicate',
  })
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })
  await ec2.createSecurityGroup({ ...group, VpcId: Vpc?.VpcId })
})

test('a group that another one names is kept, and so is the default group', async () => {
  const { ec2, GroupId } = await withGroup()
  const other = await ec2.createSecurityGroup({ GroupName: 'other', Description: 'other' })
  const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }]
  await ec2.authorizeSecurityGroupIngress({ GroupId: other.GroupId, IpPermissions })
  await expect(ec2.deleteSecurityGroup({ GroupId })).rejects.toMatchObject({
    name: 'DependencyViolation',
  })
  await ec2.deleteSecurityGroup({ GroupId: other.GroupId })
  await ec2.deleteSecurityGroup({ GroupId })
  await expect(ec2.describeSecurityGroups({ GroupIds: [GroupId] })).rejects.toMatchObject({
    name: 'InvalidGroup.NotFound',
  })
  await expect(ec2.deleteSecurityGroup({ GroupName: 'default' })).rejects.toMatchObject({
    name: 'CannotDelete',
  })
})

test('groups are found by the groups and ranges that their rules name', async () => {
  const { ec2, GroupId } = await withGroup()
  await ec2.authorizeSecurityGroupIngress({ GroupId, ...fromEverywhere })
  const found = async (Name: string, value: string) => {
    const Filters = [{ Name, Values: [value] }]
    const { SecurityGroups = [] } = await ec2.describeSecurityGroups({ Filters })
    return SecurityGroups.map(({ GroupName }) => GroupName)
  }
  expect(await found('ip-permission.cidr', '0.0.0.0/0')).toEqual(['web'])
  const [standard] =
    (await ec2.describeSecurityGroups({ GroupNames: ['default'] })).SecurityGroups ?? []
  expect(await found('ip-permission.group-id', standard?.GroupId ?? '')).toEqual(['default'])
})
