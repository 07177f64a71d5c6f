import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CertificateAuthority, selfSigned } from '../../../../test/support/certificate-authority.ts'
import { type Answer, refusal } from '../../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../../test/support/huawei-api.ts'

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

async function serverCertificate(names = ['www.example.com'], key: 'P-256' | 'RSA-2048' = 'P-256') {
  const { certificate, privateKey } = await selfSigned({ names, key })
  return project.create('certificates', 'certificate', {
    certificate,
    private_key: privateKey,
    domain: names.join(','),
  })
}

async function https(fields: object = {}): Promise<Answer> {
  const { id } = await serverCertificate()
  return project.listener(balancer, {
    protocol: 'HTTPS',
    protocol_port: 443,
    default_tls_container_ref: id,
    ...fields,
  })
}

describe('a listener that is created', () => {
  it('has the defaults of its protocol', async () => {
    expect(await https()).toMatchObject({
      name: '',
      description: '',
      admin_state_up: true,
      project_id: project.id,
      loadbalancers: [{ id: balancer.id }],
      default_pool_id: null,
      client_ca_tls_container_ref: null,
      sni_container_refs: [],
      sni_match_algo: 'wildcard',
      http2_enable: false,
      tls_ciphers_policy: 'tls-1-2',
      security_policy_id: null,
      enable_member_retry: true,
      keepalive_timeout: 60,
      client_timeout: 60,
      member_timeout: 60,
      ipgroup: null,
      transparent_client_ip_enable: true,
      enhance_l7policy_enable: false,
      connection_limit: -1,
      tags: [],
      created_at: '2024-06-20T08:00:00Z',
      insert_headers: { 'X-Forwarded-ELB-IP': false, 'X-Forwarded-Host': true },
    })
    expect(await project.listener(balancer, { protocol: 'TCP' })).toMatchObject({
      keepalive_timeout: 300,
      client_timeout: null,
      member_timeout: null,
      enable_member_retry: null,
      tls_ciphers_policy: null,
      insert_headers: {},
    })
  })

  it('is shown as it was created', async () => {
    const listener = await https({ name: 'one', tags: [{ key: 'a', value: 'b' }] })
    const shown = await project.get(`listeners/${listener.id}`)
    expect(shown.listener).toEqual(listener)
    expect(shown.request_id).toMatch(/^[0-9a-f]{32}$/)
  })

  it('with protocol TERMINATED_HTTPS is an HTTPS listener', async () => {
    expect(await https({ protocol: 'TERMINATED_HTTPS' })).toMatchObject({ protocol: 'HTTPS' })
  })
})

describe('bounds', () => {
  const within: [string, object][] = [
    ['name of 255 characters', { name: 'n'.repeat(255) }],
    ['description of 255 characters', { description: 'd'.repeat(255) }],
    ['port 1', { protocol_port: 1 }],
    ['port 65535', { protocol_port: 65_535 }],
    ['keepalive_timeout 0', { keepalive_timeout: 0 }],
    ['keepalive_timeout 4000', { keepalive_timeout: 4000 }],
    ['client_timeout 1', { client_timeout: 1 }],
    ['client_timeout 300', { client_timeout: 300 }],
    ['member_timeout 1', { member_timeout: 1 }],
    ['member_timeout 300', { member_timeout: 300 }],
  ]
  it.each(within)('%s is taken', async (_, fields) => {
    expect(await project.listener(balancer, fields)).toMatchObject(fields)
  })

  const beyond: [string, object][] = [
    ['name', { name: 'n'.repeat(256) }],
    ['description', { description: 'd'.repeat(256) }],
    ['protocol_port', { protocol_port: 0 }],
    ['protocol_port', { protocol_port: 65_536 }],
    ['protocol_port', { protocol_port: '80' }],
    ['protocol', { protocol: 'UDP' }],
    ['keepalive_timeout', { keepalive_timeout: -1 }],
    ['keepalive_timeout', { keepalive_timeout: 4001 }],
    ['keepalive_timeout', { protocol: 'TCP', keepalive_timeout: 9 }],
    ['client_timeout', { client_timeout: 0 }],
    ['client_timeout', { client_timeout: 301 }],
    ['member_timeout', { member_timeout: 0 }],
    ['member_timeout', { member_timeout: 301 }],
    ['admin_state_up', { admin_state_up: false }],
    ['transparent_client_ip_enable', { transparent_client_ip_enable: false }],
    ['insert_headers.X-Forwarded-ELB-IP', { insert_headers: { 'X-Forwarded-ELB-IP': 'yes' } }],
    ['gzip_enable', { gzip_enable: true }],
  ]
  it.each(beyond)('%s beyond is refused by its name: %j', async (name, fields) => {
    const { status, code, message } = await refusal(project.listener(balancer, fields))
    expect([status, code]).toEqual([400, 'ELB.8902'])
    expect(message).toContain(`${name}'`)
  })

  it('an attribute that does not exist is refused by its name', async () => {
    expect(await refusal(project.listener(balancer, { colour: 'red' }))).toMatchObject({
      code: 'ELB.8902',
      message: expect.stringContaining("'listener.colour'"),
    })
  })

  it('what is required and missing is refused by its name', async () => {
    const creation = project.create('listeners', 'listener', {
      protocol: 'HTTP',
      protocol_port: 80,
    })
    expect((await refusal(creation)).message).toBe(
      "Attribute 'listener.loadbalancer_id' is required",
    )
  })
})

describe('the protocol', () => {
  it('refuses what only HTTP has with TCP', async () => {
    const fields = { protocol: 'TCP', client_timeout: 60, member_timeout: 60 }
    expect(await refusal(project.listener(balancer, fields))).toEqual({
      status: 400,
      code: 'ELB.8901',
      message:
        "Only [ HTTP, HTTPS ] listeners support 'client_timeout' and 'member_timeout' attribute",
    })
  })

  it('refuses certificates with HTTP, and takes them as null or []', async () => {
    const { id } = await serverCertificate()
    const refused = project.listener(balancer, { default_tls_container_ref: id })
    expect((await refusal(refused)).code).toBe('ELB.8901')
    await project.listener(balancer, { default_tls_container_ref: null, sni_container_refs: [] })
  })

  it('HTTPS needs a server certificate, and for mutual authentication a CA certificate', async () => {
    const without = project.listener(balancer, { protocol: 'HTTPS', protocol_port: 443 })
    expect((await refusal(without)).message).toContain("'default_tls_container_ref' is required")
    const root = await CertificateAuthority.create()
    const ca = await project.create('certificates', 'certificate', {
      type: 'client',
      certificate: root.certificate,
    })
    expect(await https({ client_ca_tls_container_ref: ca.id })).toMatchObject({
      client_ca_tls_container_ref: ca.id,
    })
    const asServer = { protocol_port: 444, default_tls_container_ref: ca.id }
    expect((await refusal(https(asServer))).message).toContain('type server is needed')
    const { id } = await serverCertificate()
    const asCa = { protocol_port: 444, client_ca_tls_container_ref: id }
    expect((await refusal(https(asCa))).message).toContain('type client is needed')
  })

  it('decides which pools fit', async () => {
    const tcp = await project.pool({ protocol: 'TCP' })
    expect(await refusal(project.listener(balancer, { default_pool_id: tcp.id }))).toMatchObject({
      status: 409,
      code: 'ELB.8907',
    })
    const encrypted = await project.pool({ protocol: 'HTTPS' })
    expect(await https({ default_pool_id: encrypted.id })).toMatchObject({
      default_pool_id: encrypted.id,
    })
  })
})

describe('what a listener names', () => {
  it.each([
    ['loadbalancer', { loadbalancer_id: 'none' }],
    ['pool', { default_pool_id: 'none' }],
    ['ipgroup', { ipgroup: { ipgroup_id: 'none' } }],
  ])('has to be there: %s', async (noun, fields) => {
    expect(await refusal(project.listener(balancer, fields))).toEqual({
      status: 404,
      code: 'ELB.8904',
      message: `${noun} none could not be found.`,
    })
  })

  it('SNI certificates keep domains that go together', async () => {
    const names = ['a.example.com', 'b.example.com']
    const { certificate, privateKey: private_key } = await selfSigned({ names })
    const [one, two] = await Promise.all(
      names.map((domain) =>
        project.create('certificates', 'certificate', { certificate, private_key, domain }),
      ),
    )
    const listener = await https({ sni_container_refs: [one.id, two.id] })
    const change = (fields: object) =>
      project.put(`certificates/${two.id}`, { certificate: fields })
    expect((await refusal(change({ domain: 'a.example.com' }))).code).toBe('ELB.8907')
    expect((await refusal(change({ domain: null }))).message).toContain('has no domain')
    await change({ name: 'renamed' })
    await project.put(`listeners/${listener.id}`, { listener: { sni_container_refs: [one.id] } })
    await change({ domain: 'a.example.com' })
  })

  it('a pool fits its load balancer: members without a subnet need ip_target_enable', async () => {
    const closed = await project.balancer(await api.subnet(), { ip_target_enable: false })
    const pool = await project.pool()
    const member = { address: '127.0.0.1', protocol_port: 80 }
    await project.create(`pools/${pool.id}/members`, 'member', member)
    const code = 'ELB.8939'
    const creation = project.listener(closed, { default_pool_id: pool.id })
    expect(await refusal(creation)).toMatchObject({ status: 400, code })
    const listener = await project.listener(closed)
    const change = { listener: { default_pool_id: pool.id } }
    expect((await refusal(project.put(`listeners/${listener.id}`, change))).code).toBe(code)
    const policy = {
      listener_id: listener.id,
      action: 'REDIRECT_TO_POOL',
      redirect_pool_id: pool.id,
    }
    expect((await refusal(project.create('l7policies', 'l7policy', policy))).code).toBe(code)
    const owned = await project.pool({ loadbalancer_id: balancer.id })
    const foreign = project.listener(closed, { protocol_port: 81, default_pool_id: owned.id })
    expect((await refusal(foreign)).message).toContain('belongs to load balancer')
  })

  it('a port is taken once on a load balancer', async () => {
    await project.listener(balancer)
    expect(await refusal(project.listener(balancer, { protocol: 'TCP' }))).toMatchObject({
      status: 409,
      code: 'ELB.8907',
    })
    const other = await project.balancer(await api.subnet())
    await project.listener(other)
  })

  it('SNI: up to 50 certificates, each with a domain; a domain with one RSA and one ECC key', async () => {
    const [ecc, rsa, again] = [
      await serverCertificate(['a.example.com']),
      await serverCertificate(['a.example.com'], 'RSA-2048'),
      await serverCertificate(['a.example.com']),
    ]
    const both = await https({ sni_container_refs: [ecc.id, rsa.id] })
    expect(both.sni_container_refs).toEqual([ecc.id, rsa.id])
    const twice = { protocol_port: 444, sni_container_refs: [ecc.id, again.id] }
    expect((await refusal(https(twice))).code).toBe('ELB.8907')
    const many = { protocol_port: 444, sni_container_refs: Array(51).fill(ecc.id) }
    expect((await refusal(https(many))).code).toBe('ELB.8902')
    const { certificate, privateKey } = await selfSigned()
    const nameless = await project.create('certificates', 'certificate', {
      certificate,
      private_key: privateKey,
    })
    const unfindable = { protocol_port: 444, sni_container_refs: [nameless.id] }
    expect((await refusal(https(unfindable))).message).toContain('has no domain')
  })
})

describe('an update', () => {
  it('changes what is sent, and leaves what is absent', async () => {
    const pool = await project.pool()
    const group = await project.create('ipgroups', 'ipgroup', { ip_list: [] })
    const listener = await project.listener(balancer, {
      name: 'before',
      default_pool_id: pool.id,
      ipgroup: { ipgroup_id: group.id, type: 'black' },
      insert_headers: { 'X-Forwarded-ELB-IP': true },
    })
    api.clock.advance(5000)
    const updated = await project.put(`listeners/${listener.id}`, { listener: { name: 'after' } })
    expect(updated.listener).toEqual({
      ...listener,
      name: 'after',
      updated_at: expect.not.stringMatching(listener.updated_at),
    })
  })

  it('takes null for what can be without: the pool, the CA certificate, the IP group', async () => {
    const root = await CertificateAuthority.create()
    const ca = await project.create('certificates', 'certificate', {
      type: 'client',
      certificate: root.certificate,
    })
    const pool = await project.pool()
    const group = await project.create('ipgroups', 'ipgroup', { ip_list: [] })
    const set = {
      default_pool_id: pool.id,
      client_ca_tls_container_ref: ca.id,
      ipgroup: { ipgroup_id: group.id },
    }
    const listener = await https(set)
    expect(listener.ipgroup).toEqual({ ipgroup_id: group.id, enable_ipgroup: true, type: 'white' })
    const cleared = {
      default_pool_id: null,
      client_ca_tls_container_ref: null,
      ipgroup: null,
      sni_container_refs: [],
    }
    const answer = await project.put(`listeners/${listener.id}`, { listener: cleared })
    expect(answer.listener).toMatchObject(cleared)
    const shown = await project.get(`listeners/${listener.id}`)
    expect(shown.listener).toMatchObject(cleared)
  })

  it('switches an IP group off and keeps it bound', async () => {
    const group = await project.create('ipgroups', 'ipgroup', { ip_list: [] })
    const listener = await project.listener(balancer, {
      ipgroup: { ipgroup_id: group.id, type: 'black' },
    })
    const change = { listener: { ipgroup: { enable_ipgroup: false } } }
    expect((await project.put(`listeners/${listener.id}`, change)).listener.ipgroup).toEqual({
      ipgroup_id: group.id,
      enable_ipgroup: false,
      type: 'black',
    })
  })

  it.each(['protocol', 'protocol_port', 'loadbalancer_id'])('does not change %s', async (name) => {
    const listener = await project.listener(balancer)
    const change = project.put(`listeners/${listener.id}`, { listener: { [name]: listener[name] } })
    expect(await refusal(change)).toMatchObject({
      code: 'ELB.8902',
      message: expect.stringContaining(`'listener.${name}'`),
    })
  })

  it('does not take null for what there always is', async () => {
    const listener = await https()
    for (const name of ['name', 'keepalive_timeout', 'default_tls_container_ref']) {
      const change = project.put(`listeners/${listener.id}`, { listener: { [name]: null } })
      expect([name, (await refusal(change)).code]).toEqual([name, 'ELB.8902'])
    }
  })

  it('does not go back from advanced forwarding', async () => {
    const listener = await project.listener(balancer, { enhance_l7policy_enable: true })
    const change = { listener: { enhance_l7policy_enable: false } }
    expect((await refusal(project.put(`listeners/${listener.id}`, change))).code).toBe('ELB.8902')
  })
})

describe('deleting', () => {
  it('waits until the pool has no members, and the policies are gone', async () => {
    const listener = await project.listener(balancer)
    const pool = await project.pool({ listener_id: listener.id })
    const member = { address: '127.0.0.1', protocol_port: 80 }
    const { id } = await project.create(`pools/${pool.id}/members`, 'member', member)
    expect((await refusal(project.delete(`listeners/${listener.id}`))).code).toBe('ELB.8907')
    await project.delete(`pools/${pool.id}/members/${id}`)
    await project.delete(`listeners/${listener.id}`)
    expect((await refusal(project.get(`listeners/${listener.id}`))).status).toBe(404)
    expect((await project.get(`pools/${pool.id}`)).pool.listeners).toEqual([])
  })

  it('by force takes the pool and its members along', async () => {
    const listener = await project.listener(balancer)
    const pool = await project.pool({ listener_id: listener.id })
    const member = { address: '127.0.0.1', protocol_port: 80 }
    await project.create(`pools/${pool.id}/members`, 'member', member)
    await project.delete(`listeners/${listener.id}/force`)
    expect((await project.get('pools')).pools).toEqual([])
    expect((await project.get('members')).members).toEqual([])
  })

  it('is refused while the listener is protected', async () => {
    const listener = await project.listener(balancer, { protection_status: 'consoleProtection' })
    expect((await refusal(project.delete(`listeners/${listener.id}`))).code).toBe('ELB.8907')
  })
})
