/** L7 policies and rules of OpenStack Load Balancing, and what traffic does then. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { HuaweiClient } from '../support/huawei.ts'
import { OctaviaSite } from '../support/octavia-site.ts'
import { testWithOpenStack } from '../support/openstack-cli.ts'
import { ask } from '../support/web-client.ts'

let site: OctaviaSite

beforeAll(async () => {
  site = await OctaviaSite.start()
})
beforeEach(() => site.reset())
afterAll(() => site[Symbol.asyncDispose]())

/** An HTTP listener with a pool whose member is called `usual`. */
async function createListener(fields: object = {}) {
  const balancer = await site.createLoadBalancer('web')
  const { body } = await site.ask('POST', 'listeners', {
    listener: {
      loadbalancer_id: balancer.id,
      protocol: 'HTTP',
      protocol_port: 8080,
      default_pool: await poolOf('usual'),
      ...fields,
    },
  })
  return { ...body.listener, address: balancer.vip_address }
}

async function poolOf(name: string): Promise<object> {
  const members = [{ address: '127.0.0.1', protocol_port: await site.startMember(name) }]
  return { name, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', members }
}

async function createPolicy(listener: { id: string }, fields: object) {
  const { body } = await site.ask('POST', 'l7policies', {
    l7policy: { listener_id: listener.id, ...fields },
  })
  return body.l7policy
}

async function createRule(policy: { id: string }, fields: object) {
  const { body } = await site.ask('POST', `l7policies/${policy.id}/rules`, { rule: fields })
  return body.rule
}

testWithOpenStack('what the commands make of policies and rules, traffic follows', async () => {
  const [balancer] = await site.openstack.run(
    `loadbalancer create --name web --vip-subnet-id ${site.subnetId} -f json`,
    'loadbalancer listener create --name http --protocol HTTP --protocol-port 8080 web',
    'loadbalancer pool create --name images --loadbalancer web --protocol HTTP --lb-algorithm ROUND_ROBIN',
    `loadbalancer member create --address 127.0.0.1 --protocol-port ${await site.startMember('images')} images`,
  )
  const [policy, rule, ...shown] = await site.openstack.run(
    'loadbalancer l7policy create --name images --action REDIRECT_TO_POOL --redirect-pool images http -f json',
    'loadbalancer l7rule create --type PATH --compare-type STARTS_WITH --value /images images -f json',
    'loadbalancer l7policy create --name moved --action REDIRECT_TO_URL --redirect-url https://new.example/ --redirect-http-code 301 http',
    'loadbalancer l7rule create --type HEADER --compare-type CONTAINS --key User-Agent --value old moved',
    'loadbalancer l7policy create --name none --action REJECT --position 1 http',
    'loadbalancer l7rule create --type COOKIE --compare-type EQUAL_TO --key bad --value 1 none',
    'loadbalancer l7policy list -f json',
    'loadbalancer l7policy show moved -f json',
    'loadbalancer l7rule list images -f json',
  )
  expect(policy).toMatchObject({ action: 'REDIRECT_TO_POOL', provisioning_status: 'ACTIVE' })
  expect(rule).toMatchObject({ type: 'PATH', value: '/images', invert: false })
  const [policies, moved, rules] = shown
  const positions = policies.map((each: Record<string, unknown>) => [each.name, each.position])
  expect(Object.fromEntries(positions)).toEqual({ none: 1, images: 2, moved: 3 })
  expect(moved).toMatchObject({ redirect_url: 'https://new.example/', redirect_http_code: 301 })
  expect(rules).toMatchObject([{ id: rule.id, compare_type: 'STARTS_WITH' }])

  const get = (path: string, headers: Record<string, string> = {}) =>
    ask(`http://web:8080${path}`, balancer.vip_address, { headers })
  await eventually('images come from their pool', async () => {
    return (await get('/images/a')).body.startsWith('images')
  })
  expect(await get('/', { 'user-agent': 'very old one' })).toMatchObject({
    status: 301,
    headers: { location: 'https://new.example/' },
  })
  expect(await get('/images/a', { cookie: 'bad=1' })).toMatchObject({ status: 403 })

  const [, changed, changedRule] = await site.openstack.run(
    'loadbalancer l7policy set --position 1 --disable moved',
    'loadbalancer l7policy set --redirect-prefix https://other.example images',
    `loadbalancer l7rule set --compare-type ENDS_WITH --value .jpg images ${rule.id}`,
    'loadbalancer l7policy list -f json',
    'loadbalancer l7policy show images -f json',
    `loadbalancer l7rule show images ${rule.id} -f json`,
  )
  expect(changed).toMatchObject({
    action: 'REDIRECT_PREFIX',
    redirect_prefix: 'https://other.example',
    redirect_pool_id: null,
    position: 3,
  })
  expect(changedRule).toMatchObject({ compare_type: 'ENDS_WITH', value: '.jpg', type: 'PATH' })
  await eventually('pictures are elsewhere', async () => {
    const { headers } = await get('/a.jpg?b=c')
    return headers.location === 'https://other.example/a.jpg?b=c'
  })
  expect(await get('/', { 'user-agent': 'very old one' })).toMatchObject({ status: 503 })

  const left = await site.openstack.run(
    `loadbalancer l7rule delete images ${rule.id}`,
    'loadbalancer l7rule list images -f json',
    'loadbalancer l7policy delete images',
    'loadbalancer l7policy delete moved',
    'loadbalancer l7policy delete none',
    'loadbalancer l7policy list -f json',
  )
  expect(left).toEqual([[], []])
})

test('every comparison is shown as it was sent, and holds for what it says', async () => {
  const listener = await createListener()
  const cases: [rule: object, fits: string[], fitsNot: string[]][] = [
    [{ type: 'PATH', compare_type: 'EQUAL_TO', value: '/a' }, ['/a'], ['/a/']],
    [{ type: 'PATH', compare_type: 'STARTS_WITH', value: '/b' }, ['/bc'], ['/a/b']],
    [{ type: 'PATH', compare_type: 'ENDS_WITH', value: '.c+' }, ['/x.c+'], ['/x.cc', '/.c+d']],
    [{ type: 'PATH', compare_type: 'CONTAINS', value: '(d' }, ['/(d)'], ['/d']],
    [{ type: 'PATH', compare_type: 'REGEX', value: '^/e[0-9]$' }, ['/e1'], ['/e']],
    [{ type: 'FILE_TYPE', compare_type: 'EQUAL_TO', value: 'f' }, ['/a.f'], ['/f', '/a.f/']],
    [{ type: 'HOST_NAME', compare_type: 'EQUAL_TO', value: 'g.example' }, ['//g.example'], ['/']],
    [{ type: 'HOST_NAME', compare_type: 'ENDS_WITH', value: '.h' }, ['//a.b.h'], ['//h']],
    [{ type: 'HEADER', key: 'X', compare_type: 'EQUAL_TO', value: 'i' }, ['/ X=i'], ['/ X=ii']],
    [{ type: 'HEADER', key: 'X', compare_type: 'STARTS_WITH', value: 'j' }, ['/ X=ja'], ['/ X=aj']],
    [{ type: 'HEADER', key: 'X', compare_type: 'ENDS_WITH', value: 'k' }, ['/ X=ak'], ['/ X=ka']],
    [{ type: 'HEADER', key: 'X', compare_type: 'CONTAINS', value: 'l' }, ['/ X=ala'], ['/ X=a']],
  ]
  for (const [rule] of cases) {
    const policy = await createPolicy(listener, { action: 'REJECT', rules: [rule] })
    const { body } = await site.ask('GET', `l7policies/${policy.id}/rules`)
    expect(body.rules).toMatchObject([rule])
  }
  const status = async (asked: string) => {
    const [target = '', field = 'X='] = asked.split(' ')
    const url = new URL(target, 'http://web')
    url.port = '8080'
    const [name = '', value = ''] = field.split('=')
    return (await ask(url.href, listener.address, { headers: { [name]: value } })).status
  }
  await eventually('the last policy is there', async () => (await status('/ X=ala')) === 403)
  for (const [, fits, fitsNot] of cases) {
    for (const asked of fits) expect([asked, await status(asked)]).toEqual([asked, 403])
    for (const asked of fitsNot) expect([asked, await status(asked)]).toEqual([asked, 200])
  }
})

test('policies go by their positions, but what rejects goes first, and then what redirects', async () => {
  const listener = await createListener()
  const rules = [{ type: 'PATH', compare_type: 'STARTS_WITH', value: '/' }]
  const pool = await createPolicy(listener, {
    action: 'REDIRECT_TO_POOL',
    redirect_pool: await poolOf('special'),
    rules,
  })
  const answer = async () => {
    const { status, headers, body } = await ask('http://web:8080/', listener.address)
    return status === 200 ? body.split(' ')[0] : (headers.location ?? status)
  }
  const answers = (wanted: unknown) =>
    eventually(`the answer is ${wanted}`, async () => (await answer()) === wanted)
  await answers('special')
  const redirect = { action: 'REDIRECT_TO_URL', rules }
  await createPolicy(listener, { ...redirect, redirect_url: 'http://a.example' })
  await answers('http://a.example')
  const second = await createPolicy(listener, {
    ...redirect,
    redirect_url: 'http://b.example:81/x?y',
    position: 2,
  })
  expect(second.position).toBe(2)
  await answers('http://b.example:81/x?y')
  const reject = await createPolicy(listener, { action: 'REJECT', rules })
  expect(reject.position).toBe(4)
  await answers(403)
  await site.ask('PUT', `l7policies/${reject.id}`, { l7policy: { admin_state_up: false } })
  await answers('http://b.example:81/x?y')
  await site.ask('DELETE', `l7policies/${second.id}`)
  await answers('http://a.example')
  const { body } = await site.ask('GET', 'l7policies?action=REJECT')
  expect(body.l7policies).toMatchObject([{ id: reject.id, position: 3 }])
  const { body: first } = await site.ask('GET', `l7policies/${pool.id}`)
  expect(first.l7policy.position).toBe(1)
})

test('a rule that is switched off does not count, and a policy without rules is for nobody', async () => {
  const listener = await createListener()
  const policy = await createPolicy(listener, { action: 'REJECT' })
  const rule = (value: string) => ({ type: 'PATH', compare_type: 'STARTS_WITH', value })
  await createRule(policy, rule('/a'))
  const { id } = await createRule(policy, rule('/a/b'))
  const status = (path: string) => site.status(`http://web:8080${path}`, listener.address)
  await eventually('both have to fit', async () => {
    return (await status('/a/b')) === 403 && (await status('/a')) === 200
  })
  const path = `l7policies/${policy.id}/rules`
  await site.ask('PUT', `${path}/${id}`, { rule: { admin_state_up: false } })
  await eventually('one is enough', async () => (await status('/a')) === 403)
  const { body } = await site.ask('GET', path)
  for (const each of body.rules) {
    await site.ask('PUT', `${path}/${each.id}`, { rule: { admin_state_up: false } })
  }
  await eventually('there is none left', async () => (await status('/a/b')) === 200)
})

test('what cannot be mapped is refused, and says why', async () => {
  const listener = await createListener()
  const policy = await createPolicy(listener, { action: 'REJECT' })
  const rules: [fields: object, message: string][] = [
    [{ type: 'SSL_CONN_HAS_CERT', compare_type: 'EQUAL_TO', value: 'x' }, "'rule.type'"],
    [{ type: 'PATH', compare_type: 'EQUAL_TO', value: '/', invert: true }, 'cannot be inverted'],
    [{ type: 'HOST_NAME', compare_type: 'REGEX', value: 'a' }, 'With HOST_NAME there is EQUAL_TO'],
    [{ type: 'HEADER', key: 'X', compare_type: 'REGEX', value: 'a' }, 'With HEADER there is'],
    [{ type: 'HEADER', key: 'X', compare_type: 'EQUAL_TO', value: 'a*' }, "'a*'"],
    [{ type: 'HEADER', compare_type: 'EQUAL_TO', value: 'a' }, "'key' is required"],
    [{ type: 'PATH', key: 'X', compare_type: 'EQUAL_TO', value: '/' }, "have no 'key'"],
    [{ type: 'PATH', compare_type: 'REGEX', value: '(a' }, "'(a' is not a regular expression"],
  ]
  for (const [rule, message] of rules) {
    const { status, body } = await site.ask('POST', `l7policies/${policy.id}/rules`, { rule })
    expect([rule, status, body.faultstring]).toEqual([rule, 400, expect.stringContaining(message)])
  }
  const policies: [fields: object, status: number, message: string][] = [
    [{ action: 'REDIRECT_TO_POOL' }, 400, "'redirect_pool_id' is required"],
    [{ action: 'REDIRECT_TO_POOL', redirect_pool_id: 'none' }, 404, 'pool none'],
    [{ action: 'REDIRECT_TO_URL', redirect_url: 'ftp://a' }, 400, 'URL of http or https'],
    [{ action: 'REDIRECT_TO_URL', redirect_url: 'http://a/$' + '{host}' }, 400, 'URL of http'],
    [{ action: 'REDIRECT_TO_URL', redirect_url: 'http://a:65536' }, 400, 'URL of http'],
    [{ action: 'REDIRECT_PREFIX', redirect_prefix: 'http://a/?b' }, 400, 'It has no query'],
    [{ action: 'REJECT', redirect_url: 'http://a/' }, 400, 'has no destination'],
    [{ action: 'REJECT', position: 0 }, 400, "'l7policy.position': 0"],
  ]
  for (const [fields, wanted, message] of policies) {
    const l7policy = { listener_id: listener.id, ...fields }
    const { status, body } = await site.ask('POST', 'l7policies', { l7policy })
    expect([fields, status, body.faultstring]).toEqual([
      fields,
      wanted,
      expect.stringContaining(message),
    ])
  }
})

test('a change of a policy keeps what it leaves out, and needs what its action needs', async () => {
  const listener = await createListener()
  const { id } = await createPolicy(listener, { action: 'REJECT' })
  const change = async (fields: object) => {
    const { status, body } = await site.ask('PUT', `l7policies/${id}`, { l7policy: fields })
    return status === 200 ? body.l7policy : status
  }
  expect(await change({ action: 'REDIRECT_TO_URL' })).toBe(400)
  const redirect_url = 'https://a.example/b?c=d'
  const redirect = { action: 'REDIRECT_TO_URL', redirect_url }
  expect(await change({ redirect_url })).toMatchObject({ ...redirect, redirect_http_code: 302 })
  expect(await change({ redirect_http_code: 307 })).toMatchObject(redirect)
  expect(await change({ name: 'x' })).toMatchObject({ ...redirect, redirect_http_code: 307 })
  expect(await change({ redirect_http_code: null })).toMatchObject({ redirect_http_code: 302 })
  expect(await change({ redirect_url: null })).toBe(400)
  const pool = { redirect_pool_id: listener.default_pool_id, redirect_url: null }
  expect(await change(pool)).toMatchObject({ ...pool, action: 'REDIRECT_TO_POOL' })
  expect(await change({ action: 'REJECT' })).toMatchObject({ redirect_pool_id: null })
})

test('a policy of a listener without priorities has no position, and stays one of the ELB API', async () => {
  const balancer = await site.createLoadBalancer('web')
  const huawei = new HuaweiClient(site.weir.api, undefined, 'a'.repeat(32))
  const listener = await huawei.create('listeners', 'listener', {
    loadbalancer_id: balancer.id,
    protocol: 'HTTP',
    protocol_port: 8080,
  })
  const { body } = await site.ask('POST', 'pools', {
    pool: { loadbalancer_id: balancer.id, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' },
  })
  const { id } = await huawei.create('l7policies', 'l7policy', {
    listener_id: listener.id,
    action: 'REDIRECT_TO_POOL',
    redirect_pool_id: body.pool.id,
  })
  const change = (fields: object) => site.ask('PUT', `l7policies/${id}`, { l7policy: fields })
  expect((await change({ name: 'renamed' })).status).toBe(200)
  expect(await change({ position: 1 })).toMatchObject({
    status: 409,
    body: { faultstring: expect.stringContaining('enhance_l7policy_enable') },
  })
  const { l7policy } = await huawei.put(`l7policies/${id}`, { l7policy: { description: 'x' } })
  expect(l7policy).toMatchObject({ name: 'renamed', priority: 0 })
})

test('the order that the ELB API gave policies stays when one gets another name here, or goes', async () => {
  const listener = await createListener()
  const huawei = new HuaweiClient(site.weir.api, undefined, 'a'.repeat(32))
  await huawei.put(`listeners/${listener.id}`, { listener: { enhance_l7policy_enable: true } })
  const create = async (priority: number, fields: object): Promise<string> => {
    const l7policy = { listener_id: listener.id, priority, ...fields }
    return (await huawei.create('l7policies', 'l7policy', l7policy)).id
  }
  const fixed = { action: 'FIXED_RESPONSE', fixed_response_config: { status_code: '503' } }
  const pool = { action: 'REDIRECT_TO_POOL', redirect_pool_id: listener.default_pool_id }
  const gone = await create(1, pool)
  const forwarding = await create(2, pool)
  const closed = await create(4, fixed)
  const change = { l7policy: { name: 'closed', admin_state_up: true } }
  expect((await site.ask('PUT', `l7policies/${closed}`, change)).status).toBe(200)
  expect((await site.ask('DELETE', `l7policies/${gone}`)).status).toBe(204)
  const shown = async (id: string) => (await huawei.get(`l7policies/${id}`)).l7policy
  expect(await shown(forwarding)).toMatchObject({ priority: 2, position: 1 })
  expect(await shown(closed)).toMatchObject({ name: 'closed', priority: 4, position: 2 })
})

test('what only the ELB API can compare is not changed here, but switched off and on', async () => {
  const listener = await createListener()
  const policy = await createPolicy(listener, { action: 'REJECT' })
  const huawei = new HuaweiClient(site.weir.api, undefined, 'a'.repeat(32))
  const path = `l7policies/${policy.id}/rules`
  for (const [fields, why] of [
    [{ type: 'METHOD', conditions: [{ value: 'PUT' }] }, 'its type is METHOD'],
    [{ type: 'QUERY_STRING', conditions: [{ key: 'a', value: 'b' }] }, 'its type is QUERY_STRING'],
    [{ type: 'PATH', conditions: [{ value: '/a' }, { value: '/b' }] }, 'it has 2 conditions'],
  ] as const) {
    const { id } = await huawei.create(path, 'rule', { compare_type: 'EQUAL_TO', ...fields })
    expect(await site.ask('PUT', `${path}/${id}`, { rule: { value: '/c' } })).toMatchObject({
      status: 400,
      body: { faultstring: expect.stringContaining(why) },
    })
    const off = { admin_state_up: false }
    expect((await site.ask('PUT', `${path}/${id}`, { rule: off })).status).toBe(200)
    const { rule } = await huawei.get(`${path}/${id}`)
    expect(rule).toMatchObject({ ...fields, ...off })
  }
})

test('a pool that a policy names stays; with its listener all policies and rules go', async () => {
  const listener = await createListener()
  const { redirect_pool_id } = await createPolicy(listener, {
    action: 'REDIRECT_TO_POOL',
    redirect_pool: await poolOf('special'),
    rules: [{ type: 'PATH', compare_type: 'STARTS_WITH', value: '/' }],
  })
  expect((await site.ask('DELETE', `pools/${redirect_pool_id}`)).status).toBe(409)
  expect((await site.ask('DELETE', `listeners/${listener.id}`)).status).toBe(204)
  expect((await site.ask('GET', 'l7policies')).body.l7policies).toEqual([])
  expect((await site.ask('DELETE', `pools/${redirect_pool_id}`)).status).toBe(204)
})
