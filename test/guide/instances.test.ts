/** "Registered instances for your Classic Load Balancer": pages 15–18, 29–32 and 57–59 of the guide. */
import { ConfigureHealthCheckCommand } from '@aws-sdk/client-elastic-load-balancing'
import { expect } from 'vitest'
import {
  createLoadBalancer as createServingLoadBalancer,
  Instance,
  inService,
  instancePort,
} from '../support/system.ts'
import type { Weir } from '../support/weir.ts'
import { createLoadBalancer, declareInstances, guideTests } from './guide.ts'

const test = guideTests()

test('configures the health check (pages 17, 58)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  expect(
    await aws.json(
      'aws elb configure-health-check --load-balancer-name my-loadbalancer --health-check Target=HTTP:80/ping,Interval=30,UnhealthyThreshold=2,HealthyThreshold=2,Timeout=3',
    ),
  ).toEqual({
    HealthCheck: {
      HealthyThreshold: 2,
      Interval: 30,
      Target: 'HTTP:80/ping',
      Timeout: 3,
      UnhealthyThreshold: 2,
    },
  })
})

test('describes the health of instances (pages 18, 58–59)', async ({ aws, weir }) => {
  await using serving = await Instance.declare(weir, 'us-west-2a')
  await createServingLoadBalancer(weir, 'my-loadbalancer', [serving])
  await configureFewChecks(weir)
  await inService(weir, 'my-loadbalancer', [serving])
  const [silent] = await declareInstances(weir, 1)
  await aws.json(
    `aws elb register-instances-with-load-balancer --load-balancer-name my-loadbalancer --instances ${silent}`,
  )

  const states = {
    InstanceStates: [
      { InstanceId: serving.id, ReasonCode: 'N/A', State: 'InService', Description: 'N/A' },
      {
        InstanceId: silent,
        ReasonCode: expect.any(String),
        State: 'OutOfService',
        Description: expect.stringMatching(/^Instance registration is still in progress/),
      },
    ],
  }
  expect(
    await aws.json(
      `aws elb describe-instance-health --load-balancer-name my-loadbalancer --instances ${serving.id} ${silent}`,
    ),
  ).toEqual(states)
  expect(
    await aws.json('aws elb describe-instance-health --load-balancer-name my-loadbalancer'),
  ).toEqual(states)
})

test('registers instances, finds them and deregisters them (pages 30–32)', async ({
  aws,
  weir,
}) => {
  await createLoadBalancer(weir)
  const [first, second] = await declareInstances(weir, 2)
  await aws.json(
    `aws elb register-instances-with-load-balancer --load-balancer-name my-loadbalancer --instances ${first}`,
  )
  expect(
    await aws.json(
      `aws elb register-instances-with-load-balancer --load-balancer-name my-loadbalancer --instances ${second}`,
    ),
  ).toEqual({ Instances: [{ InstanceId: first }, { InstanceId: second }] })

  const ids = await aws.text(
    'aws elb describe-load-balancers --load-balancer-names my-loadbalancer --output text --query "LoadBalancerDescriptions[*].Instances[*].InstanceId"',
  )
  expect(ids.split(/\s+/).filter(Boolean)).toEqual([first, second])

  // In a shell of Linux the backticks of the guide's query need single quotes around it.
  expect(
    await aws.text(
      `aws elb describe-load-balancers --output text --query 'LoadBalancerDescriptions[?Instances[?InstanceId==\`${first}\`]].[LoadBalancerName]'`,
    ),
  ).toBe('my-loadbalancer\n')

  expect(
    await aws.json(
      `aws elb deregister-instances-from-load-balancer --load-balancer-name my-loadbalancer --instances ${second}`,
    ),
  ).toEqual({ Instances: [{ InstanceId: first }] })
})

/** So that the instance without a server is not yet given up when the CLI asks. */
async function configureFewChecks(weir: Weir): Promise<void> {
  await weir.elb.send(
    new ConfigureHealthCheckCommand({
      LoadBalancerName: 'my-loadbalancer',
      HealthCheck: {
        Target: `TCP:${instancePort}`,
        Interval: 60,
        Timeout: 2,
        UnhealthyThreshold: 10,
        HealthyThreshold: 2,
      },
    }),
  )
}
