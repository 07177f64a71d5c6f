import {
  DeregisterInstancesFromLoadBalancerCommand,
  DescribeInstanceHealthCommand,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { childProcess } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { Peer } from '../support/peer.ts'
import {
  createLoadBalancer,
  httpListener,
  Instance,
  inService,
  instancePort,
  nodeAddresses,
} from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const tcpListener = { Protocol: 'TCP', LoadBalancerPort: 9000, InstancePort: instancePort }
const slow = 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n'

let weir: Weir
let leaving: Instance
let staying: Instance
/** Requests for /slow that an instance has, each answered when it is called. */
let slowAnswers: (() => void)[] = []

beforeAll(async () => {
  weir = await Weir.start()
  leaving = await Instance.declare(weir, 'us-west-2a', (request, response) => {
    const answer = () => response.setHeader('content-length', 4).end('slow')
    if (request.url === '/slow') slowAnswers.push(answer)
    else answer()
  })
  staying = await Instance.declare(weir, 'us-west-2a')
})

afterAll(async () => {
  await leaving.stop()
  await staying.stop()
  await weir[Symbol.asyncDispose]()
})

async function withDraining(name: string, timeout: number | null): Promise<string> {
  slowAnswers = []
  await createLoadBalancer(weir, name, [leaving], [httpListener, tcpListener])
  const Enabled = timeout !== null
  const ConnectionDraining = { Enabled, Timeout: timeout ?? 300 }
  await weir.elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName: name,
      LoadBalancerAttributes: { ConnectionDraining },
    }),
  )
  await inService(weir, name, [leaving])
  return (await nodeAddresses(weir, name))[0] ?? ''
}

/** Clients with a slow request in flight: one of the HTTP listener, one of the TCP listener. */
async function inFlight(node: string): Promise<[Peer, Peer]> {
  const http = await Peer.connect(node, 8080)
  const tcp = await Peer.connect(node, 9000)
  http.send(slow)
  tcp.send(slow)
  await eventually('both requests are with the instance', () => slowAnswers.length === 2)
  return [http, tcp]
}

async function deregister(LoadBalancerName: string): Promise<void> {
  const Instances = [{ InstanceId: leaving.id }]
  await weir.elb.send(
    new DeregisterInstancesFromLoadBalancerCommand({ LoadBalancerName, Instances }),
  )
}

async function stateOf(LoadBalancerName: string): Promise<string> {
  const Instances = [{ InstanceId: leaving.id }]
  const { InstanceStates = [] } = await weir.elb.send(
    new DescribeInstanceHealthCommand({ LoadBalancerName, Instances }),
  )
  return `${InstanceStates[0]?.State}: ${InstanceStates[0]?.Description}`
}

const inProgress = 'InService: Instance deregistration currently in progress.'
const gone = 'OutOfService: Instance is not currently registered with the LoadBalancer.'

test('what is in flight on a draining instance is finished, and new requests do not come to it', async () => {
  const node = await withDraining('draining', 300)
  const [http, tcp] = await inFlight(node)
  await deregister('draining')
  await eventually('new requests are turned away', async () => {
    const { status } = await fetch(`http://${node}:8080/`, { headers: { connection: 'close' } })
    return status === 503
  })
  expect(await stateOf('draining')).toBe(inProgress)
  for (const answer of slowAnswers) answer()
  await http.until(/\r\n\r\nslow$/)
  await tcp.until(/\r\n\r\nslow$/)
  http.take()
  http.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await http.until('HTTP/1.1 503')
  expect(await stateOf('draining')).toBe(inProgress)
  await tcp[Symbol.asyncDispose]()
  await eventually('the end of draining', async () => (await stateOf('draining')) === gone)
  await http[Symbol.asyncDispose]()
})

test('an instance without anything in flight drains for a moment only', async () => {
  await withDraining('idle', 300)
  await deregister('idle')
  await eventually('the end of draining', async () => (await stateOf('idle')) === gone)
})

test('a proxy that starts while an instance drains has nothing in flight with it', async () => {
  const node = await withDraining('restarted', 300)
  const [http, tcp] = await inFlight(node)
  await deregister('restarted')
  expect(await stateOf('restarted')).toBe(inProgress)
  process.kill(childProcess(weir.process.pid ?? 0, 'proxy') ?? 0, 'SIGKILL')
  await eventually('the end of draining', async () => (await stateOf('restarted')) === gone)
  for (const client of [http, tcp]) await client[Symbol.asyncDispose]()
})

test('what is still in flight at the end of the timeout is closed by force', async () => {
  const node = await withDraining('short', 1)
  const [http, tcp] = await inFlight(node)
  await deregister('short')
  await http.until('HTTP/1.1 504')
  await tcp.untilEnded()
  expect(await stateOf('short')).toBe(gone)
  await http[Symbol.asyncDispose]()
  await tcp[Symbol.asyncDispose]()
})

test('without draining, it is closed at once, and another load balancer’s traffic with the instance goes on', async () => {
  const other = await withDraining('other', 300)
  const [http, tcp] = await inFlight(other)
  const otherAnswers = slowAnswers
  const node = await withDraining('undrained', null)
  const [lost, lostTcp] = await inFlight(node)
  await deregister('undrained')
  expect(await stateOf('undrained')).toBe(gone)
  await lost.until('HTTP/1.1 504')
  await lostTcp.untilEnded()
  for (const answer of otherAnswers) answer()
  await http.until(/\r\n\r\nslow$/)
  await tcp.until(/\r\n\r\nslow$/)
  for (const client of [http, tcp, lost, lostTcp]) await client[Symbol.asyncDispose]()
})
