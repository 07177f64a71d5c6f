import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { childProcess } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { KeepAliveClient } from '../support/keep-alive-client.ts'
import { createLoadBalancer, Instance, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

let weir: Weir
let instance: Instance
let node: string

beforeAll(async () => {
  weir = await Weir.start()
  instance = await Instance.declare(weir, 'us-west-2a')
  await createLoadBalancer(weir, 'steady', [instance])
  node = (await nodeAddresses(weir, 'steady'))[0] ?? ''
})

afterAll(async () => {
  await instance[Symbol.asyncDispose]()
  await weir[Symbol.asyncDispose]()
})

function pidOf(role: 'control' | 'proxy'): number {
  const pid = childProcess(weir.process.pid ?? 0, role)
  if (pid === undefined) throw new Error(`there is no ${role} process`)
  return pid
}

test('killing control closes no connection and fails no request, and the API comes back with its data', async () => {
  await using client = new KeepAliveClient(node, 8080)
  await client.next()
  const before = pidOf('control')
  process.kill(before, 'SIGKILL')
  await eventually(
    'another control process',
    () =>
      childProcess(weir.process.pid ?? 0, 'control') !== undefined && pidOf('control') !== before,
  )
  const requests = client.requests
  const { LoadBalancerDescriptions } = await eventually('the API', () =>
    weir.elb.send(new DescribeLoadBalancersCommand({})),
  )
  expect(LoadBalancerDescriptions?.map((one) => one.LoadBalancerName)).toEqual(['steady'])
  await client.next()
  expect(client.requests).toBeGreaterThan(requests)
  expect(client.failures).toEqual([])
})

test('a killed proxy is started again and serves from its last snapshot, though control is gone', async () => {
  const control = pidOf('control')
  // Stopped, control can neither answer nor hand out a snapshot.
  process.kill(control, 'SIGSTOP')
  try {
    const before = pidOf('proxy')
    process.kill(before, 'SIGKILL')
    const body = await eventually('an answer from the new proxy', async () => {
      const response = await fetch(`http://${node}:8080/`)
      return response.ok ? response.text() : undefined
    })
    expect(body).toBe(instance.id)
    expect(pidOf('proxy')).not.toBe(before)
  } finally {
    process.kill(control, 'SIGCONT')
  }
})
