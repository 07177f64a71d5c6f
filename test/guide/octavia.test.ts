/** OpenStack Load Balancing, as the `openstack loadbalancer` commands of Debian use it. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { z } from 'zod'
import { healthMonitorAnswer } from '../../src/huawei/elb/health-monitors/view.ts'
import { l7PolicyAnswer } from '../../src/huawei/elb/l7-policies/view.ts'
import { l7RuleAnswer } from '../../src/huawei/elb/l7-rules/view.ts'
import { listenerAnswer } from '../../src/huawei/elb/listeners/view.ts'
import { loadBalancerAnswer } from '../../src/huawei/elb/load-balancers/view.ts'
import { memberAnswer } from '../../src/huawei/elb/members/view.ts'
import { poolAnswer } from '../../src/huawei/elb/pools/view.ts'
import { CertificateAuthority } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import { HuaweiClient } from '../support/huawei.ts'
import { OctaviaSite } from '../support/octavia-site.ts'
import { type OpenStackCli, testWithOpenStack } from '../support/openstack-cli.ts'
import { ask } from '../support/web-client.ts'

let site: OctaviaSite
let openstack: OpenStackCli
let subnetId: string

beforeAll(async () => {
  site = await OctaviaSite.start()
  openstack = site.openstack
})
beforeEach(async () => {
  await site.reset()
  subnetId = site.subnetId
})
afterAll(() => site[Symbol.asyncDispose]())

testWithOpenStack('what the commands make carries traffic', async () => {
  const [first, second] = [await site.startMember('first'), await site.startMember('second')]
  const [balancer, listener, pool, member, , monitor] = await openstack.run(
    `loadbalancer create --name web --vip-subnet-id ${subnetId} -f json`,
    'loadbalancer listener create --name http --protocol HTTP --protocol-port 8080 --insert-headers X-Forwarded-Port=true web -f json',
    'loadbalancer pool create --name servers --listener http --protocol HTTP --lb-algorithm ROUND_ROBIN -f json',
    `loadbalancer member create --name first --address 127.0.0.1 --protocol-port ${first} servers -f json`,
    `loadbalancer member create --name second --address 127.0.0.1 --protocol-port ${second} servers -f json`,
    'loadbalancer healthmonitor create --name check --type HTTP --delay 1 --timeout 10 --max-retries 1 servers -f json',
  )
  expect(balancer).toMatchObject({
    provisioning_status: 'ACTIVE',
    vip_subnet_id: subnetId,
    availability_zone: null,
  })
  expect(listener).toMatchObject({ loadbalancers: balancer.id, protocol_port: 8080 })
  expect(pool).toMatchObject({ listeners: listener.id, loadbalancers: balancer.id })
  expect(member).toMatchObject({ protocol_port: first, operating_status: 'NO_MONITOR' })
  expect(monitor).toMatchObject({ pools: pool.id, type: 'HTTP' })

  const answer = async () => (await ask('http://web:8080/', balancer.vip_address)).body
  const seen = new Set<string>()
  await eventually('both members answer', async () => {
    seen.add(await answer())
    return seen.has('first behind 8080') && seen.has('second behind 8080')
  })

  await eventually('both members are checked', async () => {
    const path = `pools/${pool.id}/members?operating_status=ONLINE`
    const { body } = await site.ask('GET', path, undefined, balancer.project_id)
    return body.members.length === 2
  })

  const [members, [shown]] = await openstack.run(
    'loadbalancer member set --disable servers first',
    'loadbalancer member list servers -f json',
    'loadbalancer list -f json',
  )
  const statuses = members.map((each: Record<string, string>) => [each.name, each.operating_status])
  expect(Object.fromEntries(statuses)).toEqual({ first: 'OFFLINE', second: 'ONLINE' })
  expect(shown).toMatchObject({ name: 'web', operating_status: 'ONLINE' })
  await eventually('the disabled member gets nothing', async () => {
    const answers = [await answer(), await answer(), await answer()]
    return answers.every((each) => each.startsWith('second'))
  })
})

testWithOpenStack(
  'what is set is shown, by name or id, and what is unset has its default',
  async () => {
    const [, listener, pool, member, monitor, ...shown] = await openstack.run(
      `loadbalancer create --name one --vip-subnet-id ${subnetId} --tag blue -f json`,
      'loadbalancer listener create --name tcp --protocol TCP --protocol-port 8081 one -f json',
      'loadbalancer pool create --name servers --listener tcp --protocol TCP --lb-algorithm SOURCE_IP -f json',
      'loadbalancer member create --name m --address 127.0.0.1 --protocol-port 9 servers -f json',
      'loadbalancer healthmonitor create --name check --type TCP --delay 5 --timeout 2 --max-retries 2 servers -f json',
      'loadbalancer set --name two --description text --tag red one',
      'loadbalancer show two -f json',
      'loadbalancer listener set --name renamed --timeout-client-data 30000 tcp',
      'loadbalancer listener show renamed -f json',
      'loadbalancer listener unset --timeout-client-data renamed',
      'loadbalancer listener list --loadbalancer two -f json',
      'loadbalancer pool set --lb-algorithm LEAST_CONNECTIONS --session-persistence type=SOURCE_IP servers',
      'loadbalancer pool show servers -f json',
      'loadbalancer pool unset --session-persistence servers',
      'loadbalancer pool list --loadbalancer two -f json',
      'loadbalancer member set --weight 0 servers m',
      'loadbalancer member show servers m -f json',
      'loadbalancer healthmonitor set --delay 6 --max-retries-down 4 check',
      'loadbalancer healthmonitor show check -f json',
      'loadbalancer healthmonitor list -f json',
    )
    expect(shown).toMatchObject([
      { name: 'two', description: 'text', tags: expect.stringMatching(/^(blue\nred|red\nblue)$/) },
      { id: listener.id, name: 'renamed', timeout_client_data: 30_000 },
      [{ id: listener.id, protocol: 'TCP', default_pool_id: pool.id }],
      {
        id: pool.id,
        lb_algorithm: 'LEAST_CONNECTIONS',
        session_persistence: expect.stringContaining('type=SOURCE_IP'),
        healthmonitor_id: monitor.id,
        members: member.id,
      },
      [{ id: pool.id }],
      { id: member.id, weight: 0, operating_status: 'DRAINING' },
      { id: monitor.id, delay: 6, max_retries_down: 4, timeout: 2 },
      [{ id: monitor.id, type: 'TCP' }],
    ])
    const [unset, persistence, network] = await openstack.run(
      `loadbalancer listener show ${listener.id} -f json`,
      `loadbalancer pool show ${pool.id} -f json`,
      `subnet show ${subnetId} -f json`,
    )
    expect(unset.timeout_client_data).toBe(listener.timeout_client_data)
    expect(persistence.session_persistence).toBeNull()
    expect(network).toMatchObject({ id: subnetId, ip_version: 4 })
  },
)

testWithOpenStack(
  'a load balancer goes when nothing hangs on it, or with all that does',
  async () => {
    await openstack.run(
      `loadbalancer create --name web --vip-subnet-id ${subnetId}`,
      'loadbalancer listener create --name http --protocol HTTP --protocol-port 8080 web',
      'loadbalancer pool create --name servers --listener http --protocol HTTP --lb-algorithm ROUND_ROBIN',
      'loadbalancer member create --name m --address 127.0.0.1 --protocol-port 9 servers',
      'loadbalancer healthmonitor create --name check --type TCP --delay 5 --timeout 2 --max-retries 2 servers',
    )
    expect(await openstack.refusal('loadbalancer delete web')).toContain(
      'it has children (HTTP 400)',
    )
    const [monitors, members, listeners, pools, balancers] = await openstack.run(
      'loadbalancer healthmonitor delete check',
      'loadbalancer healthmonitor list -f json',
      'loadbalancer member delete servers m',
      'loadbalancer member list servers -f json',
      'loadbalancer listener delete http',
      'loadbalancer listener list -f json',
      'loadbalancer pool delete servers',
      'loadbalancer pool list -f json',
      'loadbalancer delete web',
      'loadbalancer list -f json',
    )
    expect([monitors, members, listeners, pools, balancers]).toEqual([[], [], [], [], []])

    const left = await openstack.run(
      `loadbalancer create --name web --vip-subnet-id ${subnetId}`,
      'loadbalancer pool create --name servers --loadbalancer web --protocol HTTP --lb-algorithm ROUND_ROBIN',
      'loadbalancer member create --address 127.0.0.1 --protocol-port 9 servers',
      'loadbalancer delete --cascade web',
      'loadbalancer pool list -f json',
      'loadbalancer list -f json',
    )
    expect(left).toEqual([[], []])
  },
)

testWithOpenStack('what the commands switch off is OFFLINE, until they switch it on', async () => {
  const kinds = ['loadbalancer', 'loadbalancer listener', 'loadbalancer pool']
  const names = ['web', 'http', 'servers']
  const all = (command: (kind: string, name: string) => string) =>
    kinds.map((kind, n) => command(kind, names[n] ?? ''))
  const show = all((kind, name) => `${kind} show ${name} -f json`)
  const shown = await openstack.run(
    `loadbalancer create --name web --vip-subnet-id ${subnetId}`,
    'loadbalancer listener create --name http --protocol HTTP --protocol-port 8080 --disable web',
    'loadbalancer pool create --name servers --listener http --protocol HTTP --lb-algorithm ROUND_ROBIN --disable',
    'loadbalancer set --disable web',
    ...show,
    ...all((kind, name) => `${kind} set --enable ${name}`),
    ...show,
  )
  const off = { admin_state_up: false, operating_status: 'OFFLINE', provisioning_status: 'ACTIVE' }
  const on = { admin_state_up: true, operating_status: 'ONLINE', provisioning_status: 'ACTIVE' }
  expect(shown).toMatchObject([off, off, off, on, on, on])
})

test('a load balancer or listener that is switched off has no port, a pool no members', async () => {
  const { id: balancer, vip_address } = await site.createLoadBalancer('web')
  const { body } = await site.ask('POST', 'listeners', {
    listener: {
      loadbalancer_id: balancer,
      protocol: 'HTTP',
      protocol_port: 8080,
      default_pool: {
        protocol: 'HTTP',
        lb_algorithm: 'ROUND_ROBIN',
        members: [{ address: '127.0.0.1', protocol_port: await site.startMember('only') }],
      },
    },
  })
  const { id: listener, default_pool_id: pool } = body.listener
  const answers = (wanted: number | string) =>
    eventually(`it answers ${wanted}`, async () => {
      return (await site.status('http://web:8080/', vip_address)) === wanted
    })
  await answers(200)
  for (const [path, kind, id, off] of [
    ['loadbalancers', 'loadbalancer', balancer, 'ECONNREFUSED'],
    ['listeners', 'listener', listener, 'ECONNREFUSED'],
    ['pools', 'pool', pool, 503],
  ] as const) {
    await site.ask('PUT', `${path}/${id}`, { [kind]: { admin_state_up: false } })
    await answers(off)
    await site.ask('PUT', `${path}/${id}`, { [kind]: { admin_state_up: true } })
    await answers(200)
  }
})

testWithOpenStack('the commands show quotas and what there is to choose from', async () => {
  const [shown, defaults, [listed], flavors, profiles, zones, zone, providers] =
    await openstack.run(
      'loadbalancer quota show us-west-2 -f json',
      'loadbalancer quota defaults show -f json',
      'loadbalancer quota list -f json',
      'loadbalancer flavor list -f json',
      'loadbalancer flavorprofile list -f json',
      'loadbalancer availabilityzone list -f json',
      'loadbalancer availabilityzone show us-west-2b -f json',
      'loadbalancer provider list -f json',
    )
  const limits = { load_balancer: 50, listener: 100, health_monitor: 500, l7rule: -1 }
  expect([shown, defaults, listed]).toMatchObject([limits, limits, limits])
  expect([flavors, profiles]).toEqual([[], []])
  expect(zones).toMatchObject([{ name: 'us-west-2a' }, { name: 'us-west-2b' }, {}])
  expect(zone).toMatchObject({ name: 'us-west-2b', enabled: true })
  expect(providers).toEqual([{ name: 'vlb', description: 'Weir' }])
  expect(await openstack.refusal('loadbalancer quota set --listener 5 us-west-2')).toContain(
    'Quotas cannot be changed: they are settings of the server (HTTP 403)',
  )
})

testWithOpenStack('the commands show what was carried; there is no failover', async () => {
  const [balancer] = await openstack.run(
    `loadbalancer create --name web --vip-subnet-id ${subnetId} -f json`,
    'loadbalancer listener create --name http --protocol HTTP --protocol-port 8080 web',
    'loadbalancer listener create --name other --protocol HTTP --protocol-port 8081 web',
  )
  await eventually('it answers', async () => {
    return (await site.status('http://web:8080/', balancer.vip_address)) === 503
  })
  await eventually('it is counted, and over', async () => {
    const path = `loadbalancers/${balancer.id}/stats`
    const { stats } = (await site.ask('GET', path, undefined, balancer.project_id)).body
    return stats.request_errors > 0 && stats.active_connections === 0
  })
  const [whole, one, other] = await openstack.run(
    'loadbalancer stats show web -f json',
    'loadbalancer listener stats show http -f json',
    'loadbalancer listener stats show other -f json',
  )
  expect(whole.total_connections).toBeGreaterThan(0)
  expect(whole.bytes_out).toBeGreaterThan(0)
  expect(one).toEqual(whole)
  expect(other).toMatchObject({ total_connections: 0, bytes_in: 0, bytes_out: 0 })
  expect(await openstack.refusal('loadbalancer failover web')).toContain('has no failover')
})

test('the members of a pool are put at once: made, changed and gone, or with additive_only kept', async () => {
  const { id } = await site.createLoadBalancer('web')
  const { body } = await site.ask('POST', 'pools', {
    pool: {
      loadbalancer_id: id,
      protocol: 'TCP',
      lb_algorithm: 'ROUND_ROBIN',
      members: [
        { address: '127.0.0.1', protocol_port: 1, weight: 5, name: 'one' },
        { address: '127.0.0.2', protocol_port: 2 },
      ],
    },
  })
  const path = `pools/${body.pool.id}/members`
  const put = async (members: object[], query = '') =>
    (await site.ask('PUT', `${path}${query}`, { members })).status
  const seen = async () =>
    (await site.ask('GET', path)).body.members
      .map((each: Record<string, unknown>) => [each.address, each.weight, each.name])
      .sort()
  const one = { address: '127.0.0.1', protocol_port: 1 }
  const three = { address: '127.0.0.3', protocol_port: 3, weight: 7 }
  expect(await put([one, three])).toBe(202)
  expect(await seen()).toEqual([
    ['127.0.0.1', 1, 'one'],
    ['127.0.0.3', 7, ''],
  ])
  expect(await put([{ ...one, weight: 9 }], '?additive_only=True')).toBe(202)
  expect(await seen()).toEqual([
    ['127.0.0.1', 9, 'one'],
    ['127.0.0.3', 7, ''],
  ])
  expect(
    await put([
      { address: '127.0.0.9', protocol_port: 9 },
      { ...one, weight: 999 },
    ]),
  ).toBe(400)
  expect(await seen()).toHaveLength(2)
  expect(await put([])).toBe(202)
  expect(await seen()).toEqual([])
  expect(await put([], '?additive_only=perhaps')).toBe(400)
  expect((await site.ask('PUT', 'pools/none/members', { members: [] })).status).toBe(404)
  expect((await site.ask('GET', 'pools/none/members')).status).toBe(404)
})

test('allowed_cidrs are a group of the listener’s own, which counts against no quota and goes with it', async () => {
  const { id, vip_address } = await site.createLoadBalancer('web')
  const huawei = new HuaweiClient(site.weir.api, undefined, 'a'.repeat(32))
  const groups = async () => (await huawei.get('ipgroups')).ipgroups
  const { body } = await site.ask('POST', 'listeners', {
    listener: {
      loadbalancer_id: id,
      protocol: 'HTTP',
      protocol_port: 8080,
      allowed_cidrs: ['127.0.0.0/8'],
    },
  })
  const { id: listener } = body.listener
  const allow = async (allowed_cidrs: string[] | null) => {
    const answer = await site.ask('PUT', `listeners/${listener}`, { listener: { allowed_cidrs } })
    return answer.body.listener?.allowed_cidrs ?? answer.status
  }
  const answers = (wanted: number | string) =>
    eventually(`it answers ${wanted}`, async () => {
      return (await site.status('http://web:8080/', vip_address)) === wanted
    })
  await answers(503)
  expect(await groups()).toMatchObject([{ id: listener, listeners: [{ id: listener }] }])
  const [used] = (await huawei.get('quotas/details', { quota_key: 'ipgroup' })).quotas
  expect(used).toMatchObject({ used: 0 })
  expect(await allow(['10.0.0.1', '10.1.0.0/16'])).toEqual(['10.0.0.1/32', '10.1.0.0/16'])
  await answers('ECONNRESET')
  expect(await allow(['everybody'])).toBe(400)
  expect(await allow([])).toBe(200)
  await answers(503)
  expect(await groups()).toEqual([])
  await allow(['127.0.0.0/8'])
  await site.ask('DELETE', `listeners/${listener}`)
  expect(await groups()).toEqual([])
})

test('members are told the client’s address where the listener says so', async () => {
  const { id, vip_address } = await site.createLoadBalancer('web')
  const members = [
    { address: '127.0.0.1', protocol_port: await site.startMember('it', 'x-forwarded-for') },
  ]
  const { body } = await site.ask('POST', 'listeners', {
    listener: {
      loadbalancer_id: id,
      protocol: 'HTTP',
      protocol_port: 8080,
      default_pool: { protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', members },
    },
  })
  expect(body.listener.insert_headers).toEqual({})
  const answers = (wanted: string) =>
    eventually(`it answers ${wanted}`, async () => {
      const answer = await ask('http://web:8080/', vip_address).catch(() => null)
      return answer?.body === wanted
    })
  await answers('it behind undefined')
  const insert_headers = { 'X-Forwarded-For': 'true' }
  await site.ask('PUT', `listeners/${body.listener.id}`, { listener: { insert_headers } })
  await answers('it behind 127.0.0.1')
})

test('a TCP listener has one idle timeout, for both sides', async () => {
  const { id: loadbalancer_id } = await site.createLoadBalancer('web')
  const tcp = { loadbalancer_id, protocol: 'TCP', protocol_port: 80, timeout_client_data: 20_000 }
  const make = (timeout_member_data: number) =>
    site.ask('POST', 'listeners', { listener: { ...tcp, timeout_member_data } })
  const { status, body } = await make(30_000)
  expect([status, body.faultstring]).toEqual([
    400,
    expect.stringContaining('With TCP it is timeout_client_data: 20000'),
  ])
  expect((await make(20_000)).body.listener).toMatchObject({ timeout_member_data: 20_000 })
})

test('every resource has tags, of any text', async () => {
  const tags = ['kube_service_kubernetes_default_a-long-name', 'a=b', 'a=', '=b', '']
  const { id } = await site.createLoadBalancer('web', { tags })
  const { body } = await site.ask('POST', 'pools', {
    pool: { loadbalancer_id: id, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', tags },
  })
  expect(body.pool.tags).toEqual(tags)
  const { body: shown } = await site.ask('GET', `loadbalancers/${id}`)
  expect(shown.loadbalancer.tags).toEqual(tags)
  const { body: changed } = await site.ask('PUT', `pools/${body.pool.id}`, {
    pool: { tags: ['x'] },
  })
  expect(changed.pool.tags).toEqual(['x'])
})

test('the ELB API shows what Octavia’s clients made by its own attributes only', async () => {
  const tags = ['blue']
  const { id } = await site.createLoadBalancer('web')
  const make = async (kind: string, noun: string, fields: object): Promise<string> => {
    const { status, body } = await site.ask('POST', kind, { [noun]: { ...fields, tags } })
    expect([status, body.faultstring]).toEqual([201, undefined])
    return body[noun].id
  }
  const listener_id = await make('listeners', 'listener', {
    ...{ loadbalancer_id: id, protocol: 'HTTP', protocol_port: 80 },
  })
  const pool_id = await make('pools', 'pool', {
    ...{ listener_id, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' },
  })
  await make(`pools/${pool_id}/members`, 'member', { address: '127.0.0.1', protocol_port: 80 })
  await make('healthmonitors', 'healthmonitor', {
    ...{ pool_id, type: 'HTTP', delay: 5, timeout: 3, max_retries: 3, http_version: 1.1 },
  })
  const policy = await make('l7policies', 'l7policy', { listener_id, action: 'REJECT' })
  await make(`l7policies/${policy}/rules`, 'rule', {
    ...{ type: 'PATH', compare_type: 'STARTS_WITH', value: '/a' },
  })
  const shown: readonly (readonly [string, z.ZodType])[] = [
    ['loadbalancers', loadBalancerAnswer],
    ['listeners', listenerAnswer],
    ['pools', poolAnswer],
    ['members', memberAnswer],
    ['healthmonitors', healthMonitorAnswer],
    ['l7policies', l7PolicyAnswer],
    [`l7policies/${policy}/rules`, l7RuleAnswer],
  ]
  for (const [path, answer] of shown) {
    const { status, body } = await site.send('GET', `/v3/${'a'.repeat(32)}/elb/${path}`)
    expect([path, status]).toEqual([path, 200])
    const [one] = Object.values<unknown[]>(body).find(Array.isArray) ?? []
    expect(answer.safeParse(one), path).toMatchObject({ success: true })
  }
})

test('TERMINATED_HTTPS serves with a certificate of the ELB API, and tells members over which port', async () => {
  const { id } = await site.createLoadBalancer('web')
  const { body: shown } = await site.ask('GET', `loadbalancers/${id}`)
  const root = await CertificateAuthority.create()
  const { certificate, privateKey } = await root.server({ names: ['www.example.com'] })
  const huawei = new HuaweiClient(site.weir.api, undefined, 'a'.repeat(32))
  const pem = { certificate, private_key: privateKey }
  const stored = await huawei.create('certificates', 'certificate', pem)
  const { body: made } = await site.ask('POST', 'listeners', {
    listener: {
      loadbalancer_id: id,
      protocol: 'TERMINATED_HTTPS',
      protocol_port: 8443,
      default_tls_container_ref: stored.id,
      insert_headers: { 'X-Forwarded-Port': 'true' },
      alpn_protocols: ['h2', 'http/1.1'],
    },
  })
  expect(made.listener).toMatchObject({
    protocol: 'TERMINATED_HTTPS',
    insert_headers: { 'X-Forwarded-Port': 'true' },
    alpn_protocols: ['h2', 'http/1.1'],
  })
  const { body: servers } = await site.ask('POST', 'pools', {
    pool: { listener_id: made.listener.id, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' },
  })
  const member = { address: '127.0.0.1', protocol_port: await site.startMember('only') }
  await site.ask('POST', `pools/${servers.pool.id}/members`, { member })
  const answer = await eventually('it serves', async () => {
    const ca = root.certificate
    const got = await ask('https://www.example.com:8443/', shown.loadbalancer.vip_address, { ca })
    return got.status === 200 && got
  })
  expect(answer.body).toBe('only behind 8443')
})

test('a listener takes only what its protocol has', async () => {
  const { id } = await site.createLoadBalancer('web')
  const listener = { loadbalancer_id: id, protocol: 'TCP', protocol_port: 80 }
  for (const [name, value] of [
    ['insert_headers', {}],
    ['timeout_member_data', 5000],
    ['alpn_protocols', ['h2']],
  ]) {
    const { status, body } = await site.ask('POST', 'listeners', {
      listener: { ...listener, [`${name}`]: value },
    })
    expect([status, body.faultstring]).toEqual([400, expect.stringContaining(`'${name}'`)])
  }
  const unset = { insert_headers: null, timeout_member_data: null, alpn_protocols: null }
  const { status } = await site.ask('POST', 'listeners', { listener: { ...listener, ...unset } })
  expect(status).toBe(201)
})

test("errors have Octavia's form, and name what is wrong", async () => {
  const { id } = await site.createLoadBalancer('web')
  const listener = { loadbalancer_id: id, protocol: 'HTTP', protocol_port: 80 }
  const fault = (faultstring: unknown) => ({ faultcode: 'Client', faultstring, debuginfo: null })
  expect(await site.ask('GET', 'listeners/none')).toEqual({
    status: 404,
    body: fault('listener none could not be found.'),
  })
  await site.ask('POST', 'listeners', { listener })
  expect(await site.ask('POST', 'listeners', { listener })).toEqual({
    status: 409,
    body: fault(expect.stringContaining('protocol_port 80')),
  })
  const refused: [string, object, string][] = [
    ['protocol', { protocol: 'UDP' }, '\'listener.protocol\': "UDP"'],
    ['limit', { connection_limit: 5 }, 'it can only be -1'],
    ['part of a second', { timeout_client_data: 1500 }, "'listener.timeout_client_data': 1500"],
    ['ciphers', { tls_ciphers: 'ALL' }, '\'listener.tls_ciphers\': "ALL"'],
    ['CA unused', { client_ca_tls_container_ref: 'x' }, "'client_authentication' MANDATORY"],
    ['unknown', { colour: 'red' }, "'listener.colour'"],
  ]
  for (const [what, fields, message] of refused) {
    const answer = await site.ask('POST', 'listeners', {
      listener: { ...listener, protocol_port: 81, ...fields },
    })
    expect([what, answer]).toEqual([
      what,
      { status: 400, body: fault(expect.stringContaining(message)) },
    ])
  }
  const pool = { protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' }
  expect(await site.ask('POST', 'pools', { pool })).toEqual({
    status: 400,
    body: fault("One of 'listener_id' and 'loadbalancer_id' is required"),
  })
})

test('lists are filtered by attributes and tags, and come in pages', async () => {
  await site.createLoadBalancer('one', { tags: ['blue', 'stage=test'] })
  await site.createLoadBalancer('two', { tags: ['blue'] })
  await site.createLoadBalancer('three')
  const names = async (query: string) => {
    const { body } = await site.ask('GET', `loadbalancers?${query}`)
    return body.loadbalancers.map(({ name }: { name: string }) => name).sort()
  }
  expect(await names('name=two')).toEqual(['two'])
  expect(await names('admin_state_up=True')).toHaveLength(3)
  expect(await names('admin_state_up=False')).toEqual([])
  expect(await names('tags=blue,stage=test'.replace('=test', '%3Dtest'))).toEqual(['one'])
  expect(await names('tags-any=blue')).toEqual(['one', 'two'])
  expect(await names('not-tags-any=blue')).toEqual(['three'])
  const { body: first } = await site.ask('GET', 'loadbalancers?limit=2')
  expect(first.loadbalancers).toHaveLength(2)
  const [{ rel, href }] = first.loadbalancers_links
  expect(rel).toBe('next')
  const { body: rest } = await site.ask('GET', href.slice(href.indexOf('loadbalancers?')))
  expect(rest.loadbalancers).toHaveLength(1)
  expect(rest.loadbalancers_links).toMatchObject([{ rel: 'previous' }])
})

test('lists are sorted, and pages go on and back in that order, also with filters', async () => {
  for (const [name, description] of [
    ['b', 'x'],
    ['d', 'x'],
    ['a', 'y'],
    ['c', 'x'],
    ['e', 'x'],
  ] as const) {
    await site.createLoadBalancer(name, { description })
  }
  const page = async (path: string) => {
    const { body } = await site.ask('GET', path)
    const names = body.loadbalancers.map(({ name }: { name: string }) => name).join('')
    const links = body.loadbalancers_links.map(({ rel, href }: Record<string, string>) => [
      rel,
      href?.slice(href.indexOf('loadbalancers?')),
    ])
    return { names, ...(Object.fromEntries(links) as { next?: string; previous?: string }) }
  }
  expect((await page('loadbalancers?sort=name:desc')).names).toBe('edcba')
  expect((await page('loadbalancers?sort=description,name:desc')).names).toBe('edcba')
  expect((await page('loadbalancers?sort_key=name&sort_dir=desc')).names).toBe('edcba')
  const first = await page('loadbalancers?sort=name&limit=2&description=x')
  expect([first.names, first.previous]).toEqual(['bc', undefined])
  const second = await page(first.next ?? '')
  expect([second.names, second.next]).toEqual(['de', undefined])
  expect(await page(second.previous ?? '')).toMatchObject({ names: 'bc', next: first.next })
  expect((await page(second.previous ?? '')).previous).toBeUndefined()
  for (const query of [
    'sort=colour',
    'sort=name:up',
    'sort=name:asc:id',
    'page_reverse=maybe',
    'sort=name&marker=none',
    'limit=0',
  ]) {
    expect((await site.ask('GET', `loadbalancers?${query}`)).status).toBe(400)
  }
})

test('attributes can be chosen, of lists and of one', async () => {
  const { id } = await site.createLoadBalancer('web')
  const { body: listed } = await site.ask('GET', 'loadbalancers?fields=id&fields=name')
  expect(listed.loadbalancers).toEqual([{ id, name: 'web' }])
  const { body: shown } = await site.ask('GET', `loadbalancers/${id}?fields=name`)
  expect(shown.loadbalancer).toEqual({ name: 'web' })
  expect((await site.ask('GET', `loadbalancers/${id}?fields=colour`)).status).toBe(400)
})

test('a project sees its own only, also what the ELB API made, and makes nothing for others', async () => {
  const project = 'b'.repeat(32)
  const made = await fetch(`${site.weir.api}/v3/${project}/elb/loadbalancers`, {
    method: 'POST',
    body: JSON.stringify({
      loadbalancer: {
        name: 'elb',
        availability_zone_list: ['us-west-2a'],
        vip_subnet_cidr_id: subnetId,
      },
    }),
  })
  expect(made.status).toBe(201)
  await site.createLoadBalancer('octavia')
  const { body } = await site.ask('GET', 'loadbalancers', undefined, project)
  expect(body.loadbalancers).toMatchObject([{ name: 'elb', project_id: project }])
  const foreign = { vip_subnet_id: subnetId, project_id: project }
  expect((await site.ask('POST', 'loadbalancers', { loadbalancer: foreign })).status).toBe(403)
  expect((await site.ask('GET', 'loadbalancers', undefined, '')).status).toBe(403)
})
