import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, refusal } from '../../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../../test/support/huawei-api.ts'
import { checkIdentity } from '../records.ts'

let api: HuaweiApi
let project: TestProject
let pool: Answer

beforeAll(async () => {
  api = await HuaweiApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())
beforeEach(async () => {
  project = api.project()
  pool = await project.pool()
})

const member = (fields: object = {}) =>
  project.create(`pools/${pool.id}/members`, 'member', {
    address: '127.0.0.1',
    protocol_port: 80,
    ...fields,
  })

const monitor = (fields: object = {}) =>
  project.create('healthmonitors', 'healthmonitor', {
    pool_id: pool.id,
    type: 'HTTP',
    delay: 5,
    timeout: 3,
    max_retries: 3,
    ...fields,
  })

describe('a pool', () => {
  it('for a listener becomes its default pool, once', async () => {
    const balancer = await project.balancer(await api.subnet())
    const listener = await project.listener(balancer)
    const own = await project.pool({ listener_id: listener.id })
    expect(own).toMatchObject({
      listeners: [{ id: listener.id }],
      loadbalancers: [{ id: balancer.id }],
      healthmonitor_id: null,
      session_persistence: null,
    })
    expect((await refusal(project.pool({ listener_id: listener.id }))).code).toBe('ELB.8907')
  })

  it('needs a listener, a load balancer or a type', async () => {
    const fields = { protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' }
    expect((await refusal(project.create('pools', 'pool', fields))).code).toBe('ELB.8902')
  })

  it.each([
    ['protocol', { protocol: 'UDP' }],
    ['lb_algorithm', { lb_algorithm: 'RANDOM' }],
    ['slow_start.duration', { slow_start: { enable: true, duration: 29 } }],
    ['slow_start.duration', { slow_start: { enable: true, duration: 1201 } }],
    ["slow_start' needs", { lb_algorithm: 'LEAST_CONNECTIONS', slow_start: { enable: true } }],
    ['session_persistence.type', { session_persistence: { type: 'SOURCE_IP' } }],
    ['session_persistence.type', { protocol: 'TCP', session_persistence: { type: 'HTTP_COOKIE' } }],
    [
      'persistence_timeout',
      { session_persistence: { type: 'HTTP_COOKIE', persistence_timeout: 0 } },
    ],
    [
      'persistence_timeout',
      { session_persistence: { type: 'HTTP_COOKIE', persistence_timeout: 1441 } },
    ],
    [
      'persistence_timeout',
      { protocol: 'TCP', session_persistence: { type: 'SOURCE_IP', persistence_timeout: 61 } },
    ],
    ['cookie_name', { session_persistence: { type: 'APP_COOKIE' } }],
    ['cookie_name', { session_persistence: { type: 'HTTP_COOKIE', cookie_name: 'a' } }],
    ['cookie_name', { session_persistence: { type: 'APP_COOKIE', cookie_name: 'a;b' } }],
    ['SOURCE_IP', { lb_algorithm: 'SOURCE_IP', session_persistence: { type: 'HTTP_COOKIE' } }],
  ])('refuses what is beyond its bounds: %s %j', async (name, fields) => {
    const { status, code, message } = await refusal(project.pool(fields))
    expect([status, code]).toEqual([400, 'ELB.8902'])
    expect(message).toContain(name)
  })

  it('has the stickiness of its protocol, which null takes away', async () => {
    const sticky = await project.pool({ session_persistence: { type: 'HTTP_COOKIE' } })
    const expected = { type: 'HTTP_COOKIE', cookie_name: '', persistence_timeout: 1440 }
    expect(sticky.session_persistence).toEqual(expected)
    const change = async (fields: object) =>
      (await project.put(`pools/${sticky.id}`, { pool: fields })).pool.session_persistence
    expect(await change({ name: 'x' })).toEqual(expected)
    expect(await change({ session_persistence: { persistence_timeout: 20 } })).toMatchObject({
      type: 'HTTP_COOKIE',
      persistence_timeout: 20,
    })
    expect(await change({ session_persistence: null })).toBeNull()
    const tcp = await project.pool({ protocol: 'TCP', session_persistence: { type: 'SOURCE_IP' } })
    expect(tcp.session_persistence.persistence_timeout).toBe(1)
  })

  it('keeps what is not sent of slow start, and null takes it away', async () => {
    const slow = await project.pool({ slow_start: { enable: true } })
    expect(slow.slow_start).toEqual({ enable: true, duration: 30 })
    const change = async (slow_start: object | null) =>
      (await project.put(`pools/${slow.id}`, { pool: { slow_start } })).pool.slow_start
    expect(await change({ duration: 60 })).toEqual({ enable: true, duration: 60 })
    expect(await change(null)).toBeNull()
  })

  it('of one IP version takes members of that only', async () => {
    pool = await project.pool({ ip_version: 'v4' })
    expect(pool.ip_version).toBe('v4')
    expect((await refusal(member({ address: '::1' }))).message).toContain('ip_version v4')
    await member()
  })

  it('is deleted when it has no members, no health monitor and no policy, or in cascade', async () => {
    const { id } = await member()
    expect((await refusal(project.delete(`pools/${pool.id}`))).message).toContain('member')
    await project.delete(`pools/${pool.id}/members/${id}`)
    const check = await monitor()
    expect((await refusal(project.delete(`pools/${pool.id}`))).message).toContain('health monitor')
    await project.delete(`healthmonitors/${check.id}`)
    await project.delete(`pools/${pool.id}`)
    pool = await project.pool()
    await member()
    await monitor()
    await project.delete(`pools/${pool.id}/delete-cascade`)
    expect((await project.get('members')).members).toEqual([])
    expect((await project.get('healthmonitors')).healthmonitors).toEqual([])
  })

  it('protects its members when it is told to', async () => {
    const { id } = await member()
    await project.put(`pools/${pool.id}`, { pool: { member_deletion_protection_enable: true } })
    const deletion = project.delete(`pools/${pool.id}/members/${id}`)
    expect((await refusal(deletion)).code).toBe('ELB.8907')
  })
})

describe('a member', () => {
  it('has its defaults', async () => {
    expect(await member()).toMatchObject({
      name: '',
      weight: 1,
      admin_state_up: true,
      operating_status: 'NO_MONITOR',
      ip_version: 'v4',
      subnet_cidr_id: null,
      status: [],
      reason: null,
    })
  })

  it.each([
    ['address', { address: 'localhost' }],
    ['address', { address: '0.0.0.0' }],
    ['address', { address: '::' }],
    ['address', { address: '224.0.0.1' }],
    ['address', { address: '255.255.255.255' }],
    ['address', { address: 'ff02::1' }],
    ['address', { address: 'fe80::1%lo' }],
    ['protocol_port', { protocol_port: 0 }],
    ['protocol_port', { protocol_port: 65_536 }],
    ['weight', { weight: -1 }],
    ['weight', { weight: 101 }],
  ])('refuses what is beyond its bounds: %s %j', async (name, fields) => {
    const { code, message } = await refusal(member(fields))
    expect(code).toBe('ELB.8902')
    expect(message).toContain(name)
  })

  it('is in its pool once, however its address is written', async () => {
    await member({ address: '::1' })
    expect((await refusal(member({ address: '0:0:0:0:0:0:0:1' }))).code).toBe('ELB.8907')
    await member({ address: '::1', protocol_port: 81 })
  })

  it('is in a subnet, unless the load balancer takes any address', async () => {
    const subnet = await api.subnet()
    const balancer = await project.balancer(subnet, { ip_target_enable: false })
    const listener = await project.listener(balancer)
    pool = await project.pool({ listener_id: listener.id })
    expect((await refusal(member())).code).toBe('ELB.8939')
    expect((await refusal(member({ subnet_cidr_id: 'none' }))).code).toBe('ELB.8904')
    expect((await refusal(member({ subnet_cidr_id: subnet.id }))).message).toContain(
      'not in subnet',
    )
    const address = `${subnet.range.split('.').slice(0, 3).join('.')}.99`
    await member({ address, subnet_cidr_id: subnet.id })
  })

  it('is found in its own pool only', async () => {
    const { id } = await member()
    const other = await project.pool()
    expect((await refusal(project.get(`pools/${other.id}/members/${id}`))).status).toBe(404)
    expect((await refusal(project.get('pools/none/members'))).code).toBe('ELB.8904')
  })

  it('has the state that its health checks report, and why', async () => {
    const balancer = await project.balancer(await api.subnet())
    const listener = await project.listener(balancer)
    pool = await project.pool({ listener_id: listener.id })
    await monitor({ expected_codes: '200,202' })
    const { id } = await member()
    const shown = async () => (await project.get(`pools/${pool.id}/members/${id}`)).member
    expect((await shown()).operating_status).toBe('INITIAL')
    const check = checkIdentity({ project_id: project.id, pool_id: pool.id, id } as never)
    const report = (state: 'healthy' | 'unhealthy', detail: string) =>
      api.health.set(check, { check, state, last: { at: 0, passed: state === 'healthy', detail } })
    report('healthy', 'answered 200')
    expect(await shown()).toMatchObject({ operating_status: 'ONLINE', reason: null })
    report('unhealthy', 'answered 503')
    const reason = {
      reason_code: 'RESPONSE_MISMATCH',
      expected_response: '200,202',
      healthcheck_response: '503',
    }
    expect(await shown()).toMatchObject({
      operating_status: 'OFFLINE',
      reason,
      status: [{ listener_id: listener.id, operating_status: 'OFFLINE', reason }],
    })
    report('unhealthy', 'connection refused')
    expect((await shown()).reason.reason_code).toBe('CONNECT_REFUSED')
  })

  it('in batches: all are added, changed and deleted, or none', async () => {
    const path = `pools/${pool.id}/members`
    const two = [
      { address: '127.0.0.1', protocol_port: 1 },
      { address: '127.0.0.2', protocol_port: 2 },
    ]
    const { members } = await project.post(`${path}/batch-add`, { members: two })
    expect(members).toMatchObject(two.map((each) => ({ ...each, ret_status: 'successful' })))
    const clash = [{ address: '127.0.0.3', protocol_port: 3 }, two[0]]
    const refused = project.post(`${path}/batch-add`, { members: clash })
    expect((await refusal(refused)).code).toBe('ELB.8907')
    expect((await project.get(path)).members).toHaveLength(2)
    const weights = { members: members.map(({ id }: Answer) => ({ id, weight: 7 })) }
    expect((await project.post(`${path}/batch-update`, weights)).members).toMatchObject([
      { weight: 7 },
      { weight: 7 },
    ])
    await project.post(`${path}/batch-delete`, { members: [{ id: members[0].id }, two[1]] })
    expect((await project.get(path)).members).toEqual([])
    const six = { address: '0:0:0:0:0:0:0:1', protocol_port: 81 }
    await member(six)
    await project.post(`${path}/batch-delete`, { members: [six] })
    expect((await project.get(path)).members).toEqual([])
    const many = Array.from({ length: 201 }, (_, port) => ({
      address: '127.0.0.1',
      protocol_port: port + 1,
    }))
    expect((await refusal(project.post(`${path}/batch-add`, { members: many }))).code).toBe(
      'ELB.8902',
    )
  })
})

describe('a health monitor', () => {
  it('has its defaults, and is the only one of its pool', async () => {
    expect(await monitor()).toMatchObject({
      pools: [{ id: pool.id }],
      admin_state_up: true,
      max_retries_down: 3,
      domain_name: null,
      url_path: '/',
      expected_codes: '200',
      http_method: 'GET',
      monitor_port: null,
    })
    expect((await refusal(monitor())).code).toBe('ELB.8907')
  })

  it.each([
    { delay: 50, timeout: 50, max_retries: 10, max_retries_down: 10 },
    { delay: 1, timeout: 30, max_retries: 1, max_retries_down: 1 },
    { expected_codes: '200,202-204,301,404,500-599' },
    { url_path: '/ok?deep=1', http_method: 'HEAD', domain_name: 'www.example.com' },
    { monitor_port: 65_535, type: 'TCP' },
  ])('takes %j', async (fields) => {
    const made = await monitor(fields)
    expect((await project.get(`healthmonitors/${made.id}`)).healthmonitor).toMatchObject(fields)
  })

  it.each([
    ['delay', { delay: 0 }],
    ['delay', { delay: 51 }],
    ['timeout', { timeout: 51 }],
    ['max_retries', { max_retries: 11 }],
    ['max_retries_down', { max_retries_down: 0 }],
    ['url_path', { url_path: 'ok' }],
    ['url_path', { url_path: `/${'a'.repeat(80)}` }],
    ['expected_codes', { expected_codes: '199' }],
    ['expected_codes', { expected_codes: '200,204-201' }],
    ['expected_codes', { expected_codes: '200,201,202,203,204,205' }],
    ['domain_name', { domain_name: 'a b' }],
    ['monitor_port', { monitor_port: 0 }],
    ['type', { type: 'UDP_CONNECT' }],
  ])('refuses what is beyond its bounds: %s %j', async (name, fields) => {
    const { code, message } = await refusal(monitor(fields))
    expect(code).toBe('ELB.8902')
    expect(message).toContain(name)
  })

  it('null stands for the default', async () => {
    const { id } = await monitor({ monitor_port: 81, expected_codes: '204' })
    const change = { monitor_port: null, expected_codes: null }
    const answer = await project.put(`healthmonitors/${id}`, { healthmonitor: change })
    expect(answer.healthmonitor).toMatchObject({ monitor_port: null, expected_codes: '200' })
  })
})
