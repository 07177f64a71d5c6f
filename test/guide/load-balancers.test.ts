/** "Tutorial", "Internal Classic Load Balancers" and "Quotas": pages 3–13, 52, 59, 111 and 120 of the guide. */
import { expect } from 'vitest'
import {
  createLoadBalancer,
  createSecurityGroup,
  declareInstances,
  defaultSubnet,
  guideTests,
} from './guide.ts'

const test = guideTests()

const zoned = /^my-loadbalancer-\d+\.us-west-2\.elb\.amazonaws\.com$/
const internal = /^internal-my-internal-loadbalancer-\d+\.us-west-2\.elb\.amazonaws\.com$/

test('creates an internal load balancer (pages 12–13)', async ({ aws, weir }) => {
  const subnet = await defaultSubnet(weir, 'us-west-2a')
  const group = await createSecurityGroup(weir, 'my-security-group')
  const [first, second] = await declareInstances(weir, 2)

  expect(
    await aws.json(
      `aws elb create-load-balancer --load-balancer-name my-internal-loadbalancer --listeners Protocol=HTTP,LoadBalancerPort=80,InstanceProtocol=HTTP,InstancePort=80 --subnets ${subnet} --scheme internal --security-groups ${group}`,
    ),
  ).toEqual({ DNSName: expect.stringMatching(internal) })

  expect(
    await aws.json(
      `aws elb register-instances-with-load-balancer --load-balancer-name my-internal-loadbalancer --instances ${first} ${second}`,
    ),
  ).toEqual({ Instances: [{ InstanceId: first }, { InstanceId: second }] })

  expect(
    await aws.json('aws elb describe-load-balancers --load-balancer-name my-internal-loadbalancer'),
  ).toMatchObject({
    LoadBalancerDescriptions: [
      {
        DNSName: expect.stringMatching(internal),
        SecurityGroups: [group],
        Policies: {
          LBCookieStickinessPolicies: [],
          AppCookieStickinessPolicies: [],
          OtherPolicies: [],
        },
        LoadBalancerName: 'my-internal-loadbalancer',
        CreatedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/),
        AvailabilityZones: ['us-west-2a'],
        Scheme: 'internal',
      },
    ],
  })
})

test('creates an internet-facing load balancer and deletes it (pages 4–7, 52–53, 59)', async ({
  aws,
  weir,
}) => {
  const [instance] = await declareInstances(weir, 1)
  expect(
    await aws.json(
      'aws elb create-load-balancer --load-balancer-name my-loadbalancer --listeners "Protocol=http,LoadBalancerPort=80,InstanceProtocol=http,InstancePort=80" --availability-zones us-west-2a',
    ),
  ).toEqual({ DNSName: expect.stringMatching(zoned) })

  await aws.json(
    `aws elb register-instances-with-load-balancer --load-balancer-name my-loadbalancer --instances ${instance}`,
  )
  const listener = {
    InstancePort: 80,
    LoadBalancerPort: 80,
    Protocol: 'HTTP',
    InstanceProtocol: 'HTTP',
  }
  expect(
    await aws.json('aws elb describe-load-balancers --load-balancer-name my-loadbalancer'),
  ).toMatchObject({
    LoadBalancerDescriptions: [
      {
        LoadBalancerName: 'my-loadbalancer',
        DNSName: expect.stringMatching(zoned),
        Scheme: 'internet-facing',
        ListenerDescriptions: [{ Listener: listener, PolicyNames: [] }],
        Instances: [{ InstanceId: instance }],
      },
    ],
  })

  expect(
    await aws.json('aws elb delete-load-balancer --load-balancer-name my-loadbalancer'),
  ).toBeNull()
  expect(await aws.json('aws elb describe-load-balancers')).toEqual({
    LoadBalancerDescriptions: [],
  })
  const changed = (before: string, now: string) => ({
    InstanceId: instance,
    PreviousState: { Name: before },
    CurrentState: { Name: expect.stringContaining(now) },
  })
  expect(await aws.json(`aws ec2 stop-instances --instance-ids ${instance}`)).toMatchObject({
    StoppingInstances: [changed('running', 'stop')],
  })
  expect(await aws.json(`aws ec2 terminate-instances --instance-ids ${instance}`)).toMatchObject({
    TerminatingInstances: [changed('stopped', 'terminated')],
  })
})

test('refuses a certificate that does not exist (page 111)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  const arn = 'arn:aws:iam::123456789012:server-certificate/my-server-certificate'
  const { exitCode, stderr } = await aws.run(
    `aws elb create-load-balancer-listeners --load-balancer-name my-loadbalancer --listeners Protocol=HTTPS,LoadBalancerPort=443,InstanceProtocol=HTTP,InstancePort=80,SSLCertificateId=${arn}`,
  )
  expect(exitCode).toBeGreaterThan(0)
  expect(stderr).toContain('An error occurred (CertificateNotFound) when calling the')
  expect(stderr).toContain(arn)
})

test('describes the quotas (page 120)', async ({ aws }) => {
  expect(await aws.json('aws elb describe-account-limits')).toEqual({
    Limits: [
      { Name: 'classic-load-balancers', Max: '20' },
      { Name: 'classic-listeners', Max: '100' },
      { Name: 'classic-registered-instances', Max: '1000' },
    ],
  })
})
