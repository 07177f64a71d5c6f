import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../../../test/support/certificate-authority.ts'
import { type Answer, refusal } from '../../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../../test/support/huawei-api.ts'

let api: HuaweiApi
let project: TestProject
let balancer: Answer
let plain: Answer
let advanced: Answer
let pool: Answer

beforeAll(async () => {
  api = await HuaweiApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())
beforeEach(async () => {
  project = api.project()
  balancer = await project.balancer(await api.subnet())
  plain = await project.listener(balancer)
  advanced = await project.listener(balancer, { protocol_port: 81, enhance_l7policy_enable: true })
  pool = await project.pool({ loadbalancer_id: balancer.id })
})

const policy = (listener: Answer, fields: object = {}) =>
  project.create('l7policies', 'l7policy', {
    listener_id: listener.id,
    ...('action' in fields ? {} : { action: 'REDIRECT_TO_POOL', redirect_pool_id: pool.id }),
    ...fields,
  })

const toUrl = (redirect_url_config: object) => ({ action: 'REDIRECT_TO_URL', redirect_url_config })
const fixed = (fixed_response_config: object) => ({
  action: 'FIXED_RESPONSE',
  fixed_response_config,
})

describe('a forwarding policy', () => {
  it('has its rules as parts of their own, which an update replaces', async () => {
    const rules = [{ type: 'PATH', compare_type: 'STARTS_WITH', value: '/a' }]
    const made = await policy(plain, { rules })
    expect(made).toMatchObject({ priority: 0, rules: [{ id: expect.any(String) }] })
    const listed = async () => (await project.get(`l7policies/${made.id}/rules`)).rules
    expect(await listed()).toMatchObject(rules)
    const others = [{ type: 'HOST_NAME', compare_type: 'EQUAL_TO', value: 'www.example.com' }]
    await project.put(`l7policies/${made.id}`, { l7policy: { rules: others } })
    expect(await listed()).toMatchObject(others)
    await project.put(`l7policies/${made.id}`, { l7policy: { name: 'same rules' } })
    expect(await listed()).toMatchObject(others)
  })

  it('gets the next priority of an advanced listener, which is its own', async () => {
    expect((await policy(advanced)).priority).toBe(1)
    const ten = await policy(advanced, { priority: 10 })
    expect((await policy(advanced)).priority).toBe(11)
    expect((await refusal(policy(advanced, { priority: 10 }))).code).toBe('ELB.8907')
    expect((await refusal(policy(advanced, { priority: 10_001 }))).code).toBe('ELB.8902')
    expect((await refusal(policy(plain, { priority: 1 }))).code).toBe('ELB.8902')
    expect(ten.priority).toBe(10)
  })

  it('two can change places in one batch', async () => {
    const [a, b] = [await policy(advanced), await policy(advanced)]
    await project.post('l7policies/batch-update-priority', {
      l7policies: [
        { id: a.id, priority: 2 },
        { id: b.id, priority: 1 },
      ],
    })
    const { l7policies } = await project.get('l7policies', { listener_id: advanced.id })
    const priorities = l7policies.map((each: Answer) => [each.id, each.priority])
    expect(Object.fromEntries(priorities)).toEqual({ [a.id]: 2, [b.id]: 1 })
    const same = { l7policies: [{ id: a.id, priority: 1 }] }
    const clash = project.post('l7policies/batch-update-priority', same)
    expect((await refusal(clash)).code).toBe('ELB.8907')
  })

  it('needs an advanced listener to redirect to a URL or to answer itself', async () => {
    const url = toUrl({ host: 'www.example.com' })
    const answer = fixed({ status_code: '404' })
    for (const action of [url, answer]) {
      expect((await refusal(policy(plain, action))).message).toContain('enhance_l7policy_enable')
    }
    expect((await policy(advanced, url)).redirect_url_config).toEqual({
      protocol: '$' + '{protocol}',
      host: 'www.example.com',
      port: '$' + '{port}',
      path: '$' + '{path}',
      query: '$' + '{query}',
      status_code: '302',
    })
    expect((await policy(advanced, answer)).fixed_response_config).toEqual({
      status_code: '404',
      content_type: 'text/plain',
      message_body: '',
    })
  })

  it.each([
    ['redirect_pool_id', { redirect_pool_id: null }],
    ['redirect_listener_id', { action: 'REDIRECT_TO_LISTENER' }],
    ['redirect_url_config', { action: 'REDIRECT_TO_URL' }],
    ['redirect_url_config', toUrl({ status_code: '301' })],
    ['status_code', toUrl({ host: 'a', status_code: '304' })],
    ['port', toUrl({ port: '70000' })],
    ['host', toUrl({ host: 'a\r\nSet-Cookie: b' })],
    ['path', toUrl({ path: '/a\r\nSet-Cookie: b' })],
    ['query', toUrl({ host: 'a', query: 'b\nc' })],
    ['fixed_response_config', { action: 'FIXED_RESPONSE' }],
    ['status_code', fixed({ status_code: '302' })],
    ['message_body', fixed({ status_code: '200', message_body: 'm'.repeat(1025) })],
    ['content_type', fixed({ status_code: '200', content_type: 'image/png' })],
    ['weight', { redirect_pools_config: [{ pool_id: 'p', weight: 101 }] }],
  ])('refuses what its action lacks or cannot have: %s %j', async (name, fields) => {
    const { code, message } = await refusal(policy(advanced, fields))
    expect(code).toBe('ELB.8902')
    expect(message).toContain(name)
  })

  it('has attributes of its own action only', async () => {
    const fixed_response_config = { status_code: '200' }
    const foreign: [string, object][] = [
      ['redirect_pool_id', { ...toUrl({ host: 'a' }), redirect_pool_id: pool.id }],
      ['redirect_listener_id', { ...toUrl({ host: 'a' }), redirect_listener_id: plain.id }],
      [
        'redirect_url_config',
        { ...fixed(fixed_response_config), ...toUrl({ host: 'a' }), action: 'FIXED_RESPONSE' },
      ],
      ['fixed_response_config', { ...toUrl({ host: 'a' }), fixed_response_config }],
    ]
    for (const [name, fields] of foreign) {
      const { code, message } = await refusal(policy(advanced, fields))
      expect([code, message]).toEqual(['ELB.8902', expect.stringContaining(`'${name}' goes with`)])
    }
    const { id } = await policy(advanced, { redirect_url_config: null, redirect_listener_id: null })
    const change = project.put(`l7policies/${id}`, { l7policy: { fixed_response_config } })
    expect((await refusal(change)).message).toContain('goes with action FIXED_RESPONSE')
  })

  it('redirects from HTTP to an HTTPS listener of the same load balancer', async () => {
    const { certificate, privateKey } = await selfSigned()
    const stored = await project.create('certificates', 'certificate', {
      certificate,
      private_key: privateKey,
    })
    const https = await project.listener(balancer, {
      protocol: 'HTTPS',
      protocol_port: 443,
      default_tls_container_ref: stored.id,
    })
    const redirect = { action: 'REDIRECT_TO_LISTENER', redirect_listener_id: https.id }
    expect(await policy(plain, redirect)).toMatchObject(redirect)
    expect((await refusal(project.delete(`listeners/${https.id}`))).code).toBe('ELB.8907')
    const toHttp = { ...redirect, redirect_listener_id: plain.id }
    expect((await refusal(policy(advanced, toHttp))).code).toBe('ELB.8902')
    expect((await refusal(policy(https, redirect))).code).toBe('ELB.8902')
  })

  it('is for HTTP, and keeps its pool and its listener', async () => {
    const tcp = await project.listener(balancer, { protocol: 'TCP', protocol_port: 90 })
    expect((await refusal(policy(tcp))).code).toBe('ELB.8901')
    const { id } = await policy(plain)
    expect((await project.get(`pools/${pool.id}`)).pool.listeners).toEqual([{ id: plain.id }])
    expect((await refusal(project.delete(`pools/${pool.id}`))).message).toContain(id)
    expect((await refusal(project.delete(`listeners/${plain.id}`))).message).toContain(id)
    await project.delete(`l7policies/${id}`)
    await project.delete(`pools/${pool.id}`)
    await project.delete(`listeners/${plain.id}`)
  })
})

describe('a rule', () => {
  const rule = async (listener: Answer, fields: object) => {
    const { id } = await policy(listener)
    return project.create(`l7policies/${id}/rules`, 'rule', {
      compare_type: 'EQUAL_TO',
      ...fields,
    })
  }

  it.each([
    { type: 'HOST_NAME', value: '*.example.com' },
    { type: 'PATH', compare_type: 'REGEX', value: '^/[a-z]+$' },
    { type: 'METHOD', conditions: [{ value: 'GET' }, { value: 'PUT' }] },
    { type: 'HEADER', conditions: [{ key: 'x-one', value: 'a*' }] },
    { type: 'QUERY_STRING', conditions: [{ key: 'q', value: '?' }] },
    { type: 'COOKIE', conditions: [{ key: 'c', value: 'v' }] },
    { type: 'SOURCE_IP', conditions: [{ value: '10.0.0.0/8' }] },
  ])('looks for %j', async (fields) => {
    expect(await rule(advanced, fields)).toMatchObject(fields)
  })

  it.each([
    ['value', { type: 'PATH', value: 'a' }],
    ['value', { type: 'PATH', compare_type: 'REGEX', value: '[' }],
    ['value', { type: 'PATH', compare_type: 'REGEX', value: '^/(?!a)' }],
    ['value', { type: 'PATH', compare_type: 'REGEX', value: '^/(a)\\1' }],
    ['value', { type: 'PATH', compare_type: 'REGEX', value: '((a{1,30}){1,30}){1,30}' }],
    [
      'value',
      { type: 'PATH', compare_type: 'REGEX', conditions: [{ value: 'a' }, { value: '(' }] },
    ],
    ['value', { type: 'PATH', value: `/${'a'.repeat(128)}` }],
    ['value', { type: 'PATH' }],
    ['compare_type', { type: 'HOST_NAME', compare_type: 'REGEX', value: 'a' }],
    ['value', { type: 'METHOD', conditions: [{ value: 'BREW' }] }],
    ['key', { type: 'HEADER', conditions: [{ value: 'a' }] }],
    [
      'key',
      {
        type: 'HEADER',
        conditions: [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ],
      },
    ],
    ['ip', { type: 'SOURCE_IP', conditions: [{ value: 'here' }] }],
    ['invert', { type: 'PATH', value: '/', invert: true }],
    ['conditions', { type: 'METHOD', conditions: Array(11).fill({ value: 'GET' }) }],
  ])('refuses a %s that it cannot look for: %j', async (name, fields) => {
    const { code, message } = await refusal(rule(advanced, fields))
    expect(code).toBe('ELB.8902')
    expect(message).toContain(name)
  })

  it('an update is held to the same', async () => {
    const { id: policyId } = await policy(advanced)
    const rules = `l7policies/${policyId}/rules`
    const fields = { type: 'PATH', compare_type: 'EQUAL_TO', value: '/(a' }
    const { id } = await project.create(rules, 'rule', fields)
    const change = project.put(`${rules}/${id}`, { rule: { compare_type: 'REGEX' } })
    expect((await refusal(change)).message).toContain("'/(a' is not a regular expression")
  })

  it('of other types than host and path needs an advanced listener', async () => {
    const method = rule(plain, { type: 'METHOD', conditions: [{ value: 'GET' }] })
    expect((await refusal(method)).message).toContain('enhance_l7policy_enable')
  })

  it('there are at most ten in a policy', async () => {
    const path = { type: 'PATH', compare_type: 'EQUAL_TO', value: '/' }
    const { id } = await policy(plain, { rules: Array(10).fill(path) })
    const eleventh = project.create(`l7policies/${id}/rules`, 'rule', path)
    expect((await refusal(eleventh)).code).toBe('ELB.8905')
  })
})
