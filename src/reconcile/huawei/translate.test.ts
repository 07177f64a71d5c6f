/** Huawei Cloud's resources, made by its API, as the neutral model. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../../test/support/certificate-authority.ts'
import type { Answer } from '../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../test/support/huawei-api.ts'
import { snapshotOf } from '../../../test/support/huawei-engine.ts'
import type { HttpListener, Listener } from '../../snapshot/snapshot.ts'
import { translate } from '../translate.ts'
import { readWorld } from '../world.ts'

let api: HuaweiApi
let project: TestProject
let balancer: Answer

beforeAll(async () => {
  api = await HuaweiApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())
beforeEach(async () => {
  project = api.project()
  balancer = await project.balancer(await api.subnet())
})

/** What of it is the project's. */
const snapshot = () => snapshotOf(api, project.id)

async function listeners(): Promise<readonly Listener[]> {
  return (await snapshot()).nodes[0]?.listeners ?? []
}

it('a load balancer has one node, with its address and its EIP', async () => {
  const publicip = { network_type: '5_bgp', bandwidth: {} }
  const other = await project.balancer(await api.subnet(), { publicip })
  const { nodes } = await snapshot()
  expect(nodes.map(({ addresses }) => addresses)).toEqual(
    expect.arrayContaining([
      [balancer.vip_address],
      [other.vip_address, other.eips[0].eip_address],
    ]),
  )
})

describe('times, at their bounds', () => {
  it.each([
    [{ keepalive_timeout: 0, client_timeout: 1, member_timeout: 1 }, [0, 1000, 1000]],
    [
      { keepalive_timeout: 4000, client_timeout: 300, member_timeout: 300 },
      [4_000_000, 300_000, 300_000],
    ],
  ])('%j', async (fields, [keepAlive, request, response]) => {
    await project.listener(balancer, fields)
    const [listener] = await listeners()
    expect((listener as HttpListener).timeouts).toEqual({ keepAlive, request, response })
  })

  it.each([10, 4000])('TCP: %d s', async (keepalive_timeout) => {
    await project.listener(balancer, { protocol: 'TCP', keepalive_timeout })
    expect(await listeners()).toMatchObject([{ idleTimeout: keepalive_timeout * 1000 }])
  })
})

it('retries and header fields are as the listener has them', async () => {
  const { id } = await project.listener(balancer, { insert_headers: { 'X-Real-IP': true } })
  expect(await listeners()).toMatchObject([
    {
      retries: 'silent',
      forwarding: {
        set: [
          { name: 'X-Forwarded-For', value: { kind: 'fact', fact: 'client-addresses' } },
          { name: 'X-Forwarded-Host', value: { kind: 'fact', fact: 'host' } },
          { name: 'X-Real-IP', value: { kind: 'fact', fact: 'client-address' } },
        ],
        remove: [],
      },
    },
  ])
  const change = { enable_member_retry: false, insert_headers: { 'X-Forwarded-Host': false } }
  await project.put(`listeners/${id}`, { listener: change })
  expect(await listeners()).toMatchObject([
    { retries: 'none', forwarding: { set: [{ name: 'X-Forwarded-For' }] } },
  ])
})

it('without an EIP nobody can pretend one', async () => {
  await project.listener(balancer, { insert_headers: { 'X-Forwarded-ELB-IP': true } })
  expect(await listeners()).toMatchObject([{ forwarding: { remove: ['X-Forwarded-ELB-IP'] } }])
})

it('a pool that two listeners use is one, and its members are checked once', async () => {
  const pool = await project.pool({
    lb_algorithm: 'LEAST_CONNECTIONS',
    session_persistence: { type: 'HTTP_COOKIE', persistence_timeout: 20 },
  })
  const member = { address: '127.0.0.1', protocol_port: 8080, weight: 7 }
  await project.create(`pools/${pool.id}/members`, 'member', member)
  await project.create(`pools/${pool.id}/members`, 'member', {
    address: '127.0.0.2',
    protocol_port: 8080,
    admin_state_up: false,
  })
  await project.create('healthmonitors', 'healthmonitor', {
    pool_id: pool.id,
    type: 'HTTPS',
    delay: 50,
    timeout: 50,
    max_retries: 10,
    max_retries_down: 1,
    expected_codes: '200,301-399',
    monitor_port: 9,
  })
  await project.listener(balancer, { default_pool_id: pool.id })
  await project.listener(balancer, { default_pool_id: pool.id, protocol_port: 81 })
  const { pools, checks, nodes } = await snapshot()
  const [check] = checks
  expect(checks).toMatchObject([
    {
      host: '127.0.0.1',
      port: 9,
      probe: {
        protocol: 'http',
        path: '/',
        method: 'GET',
        expected: [
          [200, 200],
          [301, 399],
        ],
        tls: { publicKeys: null },
      },
      interval: 50_000,
      timeout: 50_000,
      healthyThreshold: 10,
      unhealthyThreshold: 1,
    },
  ])
  expect(pools).toMatchObject([
    {
      algorithm: 'least-outstanding',
      targets: [{ host: '127.0.0.1', port: 8080, weight: 7, check: check?.id }],
      draining: [{ host: '127.0.0.2', until: null }],
    },
  ])
  const stickiness = expect.objectContaining({ kind: 'lb-cookie', lifetime: 1_200_000 })
  expect(nodes[0]?.listeners).toMatchObject([
    { pool: pools[0]?.id, stickiness },
    { pool: pools[0]?.id, stickiness },
  ])
})

it('policies without priorities: hosts first, then exact paths, prefixes and patterns, the longest first', async () => {
  const listener = await project.listener(balancer)
  const pool = await project.pool()
  const host = { type: 'HOST_NAME', compare_type: 'EQUAL_TO', value: 'www.example.com' }
  const path = (compare_type: string, value: string) => ({ type: 'PATH', compare_type, value })
  const sent: [string, object[]][] = [
    ['6', [path('REGEX', '^/a')]],
    ['5', [path('STARTS_WITH', '/a')]],
    ['4', [path('STARTS_WITH', '/ab')]],
    ['3', [path('EQUAL_TO', '/')]],
    ['2', [host]],
    ['1', [host, path('STARTS_WITH', '/')]],
    ['no rules', []],
  ]
  const names = new Map<string, string>()
  for (const [name, rules] of sent) {
    const { id } = await project.create('l7policies', 'l7policy', {
      listener_id: listener.id,
      action: 'REDIRECT_TO_POOL',
      redirect_pool_id: pool.id,
      rules,
    })
    names.set(id, name)
  }
  const [first] = await listeners()
  const order = (first as HttpListener).rules?.map(({ id }) => names.get(id))
  expect(order).toEqual(['1', '2', '3', '4', '5', '6'])
})

it('a certificate is found by its declared names, another one when they change', async () => {
  const { certificate, privateKey } = await selfSigned({ names: ['a.example', 'b.example'] })
  const { id } = await project.create('certificates', 'certificate', {
    certificate,
    private_key: privateKey,
    domain: 'a.example',
  })
  await project.listener(balancer, {
    protocol: 'HTTPS',
    default_tls_container_ref: id,
    sni_container_refs: [id],
  })
  const found = async () => (await snapshot()).certificates
  const before = await found()
  expect(before).toMatchObject([{ name: id, names: ['a.example'] }])
  await project.put(`certificates/${id}`, { certificate: { domain: 'B.example, a.example' } })
  const after = await found()
  expect(after).toMatchObject([{ name: id, names: ['b.example', 'a.example'] }])
  expect(after[0]?.id).not.toBe(before[0]?.id)
})

it('a listener whose certificate does not open has no port; the others go on', async () => {
  const { certificate, privateKey } = await selfSigned()
  const { id } = await project.create('certificates', 'certificate', {
    certificate,
    private_key: privateKey,
  })
  await project.listener(balancer)
  await project.listener(balancer, {
    protocol: 'HTTPS',
    protocol_port: 443,
    default_tls_container_ref: id,
  })
  expect((await listeners()).map(({ port }) => port).sort()).toEqual([443, 80])
  const key = `huawei/${project.id}/certificate/${id}`
  const entry = await api.api.store.get(key)
  const record = { ...JSON.parse(entry?.value ?? ''), sealed_key: 'broken' }
  await api.api.store.transact([], [{ key, value: JSON.stringify(record) }])
  const unusable: string[] = []
  const world = await readWorld(api.api.store, api.box, (each) => void unusable.push(each))
  expect(unusable).toEqual([key])
  const cookieKeys = { of: () => '' }
  const { nodes } = translate(
    world,
    { cookieKeys, accountId: '1', region: 'us-west-2' },
    () => undefined,
  )
  const own = nodes.find((node) => node.id.includes(project.id))
  expect(own?.listeners.map(({ port }) => port)).toEqual([80])
})
