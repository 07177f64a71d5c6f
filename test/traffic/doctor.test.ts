/** `weir doctor` tells why instances get no traffic, from what the running system sees. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Examination } from '../../src/doctor/examine.ts'
import { eventually } from '../support/eventually.ts'
import { httpListener, Instance, instancePort } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-doctor-'))
const data = join(folder, 'data')
let weir: Weir
const instances: Instance[] = []

beforeAll(async () => {
  weir = await Weir.start({ dev: false, args: ['--auth', 'none', '--data', data] })
})

afterAll(async () => {
  for (const instance of instances) await instance.stop()
  await weir[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number
  readonly output: string
  readonly errors: string
}

async function doctor(...args: string[]): Promise<Ran> {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, 'doctor', '--data', data, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [[code], output, errors] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ])
  return { code, output, errors }
}

async function findings(loadBalancer: string): Promise<Examination['findings']> {
  const { output } = await doctor(loadBalancer, '--json')
  return (JSON.parse(output) as Examination[])[0]?.findings ?? []
}

/** A load balancer over instances that answer its health check so, in zones of which only the first is enabled. */
async function site(name: string, listeners: Record<string, RequestListener | null>) {
  const declared: Record<string, Instance> = {}
  for (const [key, listener] of Object.entries(listeners)) {
    const instance = await Instance.declare(weir, 'us-west-2a', listener ?? undefined)
    instances.push(instance)
    if (listener === null) await instance.stop()
    declared[key] = instance
  }
  await weir.elb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName: name,
      Listeners: [httpListener],
      AvailabilityZones: ['us-west-2a'],
    }),
  )
  const HealthCheck = {
    Target: `HTTP:${instancePort}/ping`,
    Interval: 5,
    Timeout: 2,
    UnhealthyThreshold: 2,
    HealthyThreshold: 2,
  }
  await weir.elb.send(new ConfigureHealthCheckCommand({ LoadBalancerName: name, HealthCheck }))
  const Instances = Object.values(declared).map(({ id }) => ({ InstanceId: id }))
  if (Instances.length > 0) {
    await weir.elb.send(
      new RegisterInstancesWithLoadBalancerCommand({ LoadBalancerName: name, Instances }),
    )
  }
  return declared
}

test('each way to fail a health check is told with the target, the answer, and what helps', async () => {
  const declared = await site('failing', {
    missing: (_, response) => response.writeHead(404, { 'content-length': 0 }).end(),
    closed: null,
    silent: () => undefined,
    endless: ({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil I close'),
    good: (_, response) => response.writeHead(200, { 'content-length': 0 }).end(),
  })
  const byInstance = await eventually('a check of every instance', async () => {
    const found = await findings('failing')
    const told = Object.entries(declared).map(([key, { id }]) => {
      const finding = found.find(({ subject }) => subject === `instance ${id}`)
      return [key, finding] as const
    })
    return told.every(([, finding]) => finding?.fact.includes('since 2')) && told
  })
  const { missing, closed, silent, endless, good } = Object.fromEntries(byInstance)
  const address = declared.missing?.address
  expect(missing).toMatchObject({ severity: 'problem', page: 116 })
  expect(missing?.fact).toContain(`HTTP:8080/ping at ${address} since`)
  expect(missing?.fact).toMatch(/answered 404$/)
  expect(missing?.advice).toContain(`curl -i 'http://${address}:8080/ping'`)
  expect(closed).toMatchObject({ severity: 'problem', page: 118 })
  expect(closed?.fact).toMatch(/connection refused$/)
  expect(silent).toMatchObject({ severity: 'problem', page: 116 })
  expect(silent?.fact).toMatch(/no answer within 2 s$/)
  expect(endless).toMatchObject({ severity: 'problem', page: 116 })
  expect(endless?.advice).toContain('Content-Length')
  expect(good).toMatchObject({ severity: 'fine' })
}, 90_000)

test('a load balancer that serves has no problem, and the exit code says so', async () => {
  await site('serving', { good: (_, response) => response.writeHead(200).end() })
  const ran = await eventually('the instance to be in service', async () => {
    const one = await doctor('serving')
    return one.code === 0 && one
  })
  expect(ran.output).toMatch(
    /^serving \(us-west-2, serving-\d+\.us-west-2\.elb\.\S+\): no problems$/m,
  )
  expect(ran.output).toContain('fine     zone us-west-2a: 1 healthy instance')
}, 90_000)

test('a load balancer without instances is a problem, and the exit code says so', async () => {
  await site('empty', {})
  const { code, output } = await doctor('empty')
  expect(code).toBe(1)
  expect(output).toContain('PROBLEM  instances: none is registered')
})

test('a name that nothing has is refused', async () => {
  const { code, errors } = await doctor('nobody')
  expect([code, errors]).toEqual([
    1,
    "weir: there is no load balancer named 'nobody' in any region\n",
  ])
})

test('without a running system, the folder that was looked in is told', async () => {
  const elsewhere = join(folder, 'elsewhere')
  const { code, errors } = await doctor('--data', elsewhere)
  expect(code).toBe(1)
  expect(errors).toContain(`no control process answers at ${elsewhere}/doctor.sock`)
})
