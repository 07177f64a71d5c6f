import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLogBucket } from '../../../test/support/buckets.ts'
import { selfSigned } from '../../../test/support/certificate-authority.ts'
import type { Answer } from '../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../test/support/huawei-api.ts'

let api: HuaweiApi
let document: Answer
let operations: Answer[]

beforeAll(async () => {
  api = await HuaweiApi.start()
  document = await (await fetch(`${api.api.url}/v3/openapi.json`)).json()
  operations = Object.values(document.paths).flatMap((path) => Object.values(path as Answer))
})
afterAll(() => api[Symbol.asyncDispose]())

it('is an OpenAPI document', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document))).toMatchObject({ valid: true })
  expect(JSON.stringify(validator.resolveRefs())).not.toContain('"$ref"')
})

it('has each operation under a name of its own', () => {
  const names = operations.map(({ operationId }) => operationId)
  expect(new Set(names).size).toBe(names.length)
})

it('has the bounds by which requests are read', () => {
  const { post, get } = document.paths['/v3/{project_id}/elb/listeners']
  const { schema } = post.requestBody.content['application/json']
  const { listener } = schema.properties
  expect(listener.required).toEqual(['loadbalancer_id', 'protocol', 'protocol_port'])
  expect(listener.additionalProperties).toBe(false)
  expect(listener.properties.keepalive_timeout).toMatchObject({ minimum: 0, maximum: 4000 })
  expect(listener.properties.description).toMatchObject({ type: 'string', maxLength: 255 })
  const parameters = new Map(get.parameters.map((one: Answer) => [one.name, one.schema]))
  expect(parameters.get('protocol_port')).toEqual({ type: 'array', items: text })
  expect(parameters.get('limit')).toMatchObject({ type: 'integer', minimum: 0, maximum: 2000 })
})

it('has what is answered, and what is refused', () => {
  const { get } = document.paths['/v3/{project_id}/elb/listeners/{listener_id}']
  expect(get.responses['200'].content['application/json'].schema).toEqual({
    type: 'object',
    properties: { listener: { $ref: '#/components/schemas/Listener' }, request_id: text },
    required: ['listener', 'request_id'],
    additionalProperties: false,
  })
  expect(get.responses['404'].content['application/json'].schema).toEqual({
    $ref: '#/components/schemas/Error',
  })
  expect(document.components.schemas.Error.properties).toEqual({
    error_code: text,
    error_msg: text,
    request_id: text,
  })
  const token = document.paths['/v3/auth/tokens'].post.responses
  expect(token['201'].headers).toHaveProperty('X-Subject-Token')
  expect(token['401'].content['application/json'].schema).toEqual({
    $ref: '#/components/schemas/IdentityError',
  })
})

const text = { type: 'string' }

it('every operation answers as it says', async () => {
  const project = api.project()
  await askKeystone()
  await askWhatIsThere(project)
  const balancer = await project.balancer(await api.subnet(), { publicip: eip })
  await askListeners(project, balancer)
  await askGroups(project, balancer)
  await askPolicies(project, balancer)
  await askLogConfigurations(project, balancer)
  await askBalancers(project, balancer)
  const described = operations.map(({ operationId }) => operationId)
  expect([...api.done].sort()).toEqual(described.sort())
})

const eip = { network_type: '5_bgp', bandwidth: { size: 5 } }

async function askKeystone(): Promise<void> {
  const user = { name: 'a', domain: { name: 'd' }, password: 'p' }
  const identity = { methods: ['password'], password: { user } }
  const ask = async (path: string, options: RequestInit = {}) => {
    const answer = await fetch(api.api.url + path, options)
    expect([path, answer.ok, await answer.text()]).toEqual([path, true, expect.any(String)])
    return answer.headers.get('x-subject-token') ?? ''
  }
  const login = (scope: object | string) =>
    ask('/v3/auth/tokens', { method: 'POST', body: JSON.stringify({ auth: { identity, scope } }) })
  for (const scope of ['unscoped', { project: { name: 'b' } }]) {
    const token = await login(scope)
    await ask('/v3/auth/tokens', { headers: { 'x-auth-token': token, 'x-subject-token': token } })
  }
  for (const path of ['', '/projects?name=b', '/auth/projects', '/auth/domains', '/auth/catalog']) {
    await ask(`/v3${path}`)
  }
  await ask(`/v3/projects/${'0'.repeat(32)}`)
}

async function askWhatIsThere(project: TestProject): Promise<void> {
  await fetch(`${api.api.url}/versions`)
  for (const path of ['quotas', 'quotas/details', 'availability-zones']) await project.get(path)
  await project.get('system-security-policies')
  const { flavors } = await project.get('flavors', { limit: 1 })
  await project.get(`flavors/${flavors[0].id}`)
}

/** Lists, shows and changes what was made. */
async function askAll(
  project: TestProject,
  path: string,
  singular: string,
  { id }: Answer,
  change: object = { name: 'changed' },
): Promise<void> {
  await project.get(path, { limit: 1 })
  await project.get(`${path}/${id}`)
  await project.put(`${path}/${id}`, { [singular]: change })
}

async function askListeners(project: TestProject, balancer: Answer): Promise<void> {
  const { certificate, privateKey } = await selfSigned({ names: ['a.example'], key: 'RSA-2048' })
  const fields = { certificate, private_key: privateKey }
  const served = await project.create('certificates', 'certificate', fields)
  await askAll(project, 'certificates', 'certificate', served)
  const policy = await project.create('security-policies', 'security_policy', {
    protocols: ['TLSv1.2'],
    ciphers: ['AES128-GCM-SHA256'],
  })
  await askAll(project, 'security-policies', 'security_policy', policy)
  const group = await project.create('ipgroups', 'ipgroup', { ip_list: [{ ip: '10.0.0.0/8' }] })
  await askAll(project, 'ipgroups', 'ipgroup', group)
  const list = { ipgroup: { ip_list: [{ ip: '10.0.0.1' }] } }
  await project.post(`ipgroups/${group.id}/iplist/create-or-update`, list)
  await project.post(`ipgroups/${group.id}/iplist/batch-delete`, list)
  const secure = await project.listener(balancer, {
    protocol: 'HTTPS',
    protocol_port: 443,
    default_tls_container_ref: served.id,
    security_policy_id: policy.id,
    ipgroup: { ipgroup_id: group.id },
    tags: [{ key: 'a', value: 'b' }],
  })
  await askAll(project, 'listeners', 'listener', secure)
  for (const path of ['certificates', 'security-policies', 'ipgroups']) await project.get(path)
  await project.delete(`listeners/${secure.id}`)
  await project.delete(`certificates/${served.id}`)
  await project.delete(`security-policies/${policy.id}`)
  await project.delete(`ipgroups/${group.id}`)
  const { id } = await project.listener(balancer, { protocol: 'TCP', protocol_port: 22 })
  await project.get(`listeners/${id}`)
  await project.delete(`listeners/${id}/force`)
}

async function askGroups(project: TestProject, balancer: Answer): Promise<void> {
  const { id: listener_id } = await project.listener(balancer)
  const session_persistence = { type: 'HTTP_COOKIE', persistence_timeout: 5 }
  const pool = await project.pool({ listener_id, session_persistence })
  await askAll(project, 'pools', 'pool', pool)
  const path = `pools/${pool.id}/members`
  const member = await project.create(path, 'member', { address: '10.0.0.1', protocol_port: 80 })
  const monitor = await project.create('healthmonitors', 'healthmonitor', {
    ...{ pool_id: pool.id, type: 'HTTP', delay: 5, timeout: 3, max_retries: 3 },
  })
  await askAll(project, 'healthmonitors', 'healthmonitor', monitor)
  // One that fails its checks says why.
  const check = `huawei/${project.id}/${pool.id}/${member.id}`
  const last = { at: 0, passed: false, detail: 'answered 503' }
  api.health.set(check, { check, state: 'unhealthy', last })
  await askAll(project, path, 'member', member)
  await project.get('members')
  await project.get(`loadbalancers/${balancer.id}/statuses`)
  const { members } = await project.post(`${path}/batch-add`, {
    members: [{ address: '::1', protocol_port: 80 }],
  })
  await project.post(`${path}/batch-update`, { members: [{ id: members[0].id, weight: 0 }] })
  await project.post(`${path}/batch-delete`, { members: [{ id: members[0].id }] })
  await project.delete(`${path}/${member.id}`)
  await project.delete(`healthmonitors/${monitor.id}`)
  await project.put(`listeners/${listener_id}`, { listener: { default_pool_id: null } })
  await project.delete(`pools/${pool.id}`)
  await project.delete(`pools/${(await project.pool()).id}/delete-cascade`)
}

async function askPolicies(project: TestProject, balancer: Answer): Promise<void> {
  const advanced = { protocol_port: 8080, enhance_l7policy_enable: true }
  const { id: listener_id } = await project.listener(balancer, advanced)
  const policy = await project.create('l7policies', 'l7policy', {
    ...{
      listener_id,
      action: 'REDIRECT_TO_URL',
      redirect_url_config: { status_code: '301', host: 'a' },
    },
  })
  await askAll(project, 'l7policies', 'l7policy', policy)
  const priority = { id: policy.id, priority: 7 }
  await project.post('l7policies/batch-update-priority', { l7policies: [priority] })
  const path = `l7policies/${policy.id}/rules`
  const fields = { type: 'PATH', compare_type: 'EQUAL_TO', value: '/a' }
  const rule = await project.create(path, 'rule', fields)
  await askAll(project, path, 'rule', rule, { value: '/b' })
  await project.get(`loadbalancers/${balancer.id}/statuses`)
  await project.delete(`${path}/${rule.id}`)
  await project.delete(`l7policies/${policy.id}`)
}

async function askLogConfigurations(project: TestProject, { id }: Answer): Promise<void> {
  await createLogBucket(api.api.buckets, 'my-logs')
  const fields = { loadbalancer_id: id, log_group_id: 'my-logs', log_topic_id: 'a' }
  const tank = await project.create('logtanks', 'logtank', fields)
  await askAll(project, 'logtanks', 'logtank', tank, { log_topic_id: 'b' })
  await project.delete(`logtanks/${tank.id}`)
}

async function askBalancers(project: TestProject, balancer: Answer): Promise<void> {
  await askAll(project, 'loadbalancers', 'loadbalancer', balancer)
  const others = [
    await project.balancer(await api.subnet()),
    await project.balancer(await api.subnet()),
  ]
  await project.delete(`loadbalancers/${others[0]?.id}`)
  await project.post(`loadbalancers/${others[1]?.id}/delete-cascade`, { loadbalancer: {} })
  await project.delete(`loadbalancers/${balancer.id}/force-elb`)
}
