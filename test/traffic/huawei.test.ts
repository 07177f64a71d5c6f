/** Listeners, backend server groups and forwarding policies of Huawei Cloud's API, on traffic. The HTTPS listener itself: test/guide. */
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { selfSigned } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import type { Answer } from '../support/huawei.ts'
import { Backend, HuaweiSite, httpsPort } from '../support/huawei-site.ts'
import { Peer } from '../support/peer.ts'
import { createLoadBalancer, Instance, nodeAddresses } from '../support/system.ts'
import { ask, type WebAnswer } from '../support/web-client.ts'
import { Weir } from '../support/weir.ts'

const httpPort = 8080
const tcpPort = 9000

const running = new AsyncDisposableStack()
let weir: Weir
let site: HuaweiSite
let one: Backend
let two: Backend
let http: Answer

beforeAll(async () => {
  weir = running.use(await Weir.start({ args: ['--threads', '1'] }))
  site = await HuaweiSite.create(weir)
  one = running.use(await Backend.start('one'))
  two = running.use(await Backend.start('two'))
  http = await site.huawei.create('listeners', 'listener', {
    loadbalancer_id: site.balancer.id,
    protocol: 'HTTP',
    protocol_port: httpPort,
    enhance_l7policy_enable: true,
  })
})
afterEach(async () => {
  for (const backend of [one, two]) {
    backend.answer = (_, response) => response.end(backend.name)
    backend.requests.length = 0
  }
  const { l7policies } = await site.huawei.get('l7policies')
  for (const { id } of l7policies) await site.huawei.delete(`l7policies/${id}`)
  const { healthmonitors } = await site.huawei.get('healthmonitors')
  for (const { id } of healthmonitors) await site.huawei.delete(`healthmonitors/${id}`)
  await site.reset()
})
afterAll(() => running.disposeAsync())

const get = (path = '/', options: Parameters<typeof ask>[2] = {}): Promise<WebAnswer> =>
  ask(`http://www.example.com:${httpPort}${path}`, site.address, options)

/** Who answers a number of requests. */
async function answering(count: number, options?: Parameters<typeof ask>[2]): Promise<string[]> {
  const names: string[] = []
  for (let asked = 0; asked < count; asked += 1) names.push((await site.get('/', options)).body)
  return names
}

const times = (names: string[], name: string) => names.filter((each) => each === name).length

const policy = (fields: object) =>
  site.huawei.create('l7policies', 'l7policy', { listener_id: http.id, ...fields })

test('ROUND_ROBIN follows the weights, which change as traffic flows; weight 0 gets nothing', async () => {
  await site.add(one, { weight: 3 })
  const light = await site.add(two, { weight: 1 })
  await eventually('both serve', async () => {
    const names = await answering(8)
    return times(names, 'one') === 6 && times(names, 'two') === 2
  })
  const path = `pools/${site.pool.id}/members/${light.id}`
  await site.huawei.put(path, { member: { weight: 0 } })
  await eventually('one serves all', async () => times(await answering(8), 'one') === 8)
})

test('SOURCE_IP: a client’s address decides', async () => {
  await site.setPool({ lb_algorithm: 'SOURCE_IP' })
  await site.add(one)
  await site.add(two)
  await eventually('both serve', async () => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, n) => answering(2, { localAddress: `127.0.1.${n + 1}` })),
    )
    const faithful = clients.every(([first, second]) => first === second)
    return faithful && new Set(clients.flat()).size === 2
  })
})

test('stickiness by a cookie of the load balancer’s, and by the application’s', async () => {
  await site.add(one)
  await site.add(two)
  await site.setPool({ session_persistence: { type: 'HTTP_COOKIE', persistence_timeout: 1 } })
  const [cookie, name] = await eventually('a cookie is given', async () => {
    const { headers, body } = await site.get()
    const [given] = headers['set-cookie'] ?? []
    return given === undefined ? undefined : [given.split(';')[0] ?? '', body]
  })
  expect(times(await answering(6, { headers: { cookie } }), name ?? '')).toBe(6)
  await site.setPool({ session_persistence: { type: 'APP_COOKIE', cookie_name: 'JSESSIONID' } })
  for (const backend of [one, two]) {
    backend.answer = (_, response) =>
      response.setHeader('Set-Cookie', 'JSESSIONID=1').end(backend.name)
  }
  const [own, by] = await eventually('a cookie beside the application’s is given', async () => {
    const { headers, body } = await site.get()
    const given = headers['set-cookie'] ?? []
    return given.length < 2 ? undefined : [given.map((each) => each.split(';')[0]).join('; '), body]
  })
  expect(times(await answering(6, { headers: { cookie: own } }), by ?? '')).toBe(6)
})

test('a member that fails its health check gets nothing, and says why; x-router-code says when none is left', async () => {
  await site.add(one)
  const sick = await site.add(two)
  two.answer = (_, response) => response.writeHead(500).end()
  await site.huawei.create('healthmonitors', 'healthmonitor', {
    pool_id: site.pool.id,
    type: 'HTTP',
    delay: 1,
    timeout: 1,
    max_retries: 1,
    max_retries_down: 1,
    url_path: '/health',
    http_method: 'HEAD',
    domain_name: 'check.example.com',
    expected_codes: '200-204',
  })
  const shown = async () =>
    (await site.huawei.get(`pools/${site.pool.id}/members/${sick.id}`)).member
  await eventually('it is offline', async () => (await shown()).operating_status === 'OFFLINE')
  expect((await shown()).reason).toEqual({
    reason_code: 'RESPONSE_MISMATCH',
    expected_response: '200-204',
    healthcheck_response: '500',
  })
  await eventually('one serves', async () => (await site.get()).body === 'one')
  expect(times(await answering(4), 'one')).toBe(4)
  const check = two.requests.find(({ url }) => url === '/health')
  expect(check).toMatchObject({ method: 'HEAD', headers: { host: 'check.example.com' } })
  one.answer = two.answer
  const routerCode = async () => (await site.get()).headers['x-router-code']
  await eventually('all are unhealthy', async () => (await routerCode()) === '50000')
})

test('x-router-code says that a pool has no members', async () => {
  await eventually('nobody is there', async () => {
    const { status, headers } = await site.get()
    return status === 503 && headers['x-router-code'] === '40000'
  })
})

test('health checks have a port, a protocol and codes of their own, whatever traffic has', async () => {
  await using servers = new AsyncDisposableStack()
  const { certificate: cert, privateKey: key } = await selfSigned()
  const secure = createHttpsServer({ cert, key }, ({ url, headers }, response) => {
    const expected = url === '/check' && headers.host === 'check.example.com'
    response.writeHead(expected ? 204 : 500).end()
  })
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
  servers.defer(() => void secure.close())
  const { port: securePort } = secure.address() as AddressInfo
  // Nobody listens there.
  const closedPort = 1
  one.answer = (_, response) => response.writeHead(404).end()
  const checks: [object, string, string | undefined][] = [
    [{ type: 'TCP', monitor_port: securePort }, 'ONLINE', undefined],
    [{ type: 'TCP', monitor_port: closedPort }, 'OFFLINE', 'CONNECT_REFUSED'],
    [{ type: 'TLS', monitor_port: securePort }, 'ONLINE', undefined],
    [{ type: 'TLS' }, 'OFFLINE', 'SSL_HANDSHAKE_ERROR'],
    [
      {
        type: 'HTTPS',
        monitor_port: securePort,
        url_path: '/check',
        domain_name: 'check.example.com',
        expected_codes: '204',
      },
      'ONLINE',
      undefined,
    ],
    [{ type: 'HTTPS', monitor_port: securePort }, 'OFFLINE', 'RESPONSE_MISMATCH'],
    [{ type: 'HTTP', expected_codes: '200,404,500-502' }, 'ONLINE', undefined],
    [{ type: 'HTTP', expected_codes: '200-403,405' }, 'OFFLINE', 'RESPONSE_MISMATCH'],
  ]
  const members = await Promise.all(checks.map(([monitor], index) => checkedMember(monitor, index)))
  const shown = async () => {
    const all = await Promise.all(members.map((path) => site.huawei.get(path)))
    return all.map(({ member }) => [member.operating_status, member.reason?.reason_code])
  }
  const wanted = checks.map(([, status, reason]) => [status, reason])
  await eventually('all are as they should be', async () =>
    isDeepStrictEqual(await shown(), wanted),
  )
  await dropPools()
})

/** A member of a group of its own, which a policy sends requests to. @returns its path */
async function checkedMember(monitor: object, index: number): Promise<string> {
  const { huawei, balancer } = site
  const pool = await huawei.create('pools', 'pool', {
    loadbalancer_id: balancer.id,
    protocol: 'HTTP',
    lb_algorithm: 'ROUND_ROBIN',
  })
  const member = await huawei.create(`pools/${pool.id}/members`, 'member', {
    address: '127.0.0.1',
    protocol_port: one.port,
  })
  await huawei.create('healthmonitors', 'healthmonitor', {
    pool_id: pool.id,
    delay: 1,
    timeout: 1,
    max_retries: 1,
    max_retries_down: 1,
    ...monitor,
  })
  const rule = { type: 'PATH', compare_type: 'EQUAL_TO', value: `/${index}` }
  await policy({
    action: 'REDIRECT_TO_POOL',
    priority: index,
    redirect_pool_id: pool.id,
    rules: [rule],
  })
  return `pools/${pool.id}/members/${member.id}`
}

/** All but the site's own. */
async function dropPools(): Promise<void> {
  const { pools } = await site.huawei.get('pools')
  for (const { id } of pools) {
    if (id !== site.pool.id) await site.huawei.delete(`pools/${id}/delete-cascade`)
  }
}

test('x-router-code says that a policy’s pool has no members', async () => {
  const pool = await site.huawei.create('pools', 'pool', {
    loadbalancer_id: site.balancer.id,
    protocol: 'HTTP',
    lb_algorithm: 'ROUND_ROBIN',
  })
  const rule = { type: 'PATH', compare_type: 'STARTS_WITH', value: '/' }
  await policy({ action: 'REDIRECT_TO_POOL', redirect_pool_id: pool.id, rules: [rule] })
  await eventually('nobody is there', async () => {
    const { status, headers } = await get()
    return status === 503 && headers['x-router-code'] === '40001'
  })
  await dropPools()
})

test('a member that is removed finishes the request that it has', async () => {
  const member = await site.add(one)
  await eventually('one serves', async () => (await site.get()).body === 'one')
  const late = Promise.withResolvers<() => void>()
  one.answer = (_, response) => late.resolve(() => response.end('late'))
  const answer = site.get()
  const finish = await late.promise
  one.answer = (_, response) => response.end('early')
  await site.huawei.delete(`pools/${site.pool.id}/members/${member.id}`)
  await eventually('new requests find nobody', async () => (await site.get()).status === 503)
  finish()
  expect(await answer).toMatchObject({ status: 200, body: 'late' })
})

test('HTTP can redirect all to HTTPS', async () => {
  await policy({ action: 'REDIRECT_TO_LISTENER', redirect_listener_id: site.listener.id })
  await eventually('it redirects', async () => (await get()).status === 301)
  expect((await get('/a?b=c')).headers.location).toBe(`https://www.example.com:${httpsPort}/a?b=c`)
})

test('advanced policies go by priority: to a pool, to a URL, or to an answer of their own', async () => {
  const pool = await site.huawei.create('pools', 'pool', {
    loadbalancer_id: site.balancer.id,
    protocol: 'HTTP',
    lb_algorithm: 'ROUND_ROBIN',
  })
  await site.huawei.create(`pools/${pool.id}/members`, 'member', {
    address: '127.0.0.1',
    protocol_port: two.port,
  })
  const path = (value: string) => ({ type: 'PATH', compare_type: 'STARTS_WITH', value })
  await policy({ action: 'REDIRECT_TO_POOL', redirect_pool_id: pool.id, rules: [path('/')] })
  await policy({
    action: 'FIXED_RESPONSE',
    priority: 0,
    fixed_response_config: { status_code: '418', message_body: 'tea' },
    rules: [
      path('/'),
      { type: 'METHOD', compare_type: 'EQUAL_TO', conditions: [{ value: 'PUT' }] },
    ],
  })
  await policy({
    action: 'REDIRECT_TO_URL',
    redirect_url_config: { protocol: 'HTTPS', port: '443', path: '/new', status_code: '308' },
    priority: 1000,
    rules: [path('/old')],
  })
  await eventually('the pool serves', async () => (await get()).body === 'two')
  await eventually('the answer is given', async () => {
    const { status, body } = await get('/', { method: 'PUT' })
    return status === 418 && body === 'tea'
  })
  expect((await get('/old')).body).toBe('two')
  const { l7policies } = await site.huawei.get('l7policies', { action: 'REDIRECT_TO_URL' })
  const { l7policies: others } = await site.huawei.get('l7policies', { action: 'REDIRECT_TO_POOL' })
  await site.huawei.post('l7policies/batch-update-priority', {
    l7policies: [
      { id: l7policies[0].id, priority: 1 },
      { id: others[0].id, priority: 2 },
    ],
  })
  await eventually('the redirection goes first', async () => (await get('/old')).status === 308)
  expect((await get('/old?q=1')).headers.location).toBe('https://www.example.com/new?q=1')
  await site.huawei.delete(`l7policies/${others[0].id}`)
  await site.huawei.delete(`pools/${pool.id}/delete-cascade`)
})

test('TCP: bytes go both ways, to one backend server after the other, or where a client’s address belongs', async () => {
  const echo = (name: string) =>
    new Promise<Server>((resolve) => {
      const server = createServer((socket) => {
        socket.on('error', () => socket.destroy())
        socket.write(name)
        socket.pipe(socket)
      })
      server.listen(0, '127.0.0.1', () => resolve(server))
    })
  const servers = [await echo('a:'), await echo('b:')]
  const listener = await site.huawei.create('listeners', 'listener', {
    loadbalancer_id: site.balancer.id,
    protocol: 'TCP',
    protocol_port: tcpPort,
  })
  const pool = await site.huawei.create('pools', 'pool', {
    listener_id: listener.id,
    protocol: 'TCP',
    lb_algorithm: 'ROUND_ROBIN',
  })
  for (const server of servers) {
    const { port } = server.address() as AddressInfo
    await site.huawei.create(`pools/${pool.id}/members`, 'member', {
      address: '127.0.0.1',
      protocol_port: port,
    })
  }
  const hear = async (localAddress = '127.0.0.1'): Promise<string> => {
    await using client = await Peer.connect(site.address, tcpPort, localAddress)
    client.send('hello')
    // While no member is there yet, it is closed.
    await client.until((received) => received.includes('hello') || client.ended)
    return client.received.slice(0, 2)
  }
  await eventually('both echo', async () => {
    const heard = [await hear(), await hear(), await hear(), await hear()]
    return heard.includes('a:') && heard.includes('b:')
  })
  const session_persistence = { type: 'SOURCE_IP', persistence_timeout: 60 }
  await site.huawei.put(`pools/${pool.id}`, { pool: { session_persistence } })
  await eventually('each client stays', async () => {
    const addresses = Array.from({ length: 24 }, (_, n) => `127.0.2.${n + 1}`)
    const heard = await Promise.all(
      addresses.map(async (from) => [await hear(from), await hear(from)]),
    )
    return heard.every(([a, b]) => a === b) && new Set(heard.flat()).size === 2
  })
  await site.huawei.delete(`listeners/${listener.id}/force`)
  for (const server of servers) server.close()
})

test('stands side by side with Classic Load Balancers', async () => {
  await using instance = await Instance.declare(weir, 'us-west-2a')
  await createLoadBalancer(weir, 'classic', [instance])
  const [address = ''] = await nodeAddresses(weir, 'classic')
  await site.add(one)
  await eventually('one serves', async () => (await site.get()).body === 'one')
  expect((await ask('http://classic:8080/', address)).body).toBe(instance.id)
  await site.huawei.put(`pools/${site.pool.id}/members/${(await site.add(two)).id}`, {
    member: { weight: 5 },
  })
  expect((await ask('http://classic:8080/', address)).body).toBe(instance.id)
})
