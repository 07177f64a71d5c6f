import { RunInstancesCommand } from '@aws-sdk/client-ec2'
import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  ModifyLoadBalancerAttributesCommand,
  paginateDescribeLoadBalancers,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { expect, test } from 'vitest'
import { Weir } from '../support/weir.ts'

const loadBalancers = 20
const instances = 1000

test('20 load balancers with 1,000 instances between them are created, described in pages, changed and deleted', async () => {
  await using weir = await Weir.start()
  const { ec2, elb } = weir
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: instances, MaxCount: instances }),
  )
  expect(Instances).toHaveLength(instances)
  const names = Array.from({ length: loadBalancers }, (_, i) => `lb-${String(i).padStart(2, '0')}`)
  const share = instances / loadBalancers
  await Promise.all(
    names.map(async (LoadBalancerName, i) => {
      await elb.send(
        new CreateLoadBalancerCommand({
          LoadBalancerName,
          Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 8080, InstancePort: 8080 }],
          AvailabilityZones: ['us-west-2a', 'us-west-2b'],
        }),
      )
      await elb.send(
        new RegisterInstancesWithLoadBalancerCommand({
          LoadBalancerName,
          Instances: Instances.slice(i * share, (i + 1) * share).map(({ InstanceId }) => ({
            InstanceId,
          })),
        }),
      )
      await elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerName,
          LoadBalancerAttributes: { ConnectionSettings: { IdleTimeout: 30 } },
        }),
      )
    }),
  )
  await expect(
    elb.send(
      new CreateLoadBalancerCommand({
        LoadBalancerName: 'one-too-many',
        Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 8080, InstancePort: 8080 }],
        AvailabilityZones: ['us-west-2a'],
      }),
    ),
  ).rejects.toMatchObject({ name: 'TooManyAccessPointsException' })

  const { LoadBalancerDescriptions: all = [] } = await elb.send(
    new DescribeLoadBalancersCommand({}),
  )
  expect(all).toHaveLength(loadBalancers)
  expect(all.flatMap((one) => one.Instances ?? [])).toHaveLength(instances)
  const pages: number[] = []
  const seen: unknown[] = []
  for await (const page of paginateDescribeLoadBalancers({ client: elb }, { PageSize: 6 })) {
    pages.push(page.LoadBalancerDescriptions?.length ?? 0)
    seen.push(...(page.LoadBalancerDescriptions ?? []).map((one) => one.LoadBalancerName))
  }
  expect(pages).toEqual([6, 6, 6, 2])
  expect(seen.sort()).toEqual(names)

  await Promise.all(
    names.map((LoadBalancerName) => elb.send(new DeleteLoadBalancerCommand({ LoadBalancerName }))),
  )
  const { LoadBalancerDescriptions: left } = await elb.send(new DescribeLoadBalancersCommand({}))
  expect(left).toEqual([])
}, 120_000)
