import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2'
import { CreateLoadBalancerCommand, type Listener } from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { AwsCli, testWithAwsCli } from '../support/aws-cli.ts'
import { Weir } from '../support/weir.ts'

/** What a test of the guide's commands has: an empty Weir, and an AWS CLI that talks to it. */
export interface Guide {
  readonly weir: Weir
  readonly aws: AwsCli
  /** Where the CLI runs. */
  readonly folder: string
}

export const httpListener: Listener = {
  Protocol: 'HTTP',
  LoadBalancerPort: 80,
  InstanceProtocol: 'HTTP',
  InstancePort: 80,
}

export const tcpListener: Listener = {
  Protocol: 'TCP',
  LoadBalancerPort: 80,
  InstanceProtocol: 'TCP',
  InstancePort: 80,
}

/**
 * Starts one Weir for the test file, whose names end as the guide's do, and empties it before every test.
 * @returns a test that runs with every AWS CLI of the machine
 */
export function guideTests(): (name: string, run: (guide: Guide) => Promise<void>) => void {
  const running = new AsyncDisposableStack()
  let weir: Weir
  let folder: string
  beforeAll(async () => {
    weir = running.use(await Weir.start({ args: ['--dns-suffix', 'amazonaws.com'] }))
    folder = await mkdtemp(join(tmpdir(), 'weir-guide-'))
    running.defer(() => rm(folder, { recursive: true }))
  })
  beforeEach(async () => {
    const { status } = await fetch(`${weir.api}/_weir/reset`, { method: 'POST' })
    if (status !== 204) throw new Error(`the reset was answered ${status}`)
  })
  afterAll(() => running.disposeAsync())
  return (name, run) =>
    testWithAwsCli(name, (program) => run({ weir, folder, aws: new AwsCli(weir, program, folder) }))
}

/** The load balancer that most chapters begin with. */
export async function createLoadBalancer(
  weir: Weir,
  { listener = httpListener, zones = ['us-west-2a'] } = {},
): Promise<void> {
  await weir.elb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName: 'my-loadbalancer',
      Listeners: [listener],
      AvailabilityZones: zones,
    }),
  )
}

/** Declares instances in us-west-2a. @returns their ids */
export async function declareInstances(weir: Weir, count: number): Promise<string[]> {
  const { Instances = [] } = await weir.ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: count,
      MaxCount: count,
      Placement: { AvailabilityZone: 'us-west-2a' },
    }),
  )
  return Instances.map(({ InstanceId = '' }) => InstanceId)
}

/** The default subnet of the zone. */
export async function defaultSubnet(weir: Weir, zone: string): Promise<string> {
  const Filters = [{ Name: 'availability-zone', Values: [zone] }]
  const { Subnets = [] } = await weir.ec2.send(new DescribeSubnetsCommand({ Filters }))
  return Subnets[0]?.SubnetId ?? ''
}

/** Makes a further subnet of the default VPC. @returns its id */
export async function createSubnet(weir: Weir, zone: string, third: number): Promise<string> {
  const { VpcId, CidrBlock = '' } = await defaultVpc(weir)
  const { Subnet } = await weir.ec2.send(
    new CreateSubnetCommand({
      VpcId,
      AvailabilityZone: zone,
      CidrBlock: CidrBlock.replace('.0.0/16', `.${third}.0/24`),
    }),
  )
  return Subnet?.SubnetId ?? ''
}

/** Makes a security group in the default VPC. @returns its id */
export async function createSecurityGroup(weir: Weir, name: string): Promise<string> {
  const { VpcId } = await defaultVpc(weir)
  const { GroupId = '' } = await weir.ec2.send(
    new CreateSecurityGroupCommand({ GroupName: name, Description: name, VpcId }),
  )
  return GroupId
}

async function defaultVpc(weir: Weir) {
  const Filters = [{ Name: 'is-default', Values: ['true'] }]
  const { Vpcs = [] } = await weir.ec2.send(new DescribeVpcsCommand({ Filters }))
  return Vpcs[0] ?? {}
}
