/** "Configure your Classic Load Balancer" and access logs, as settings: pages 69–74, 82–86 and 104–106 of the guide. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createLoadBalancer, guideTests } from './guide.ts'

const test = guideTests()

test('sets the idle timeout (page 70)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  expect(
    await aws.json(
      String.raw`aws elb modify-load-balancer-attributes --load-balancer-name my-loadbalancer --load-balancer-attributes "{\"ConnectionSettings\":{\"IdleTimeout\":30}}"`,
    ),
  ).toEqual({
    LoadBalancerAttributes: { ConnectionSettings: { IdleTimeout: 30 } },
    LoadBalancerName: 'my-loadbalancer',
  })
})

test('enables and disables cross-zone load balancing (pages 71–73)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  for (const enabled of [true, false]) {
    expect(
      await aws.json(
        String.raw`aws elb modify-load-balancer-attributes --load-balancer-name my-loadbalancer --load-balancer-attributes "{\"CrossZoneLoadBalancing\":{\"Enabled\":${enabled}}}"`,
      ),
    ).toEqual({
      LoadBalancerAttributes: { CrossZoneLoadBalancing: { Enabled: enabled } },
      LoadBalancerName: 'my-loadbalancer',
    })
    expect(
      await aws.json(
        'aws elb describe-load-balancer-attributes --load-balancer-name my-loadbalancer',
      ),
    ).toMatchObject({
      LoadBalancerAttributes: {
        ConnectionDraining: { Enabled: false, Timeout: 300 },
        CrossZoneLoadBalancing: { Enabled: enabled },
        ConnectionSettings: { IdleTimeout: 60 },
        AccessLog: { Enabled: false },
      },
    })
  }
})

test('enables and disables connection draining (page 74)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  expect(
    await aws.json(
      String.raw`aws elb modify-load-balancer-attributes --load-balancer-name my-loadbalancer --load-balancer-attributes "{\"ConnectionDraining\":{\"Enabled\":true,\"Timeout\":300}}"`,
    ),
  ).toEqual({
    LoadBalancerAttributes: { ConnectionDraining: { Enabled: true, Timeout: 300 } },
    LoadBalancerName: 'my-loadbalancer',
  })
  expect(
    await aws.json(
      String.raw`aws elb modify-load-balancer-attributes --load-balancer-name my-loadbalancer --load-balancer-attributes "{\"ConnectionDraining\":{\"Enabled\":false}}"`,
    ),
  ).toEqual({
    LoadBalancerAttributes: { ConnectionDraining: { Enabled: false, Timeout: 300 } },
    LoadBalancerName: 'my-loadbalancer',
  })
})

test('sets the desync mitigation mode (page 84)', async ({ aws, weir, folder }) => {
  await createLoadBalancer(weir)
  const strictest = [{ Key: 'elb.http.desyncmitigationmode', Value: 'strictest' }]
  await writeFile(
    join(folder, 'attribute.json'),
    JSON.stringify({ AdditionalAttributes: strictest }),
  )
  await aws.json(
    'aws elb modify-load-balancer-attributes --load-balancer-name my-loadbalancer --load-balancer-attributes file://attribute.json',
  )
  expect(
    await aws.json(
      'aws elb describe-load-balancer-attributes --load-balancer-name my-loadbalancer',
    ),
  ).toMatchObject({ LoadBalancerAttributes: { AdditionalAttributes: strictest } })
})

test('adds and removes a tag (pages 85–86)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  expect(
    await aws.json(
      'aws elb add-tags --load-balancer-name my-loadbalancer --tag "Key=project, Value=lima"',
    ),
  ).toBeNull()
  expect(await tags()).toEqual([{ Key: 'project', Value: 'lima' }])
  expect(
    await aws.json('aws elb remove-tags --load-balancer-name my-loadbalancer --tag project'),
  ).toBeNull()
  expect(await tags()).toEqual([])

  function tags(): Promise<unknown> {
    return aws.json(
      'aws elb describe-tags --load-balancer-names my-loadbalancer --query "TagDescriptions[0].Tags"',
    )
  }
})
