/**
 * What Kubernetes' cloud controller manager (cloud-provider-openstack, pkg/openstack/loadbalancer.go) and Terraform's openstack provider
 * (openstack_lb_*_v2) ask of Octavia, in their order and with the fields that they send, below the path that the catalog has.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { OctaviaSite } from '../support/octavia-site.ts'
import { ask } from '../support/web-client.ts'

let site: OctaviaSite

beforeAll(async () => {
  site = await OctaviaSite.start()
})
beforeEach(() => site.reset())
afterAll(() => site[Symbol.asyncDispose]())

/** As gophercloud: below the catalog's endpoint and `v2.0/`. @throws Error when the status is another */
async function send(status: number, method: string, path: string, body?: object) {
  const answer = await site.send(method, `/load-balancer/v2.0/lbaas/${path}`, body)
  if (answer.status !== status) throw new Error(`${answer.status}: ${answer.body?.faultstring}`)
  return answer.body
}

test('clients find out the version below the path of the catalog', async () => {
  const { status, body } = await site.send('GET', '/load-balancer/')
  expect(status).toBe(200)
  expect(body.versions.at(-1)).toMatchObject({ id: 'v2.14', status: 'CURRENT' })
  const { body: link } = await site.send('GET', new URL(body.versions[0].links[0].href).pathname)
  expect(link.version.id).toBe('v2.0')
})

test('Kubernetes makes a whole load balancer for a service, changes its nodes and ports, and takes it away', async () => {
  const name = 'kube_service_kubernetes_default_a-service-with-a-long-name'
  const nodes = [await site.startMember('first'), await site.startMember('second')]
  const member = (port: number, node: string) => ({
    address: '127.0.0.1',
    protocol_port: port,
    name: node,
  })
  const listener = (index: number, port: number, members: object[]) => ({
    name: `listener_${index}_${name}`,
    protocol: 'TCP',
    protocol_port: port,
    connection_limit: -1,
    tags: [name],
    timeout_client_data: 50_000,
    timeout_member_connect: 5000,
    timeout_member_data: 50_000,
    timeout_tcp_inspect: 0,
    allowed_cidrs: ['127.0.0.0/8'],
    default_pool: {
      name: `pool_${index}_${name}`,
      protocol: 'TCP',
      lb_algorithm: 'ROUND_ROBIN',
      session_persistence: { type: 'SOURCE_IP' },
      members,
      healthmonitor: {
        name: `monitor_${index}_${name}`,
        type: 'TCP',
        delay: 5,
        timeout: 3,
        max_retries: 1,
        max_retries_down: 3,
      },
    },
  })
  expect((await send(200, 'GET', `loadbalancers?name=${name}`)).loadbalancers).toEqual([])
  const { loadbalancer } = await send(201, 'POST', 'loadbalancers', {
    loadbalancer: {
      name,
      description: 'Kubernetes external service default/web from cluster kubernetes',
      vip_subnet_id: site.subnetId,
      provider: 'amphora',
      tags: [name],
      listeners: [listener(0, 8080, [member(nodes[0] ?? 0, 'node-1')])],
    },
  })
  const balancer = `loadbalancers/${loadbalancer.id}`
  const { loadbalancer: active } = await send(200, 'GET', balancer)
  expect(active).toMatchObject({ provisioning_status: 'ACTIVE', tags: [name] })
  const floating = `/network/v2.0/floatingips?port_id=${active.vip_port_id}`
  expect((await site.send('GET', floating)).body).toEqual({ floatingips: [] })
  await eventually('the first node answers', async () => {
    const answer = await ask('http://web:8080/', active.vip_address).catch(() => null)
    return answer?.body.startsWith('first')
  })

  const byBalancer = `loadbalancer_id=${loadbalancer.id}`
  const { listeners } = await send(200, 'GET', `listeners?${byBalancer}`)
  expect(listeners).toMatchObject([
    {
      tags: [name],
      timeout_client_data: 50_000,
      timeout_member_data: 50_000,
      connection_limit: -1,
      allowed_cidrs: ['127.0.0.0/8'],
    },
  ])
  const { pools } = await send(200, 'GET', `pools?${byBalancer}`)
  const [pool] = pools
  expect(pool.listeners).toEqual([{ id: listeners[0].id }])
  const members = [member(nodes[1] ?? 0, 'node-2')]
  await send(202, 'PUT', `pools/${pool.id}/members`, { members })
  const { members: left } = await send(200, 'GET', `pools/${pool.id}/members`)
  expect(left).toMatchObject([{ name: 'node-2', weight: 1 }])
  await send(200, 'PUT', `healthmonitors/${pool.healthmonitor_id}`, {
    healthmonitor: { delay: 6, timeout: 3, max_retries: 1, max_retries_down: 3 },
  })
  await send(200, 'PUT', `listeners/${listeners[0].id}`, {
    listener: { timeout_client_data: 60_000, timeout_member_data: 60_000, allowed_cidrs: [] },
  })
  await eventually('the second node answers', async () => {
    const answer = await ask('http://web:8080/', active.vip_address).catch(() => null)
    return answer?.body.startsWith('second')
  })

  const { default_pool, ...plain } = listener(1, 8081, [])
  const { listener: added } = await send(201, 'POST', 'listeners', {
    listener: { ...plain, loadbalancer_id: loadbalancer.id },
  })
  const { members: _, healthmonitor, ...poolFields } = default_pool
  const { pool: addedPool } = await send(201, 'POST', 'pools', {
    pool: { ...poolFields, listener_id: added.id },
  })
  const { healthmonitor: monitor } = await send(201, 'POST', 'healthmonitors', {
    healthmonitor: { ...healthmonitor, pool_id: addedPool.id },
  })
  await send(204, 'DELETE', `healthmonitors/${monitor.id}`)
  await send(204, 'DELETE', `pools/${addedPool.id}`)
  await send(204, 'DELETE', `listeners/${added.id}`)
  await send(200, 'PUT', balancer, { loadbalancer: { tags: [''] } })
  await send(204, 'DELETE', `${balancer}?cascade=true`)
  expect((await site.ask('GET', balancer)).status).toBe(404)
  for (const kind of ['listeners', 'pools', 'healthmonitors']) {
    expect((await send(200, 'GET', kind))[kind]).toEqual([])
  }
})

test('Terraform finds the provider and the zone as it sent them, and would make the load balancer anew for others', async () => {
  for (const [sent, shown] of [
    [{}, { provider: 'vlb', availability_zone: null }],
    [{ provider: 'amphora' }, { provider: 'amphora', availability_zone: null }],
    [{ provider: 'octavia', availability_zone: 'us-west-2a' }],
  ] as const) {
    const { id } = await site.createLoadBalancer('web', sent)
    await send(200, 'PUT', `loadbalancers/${id}`, { loadbalancer: { name: 'renamed' } })
    const { loadbalancer } = await send(200, 'GET', `loadbalancers/${id}`)
    expect(loadbalancer).toMatchObject({ name: 'renamed', ...(shown ?? sent) })
  }
})

test('Terraform makes, reads, changes and destroys each of its resources', async () => {
  const up = { admin_state_up: true }
  const { loadbalancer } = await send(201, 'POST', 'loadbalancers', {
    loadbalancer: { ...up, name: 'web', vip_subnet_id: site.subnetId },
  })
  const { body: network } = await site.send(
    'GET',
    `/network/v2.0/ports/${loadbalancer.vip_port_id}`,
  )
  expect(network.port).toMatchObject({
    security_groups: [],
    fixed_ips: [{ ip_address: loadbalancer.vip_address }],
  })
  const { listener } = await send(201, 'POST', 'listeners', {
    listener: {
      ...up,
      name: 'http',
      protocol: 'HTTP',
      protocol_port: 8080,
      loadbalancer_id: loadbalancer.id,
      insert_headers: { 'X-Forwarded-For': 'true' },
      allowed_cidrs: ['10.0.0.0/8', '127.0.0.1/32', '::1/128'],
      tags: ['b', 'a'],
    },
  })
  // What is read has to be what was sent, or each plan finds a difference.
  const { listener: read } = await send(200, 'GET', `listeners/${listener.id}`)
  expect(read).toMatchObject({
    insert_headers: { 'X-Forwarded-For': 'true' },
    allowed_cidrs: ['10.0.0.0/8', '127.0.0.1/32', '::1/128'],
    tags: ['b', 'a'],
    connection_limit: -1,
    provisioning_status: 'ACTIVE',
  })
  const { pool } = await send(201, 'POST', 'pools', {
    pool: {
      ...up,
      name: 'servers',
      protocol: 'HTTP',
      listener_id: listener.id,
      lb_algorithm: 'ROUND_ROBIN',
      session_persistence: { type: 'APP_COOKIE', cookie_name: 'session' },
    },
  })
  const { member } = await send(201, 'POST', `pools/${pool.id}/members`, {
    member: { ...up, address: '127.0.0.1', protocol_port: 9, weight: 1 },
  })
  const { healthmonitor } = await send(201, 'POST', 'healthmonitors', {
    healthmonitor: {
      ...up,
      pool_id: pool.id,
      type: 'HTTP',
      delay: 20,
      timeout: 10,
      max_retries: 5,
      url_path: '/',
      http_version: '1.1',
    },
  })
  // As a number: Terraform's provider reads that, and writes text.
  expect(healthmonitor.http_version).toBe(1.1)
  const { l7policy } = await send(201, 'POST', 'l7policies', {
    l7policy: {
      ...up,
      action: 'REDIRECT_TO_URL',
      listener_id: listener.id,
      redirect_url: 'http://www.example.com',
      redirect_http_code: 301,
    },
  })
  expect(l7policy).toMatchObject({ redirect_url: 'http://www.example.com', position: 1 })
  const rules = `l7policies/${l7policy.id}/rules`
  const { rule } = await send(201, 'POST', rules, {
    rule: { ...up, type: 'PATH', compare_type: 'EQUAL_TO', value: '/api', invert: false },
  })
  for (const [path, body] of [
    [`loadbalancers/${loadbalancer.id}`, { loadbalancer: { admin_state_up: false } }],
    [`listeners/${listener.id}`, { listener: { allowed_cidrs: [], timeout_client_data: 5000 } }],
    [`pools/${pool.id}`, { pool: { lb_algorithm: 'LEAST_CONNECTIONS', name: 'other' } }],
    [`pools/${pool.id}/members/${member.id}`, { member: { weight: 0 } }],
    [`healthmonitors/${healthmonitor.id}`, { healthmonitor: { delay: 30, max_retries: 3 } }],
    [`l7policies/${l7policy.id}`, { l7policy: { redirect_url: 'http://b.example/c' } }],
    [`${rules}/${rule.id}`, { rule: { value: '/v2' } }],
  ] as const) {
    await send(200, 'PUT', path, body)
    const [changes = {}] = Object.values(body)
    const expected = 'allowed_cidrs' in changes ? { ...changes, allowed_cidrs: null } : changes
    expect(Object.values(await send(200, 'GET', path))).toMatchObject([expected])
  }
  for (const path of [
    `${rules}/${rule.id}`,
    `l7policies/${l7policy.id}`,
    `healthmonitors/${healthmonitor.id}`,
    `pools/${pool.id}/members/${member.id}`,
    `pools/${pool.id}`,
    `listeners/${listener.id}`,
    `loadbalancers/${loadbalancer.id}`,
  ]) {
    await send(204, 'DELETE', path)
    expect([path, (await site.ask('GET', path)).status]).toEqual([path, 404])
  }
})

test('more than the quota is refused with 403, which clients do not send again as they do after 409', async () => {
  await using small = await OctaviaSite.start({ args: ['--huawei-max-listeners', '1'], index: 1 })
  await small.reset()
  const { id } = await small.createLoadBalancer('web')
  const create = async (protocol_port: number) => {
    const listener = { loadbalancer_id: id, protocol: 'TCP', protocol_port }
    const { status, body } = await small.ask('POST', 'listeners', { listener })
    return [status, body.faultstring]
  }
  expect(await create(80)).toEqual([201, undefined])
  expect(await create(81)).toEqual([403, "Quota exceeded for resources: 'listener'."])
})
