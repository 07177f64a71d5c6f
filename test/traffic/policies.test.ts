import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateAppCookieStickinessPolicyCommand,
  CreateLBCookieStickinessPolicyCommand,
  CreateLoadBalancerPolicyCommand,
  SetLoadBalancerPoliciesForBackendServerCommand,
  SetLoadBalancerPoliciesOfListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { Peer } from '../support/peer.ts'
import { RawInstance } from '../support/raw-instance.ts'
import {
  createLoadBalancer,
  httpListener,
  Instance,
  inService,
  nodeAddresses,
} from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'sticky'

let folder: string
let weir: Weir
let instances: Instance[]

/** Data that stays, so that Weir can be started anew with it. */
function start(): Promise<Weir> {
  return Weir.start({ dev: false, args: ['--data', join(folder, 'data'), '--auth', 'none'] })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-policies-'))
  weir = await start()
  instances = []
  for (const zone of ['us-west-2a', 'us-west-2b']) {
    const instance = await Instance.declare(weir, zone, (_, response) => {
      response.setHeader('set-cookie', 'SID=1; Path=/').end(instance.id)
    })
    instances.push(instance)
  }
  await createLoadBalancer(weir, LoadBalancerName, instances, [
    httpListener,
    { Protocol: 'TCP', LoadBalancerPort: 9001, InstancePort: 9000 },
  ])
})

afterAll(async () => {
  for (const instance of instances) await instance.stop()
  await weir[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

interface Answer {
  readonly by: string
  readonly binding: string | undefined
}

/** Asks a node on a connection of its own. */
async function ask(node: string | undefined, cookie?: string): Promise<Answer> {
  const headers = { connection: 'close', ...(cookie === undefined ? {} : { cookie }) }
  const response = await fetch(`http://${node}:8080/`, { headers })
  const set = response.headers.getSetCookie()
  return { by: await response.text(), binding: set.find((one) => one.startsWith('AWSELB=')) }
}

/** Enables the policies on the listener, and waits for a first binding by them. */
async function enable(PolicyNames: string[]): Promise<Answer> {
  await weir.elb.send(
    new SetLoadBalancerPoliciesOfListenerCommand({
      LoadBalancerName,
      LoadBalancerPort: 8080,
      PolicyNames,
    }),
  )
  const [node] = await nodeAddresses(weir, LoadBalancerName)
  return eventually('a binding', async () => {
    const answer = await ask(node)
    return answer.binding !== undefined && answer
  })
}

async function answersTo(cookie: string): Promise<Set<string>> {
  const nodes = await nodeAddresses(weir, LoadBalancerName)
  expect(nodes).toHaveLength(2)
  const by = new Set<string>()
  for (let i = 0; i < 20; i += 1) by.add((await ask(nodes[i % 2], cookie)).by)
  return by
}

test('a cookie of the load balancer binds at every node and thread, and after Weir was started anew', async () => {
  const PolicyName = 'an-hour'
  await weir.elb.send(
    new CreateLBCookieStickinessPolicyCommand({
      LoadBalancerName,
      PolicyName,
      CookieExpirationPeriod: 3600,
    }),
  )
  const { by, binding = '' } = await enable([PolicyName])
  expect(binding).toMatch(/^AWSELB=[0-9A-F]{40};PATH=\/;MAX-AGE=3600$/)
  const [cookie = ''] = binding.split(';')
  expect(await answersTo(cookie)).toEqual(new Set([by]))
  await weir[Symbol.asyncDispose]()
  weir = await start()
  await inService(weir, LoadBalancerName, instances)
  for (const node of await nodeAddresses(weir, LoadBalancerName)) {
    await eventually('the node to answer again', () => ask(node))
  }
  expect(await answersTo(cookie)).toEqual(new Set([by]))
})

test('a cookie beside the application’s binds while the client sends both', async () => {
  const PolicyName = 'app'
  await weir.elb.send(
    new CreateAppCookieStickinessPolicyCommand({ LoadBalancerName, PolicyName, CookieName: 'SID' }),
  )
  await weir.elb.send(
    new SetLoadBalancerPoliciesOfListenerCommand({
      LoadBalancerName,
      LoadBalancerPort: 8080,
      PolicyNames: [],
    }),
  )
  const { by, binding = '' } = await eventually('the policy', async () => {
    const answer = await enable([PolicyName])
    return answer.binding?.endsWith(';Path=/') === true && answer
  })
  const [cookie = ''] = binding.split(';')
  expect(await answersTo(`SID=1; ${cookie}`)).toEqual(new Set([by]))
  expect((await answersTo(cookie)).size).toBe(2)
})

test('proxy protocol on an instance port tells instances who connected', async () => {
  const [instance] = instances
  const received: string[] = []
  const serve = (socket: Socket) =>
    socket.once('data', (bytes) => {
      received.push(bytes.toString())
      socket.destroy()
    })
  await using _raw = await RawInstance.listen(serve, { host: instance?.address ?? '', port: 9000 })
  const PolicyName = 'proxy-protocol'
  await weir.elb.send(
    new CreateLoadBalancerPolicyCommand({
      LoadBalancerName,
      PolicyName,
      PolicyTypeName: 'ProxyProtocolPolicyType',
      PolicyAttributes: [{ AttributeName: 'ProxyProtocol', AttributeValue: 'true' }],
    }),
  )
  await weir.elb.send(
    new SetLoadBalancerPoliciesForBackendServerCommand({
      LoadBalancerName,
      InstancePort: 9000,
      PolicyNames: [PolicyName],
    }),
  )
  const nodes = await nodeAddresses(weir, LoadBalancerName)
  // Without cross-zone balancing, the node of the instance's own zone.
  const node = nodes.find((address) => zoneOf(address) === zoneOf(instance?.address)) ?? ''
  await eventually('the line', async () => {
    await using client = await Peer.connect(node, 9001)
    client.send('question')
    await client.untilEnded()
    return received
      .at(-1)
      ?.startsWith(`PROXY TCP4 127.0.0.1 ${node} ${client.socket.localPort} 9001\r\n`)
  })
})

/** Zones have a /20 each. */
function zoneOf(address = ''): number {
  return Math.floor(Number(address.split('.')[2]) / 16)
}
