/** Ansible's collection amazon.aws, as Debian ships it, against a whole Weir. Its playbooks are in `ansible/`. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2'
import {
  DescribeInstanceHealthCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancerPoliciesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { expect } from 'vitest'
import { testWith } from '../support/needs.ts'
import { Weir } from '../support/weir.ts'

const run = promisify(execFile)
const test = testWith('ansible-playbook', 'ansible, with python3-boto3')

/** What Ansible's `json` callback prints, as far as it is read here. */
interface PlaybookResult {
  readonly plays: readonly {
    readonly tasks: readonly {
      readonly task: { readonly name: string }
      readonly hosts: { readonly localhost: { readonly changed?: boolean } }
    }[]
  }[]
}

/** Runs a playbook of `ansible/`; resolves with the names of the tasks that changed something. */
async function play(weir: Weir, playbook: string, address: string): Promise<string[]> {
  const path = new URL(`ansible/${playbook}`, import.meta.url).pathname
  const args = ['-e', `address=${address}`, path]
  const env = {
    ...process.env,
    ...weir.awsEnvironment,
    AWS_URL: weir.api,
    ANSIBLE_STDOUT_CALLBACK: 'json',
  }
  const { stdout } = await run('ansible-playbook', args, { env })
  const { plays } = JSON.parse(stdout) as PlaybookResult
  const tasks = plays.flatMap((each) => each.tasks)
  return tasks.filter(({ hosts }) => hosts.localhost.changed).map(({ task }) => task.name)
}

/** An address of the default subnet of the first zone, where something answers at port 8080. */
async function serve(weir: Weir) {
  const Filters = [{ Name: 'availability-zone', Values: [`${weir.region}a`] }]
  const { Subnets } = await weir.ec2.send(new DescribeSubnetsCommand({ Filters }))
  const address = Subnets?.[0]?.CidrBlock?.replace(/0\/\d+$/, '77') ?? ''
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => server.listen(8080, address, resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { address, [Symbol.dispose]: close }
}

async function look({ elb }: Weir, LoadBalancerName: string) {
  const own = { LoadBalancerName }
  const names = { LoadBalancerNames: [LoadBalancerName] }
  const [descriptions, attributes, policies, health, tags] = await Promise.all([
    elb.send(new DescribeLoadBalancersCommand(names)),
    elb.send(new DescribeLoadBalancerAttributesCommand(own)),
    elb.send(new DescribeLoadBalancerPoliciesCommand(own)),
    elb.send(new DescribeInstanceHealthCommand(own)),
    elb.send(new DescribeTagsCommand(names)),
  ])
  return {
    ...descriptions.LoadBalancerDescriptions?.[0],
    ...attributes.LoadBalancerAttributes,
    PolicyDescriptions: policies.PolicyDescriptions,
    InstanceStates: health.InstanceStates,
    Tags: tags.TagDescriptions?.[0]?.Tags,
  }
}

/** What `present.yml` asks for, as the API describes it. */
const http = {
  AvailabilityZones: ['us-west-2a', 'us-west-2b'],
  ListenerDescriptions: [
    {
      Listener: { Protocol: 'HTTP', LoadBalancerPort: 8080, InstancePort: 8080 },
      PolicyNames: ['ec2-elb-lb-LBCookieStickinessPolicyType'],
    },
  ],
  HealthCheck: {
    Target: 'HTTP:8080/health',
    Interval: 5,
    Timeout: 2,
    UnhealthyThreshold: 3,
    HealthyThreshold: 2,
  },
  Policies: { LBCookieStickinessPolicies: [{ CookieExpirationPeriod: 300 }] },
  CrossZoneLoadBalancing: { Enabled: true },
  ConnectionSettings: { IdleTimeout: 120 },
  ConnectionDraining: { Enabled: true, Timeout: 45 },
  InstanceStates: [{ State: 'InService' }],
  Tags: [
    { Key: 'Name', Value: 'ansible-http' },
    { Key: 'stage', Value: 'test' },
  ],
}
const tcp = {
  Scheme: 'internal',
  ListenerDescriptions: [{ Listener: { Protocol: 'TCP', LoadBalancerPort: 2525 } }],
  BackendServerDescriptions: [{ InstancePort: 2525, PolicyNames: ['ProxyProtocol-policy'] }],
}

test('Ansible makes load balancers that serve, and deletes them; a second run of either changes nothing', async () => {
  await using weir = await Weir.start()
  using instance = await serve(weir)
  const tasks = [
    'Security group of the instance',
    'Instance',
    'HTTP load balancer',
    'TCP load balancer',
  ]
  const lookAtBoth = () => Promise.all([look(weir, 'ansible-http'), look(weir, 'ansible-tcp')])

  expect(await play(weir, 'present.yml', instance.address)).toEqual(tasks)
  const made = await lookAtBoth()
  expect(made).toMatchObject([http, tcp])
  const [node] = await weir.resolve(made[0].DNSName ?? '')
  expect(await (await fetch(`http://${node}:8080/`)).text()).toBe('hello')
  expect(await play(weir, 'present.yml', instance.address)).toEqual([])
  expect(await lookAtBoth()).toEqual(made)

  expect(await play(weir, 'absent.yml', instance.address)).toEqual(tasks.toReversed())
  await expect(look(weir, 'ansible-http')).rejects.toThrow('There is no ACTIVE Load Balancer')
  expect(await play(weir, 'absent.yml', instance.address)).toEqual([])
}, 150_000)
