/** Kubernetes' cloud provider finds everything as it left it, in Elastic Load Balancing and in EC2. */
import { EC2, type IpPermission } from '@aws-sdk/client-ec2'
import type { Listener } from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CloudProvider,
  clusterTag,
  LoadBalancerName,
} from '../../../test/support/cloud-provider.ts'
import { ElbApi, https443, tcp25 } from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const listeners = [
  { ...tcp25, InstanceProtocol: 'TCP' },
  { ...https443, InstanceProtocol: 'HTTP', InstancePort: 30080 },
]
const tcpFrom = (port: number, CidrIp: string): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
})

/** A cluster of two nodes: VPC, public subnets of two zones, the nodes' security group. */
async function cluster() {
  const { elb, name, zoneA, zoneB } = api.region()
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
  const ec2 = new EC2({ endpoint: api.api.url, region: name, credentials, maxAttempts: 1 })
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })
  const VpcId = Vpc?.VpcId ?? ''
  const { InternetGateway } = await ec2.createInternetGateway({})
  const GatewayId = InternetGateway?.InternetGatewayId ?? ''
  await ec2.attachInternetGateway({ VpcId, InternetGatewayId: GatewayId })
  const { RouteTable } = await ec2.createRouteTable({ VpcId })
  const RouteTableId = RouteTable?.RouteTableId ?? ''
  await ec2.createRoute({ RouteTableId, GatewayId, DestinationCidrBlock: '0.0.0.0/0' })
  const subnets: string[] = []
  for (const [index, AvailabilityZone] of [zoneA, zoneB].entries()) {
    const CidrBlock = `10.0.${index}.0/24`
    const { Subnet } = await ec2.createSubnet({ VpcId, AvailabilityZone, CidrBlock })
    const SubnetId = Subnet?.SubnetId ?? ''
    await ec2.associateRouteTable({ RouteTableId, SubnetId })
    await ec2.createTags({ Resources: [SubnetId], Tags: [clusterTag] })
    subnets.push(SubnetId)
  }
  const Description = 'nodes'
  const group = await ec2.createSecurityGroup({ GroupName: 'nodes', Description, VpcId })
  const nodeGroup = group.GroupId ?? ''
  await ec2.createTags({ Resources: [nodeGroup], Tags: [clusterTag] })
  const { Instances = [] } = await ec2.runInstances({
    MinCount: 2,
    MaxCount: 2,
    SubnetId: subnets[0],
    SecurityGroupIds: [nodeGroup],
  })
  const nodes = Instances.map(({ InstanceId = '' }) => InstanceId)
  return { ec2, elb, VpcId, nodeGroup, nodes, provider: new CloudProvider(ec2, elb, VpcId) }
}

test('Kubernetes makes a load balancer, finds it as it left it, follows changes, and deletes all', async () => {
  const { ec2, VpcId, nodes, nodeGroup, provider } = await cluster()
  const subnets = await provider.publicSubnets()
  const wanted = { nodes, subnets, listeners, permission: tcpFrom(25, '0.0.0.0/0') }
  expect(await provider.synchronize(wanted)).toEqual([
    'CreateSecurityGroup',
    'AuthorizeSecurityGroupIngress',
    'CreateLoadBalancer',
    'ModifyLoadBalancerAttributes',
    'ConfigureHealthCheck',
    'SetLoadBalancerPoliciesForBackendServer',
    'SetLoadBalancerPoliciesForBackendServer',
    'SetLoadBalancerPoliciesOfListener',
    'AuthorizeSecurityGroupIngress (nodes)',
    'RegisterInstancesWithLoadBalancer',
  ])
  expect(await provider.synchronize(wanted)).toEqual([])

  const changed = {
    nodes: nodes.slice(0, 1),
    subnets: subnets.slice(0, 1),
    listeners: [{ ...listeners[0], LoadBalancerPort: 26 } as Listener, ...listeners.slice(1)],
    permission: tcpFrom(26, '10.0.0.0/8'),
  }
  expect(await provider.synchronize(changed)).toEqual([
    'AuthorizeSecurityGroupIngress',
    'RevokeSecurityGroupIngress',
    'DetachLoadBalancerFromSubnets',
    'DeleteLoadBalancerListeners',
    'CreateLoadBalancerListeners',
    'DeregisterInstancesFromLoadBalancer',
  ])
  expect(await provider.synchronize(changed)).toEqual([])
  expect(await provider.synchronize({ ...changed, subnets })).toEqual([
    'AttachLoadBalancerToSubnets',
  ])

  await provider.remove(nodeGroup)
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }]
  const { SecurityGroups = [] } = await ec2.describeSecurityGroups({ Filters })
  expect(SecurityGroups.map(({ GroupName }) => GroupName).sort()).toEqual(['default', 'nodes'])
})

test('Kubernetes applies its security group to a load balancer that has another', async () => {
  const { ec2, elb, VpcId, nodes, provider } = await cluster()
  const subnets = await provider.publicSubnets()
  const wanted = { nodes, subnets, listeners, permission: tcpFrom(25, '0.0.0.0/0') }
  await provider.synchronize(wanted)
  const Description = 'other'
  const { GroupId } = await ec2.createSecurityGroup({ GroupName: 'other', Description, VpcId })
  const SecurityGroups = [GroupId ?? '']
  await elb.applySecurityGroupsToLoadBalancer({ LoadBalancerName, SecurityGroups })
  expect(await provider.synchronize(wanted)).toEqual(['ApplySecurityGroupsToLoadBalancer'])
  expect(await provider.synchronize(wanted)).toEqual([])
})
