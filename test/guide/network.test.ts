/** Security groups, Availability Zones and subnets: pages 18–29 of the guide. */
import { AuthorizeSecurityGroupIngressCommand, RunInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import {
  createLoadBalancer,
  createSecurityGroup,
  createSubnet,
  defaultSubnet,
  type Guide,
  guideTests,
} from './guide.ts'

const test = guideTests()

test('applies security groups (page 20)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  const group = await createSecurityGroup(weir, 'my-security-group')
  expect(
    await aws.json(
      `aws elb apply-security-groups-to-load-balancer --load-balancer-name my-loadbalancer --security-groups ${group}`,
    ),
  ).toEqual({ SecurityGroups: [group] })
})

test('locks down traffic between load balancer and instances (pages 23–25)', async (guide) => {
  const { aws, weir } = guide
  await createLoadBalancer(weir)
  expect(
    await aws.json('aws elb describe-load-balancers --load-balancer-name my-loadbalancer'),
  ).toMatchObject({
    LoadBalancerDescriptions: [
      { SourceSecurityGroup: { OwnerAlias: expect.any(String), GroupName: expect.any(String) } },
    ],
  })

  const { group, instance } = await instanceThatAllowsAll(guide)
  expect(await aws.json(`aws ec2 describe-instances --instance-ids ${instance}`)).toMatchObject({
    Reservations: [
      { Instances: [{ SecurityGroups: [{ GroupName: 'my-security-group', GroupId: group }] }] },
    ],
  })

  await aws.json(
    'aws ec2 authorize-security-group-ingress --group-name my-security-group --source-security-group-name amazon-elb-sg --source-security-group-owner-id amazon-elb',
  )
  await aws.json(
    'aws ec2 revoke-security-group-ingress --group-name my-security-group --protocol tcp --port 80 --cidr 0.0.0.0/0',
  )
  const fromLoadBalancers = {
    IpRanges: [],
    UserIdGroupPairs: [
      {
        GroupName: 'amazon-elb-sg',
        GroupId: expect.stringMatching(/^sg-/),
        UserId: 'amazon-elb',
      },
    ],
  }
  expect(
    await aws.json('aws ec2 describe-security-groups --group-names my-security-group'),
  ).toMatchObject({
    SecurityGroups: [
      {
        IpPermissions: [
          { ...fromLoadBalancers, FromPort: -1, IpProtocol: 'icmp', ToPort: -1 },
          { ...fromLoadBalancers, FromPort: 1, IpProtocol: 'tcp', ToPort: 65535 },
          { ...fromLoadBalancers, FromPort: 1, IpProtocol: 'udp', ToPort: 65535 },
        ],
      },
    ],
  })
})

test('adds and removes an Availability Zone (page 26)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  expect(
    await aws.json(
      'aws elb enable-availability-zones-for-load-balancer --load-balancer-name my-loadbalancer --availability-zones us-west-2b',
    ),
  ).toEqual({ AvailabilityZones: ['us-west-2a', 'us-west-2b'] })
  expect(
    await aws.json(
      'aws elb disable-availability-zones-for-load-balancer --load-balancer-name my-loadbalancer --availability-zones us-west-2a',
    ),
  ).toEqual({ AvailabilityZones: ['us-west-2b'] })
})

test('adds two subnets and removes one (pages 28–29)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  const first = await defaultSubnet(weir, 'us-west-2a')
  const second = await createSubnet(weir, 'us-west-2b', 240)
  const third = await createSubnet(weir, 'us-west-2c', 241)
  expect(
    await aws.json(
      `aws elb attach-load-balancer-to-subnets --load-balancer-name my-loadbalancer --subnets ${second} ${third}`,
    ),
  ).toEqual({ Subnets: [first, second, third] })
  expect(
    await aws.json(
      `aws elb detach-load-balancer-from-subnets --load-balancer-name my-loadbalancer --subnets ${second}`,
    ),
  ).toEqual({ Subnets: [first, third] })
})

async function instanceThatAllowsAll({ weir }: Guide) {
  const group = await createSecurityGroup(weir, 'my-security-group')
  const { Instances = [] } = await weir.ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: await defaultSubnet(weir, 'us-west-2a'),
      SecurityGroupIds: [group],
    }),
  )
  await weir.ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: group,
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 80,
      CidrIp: '0.0.0.0/0',
    }),
  )
  return { group, instance: Instances[0]?.InstanceId ?? '' }
}
