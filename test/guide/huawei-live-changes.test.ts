/** A listener of Table 1 that is changed while it serves: whose requests notice, and that nobody's fail. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listenerFields } from '../../src/huawei/elb/listeners/schema.ts'
import { CertificateAuthority } from '../support/certificate-authority.ts'
import type { Answer } from '../support/huawei.ts'
import { HuaweiApi, type TestProject } from '../support/huawei-api.ts'
import { HuaweiEngine, listenerPort } from '../support/huawei-engine.ts'
import { eventually, Origin, type Peer } from '../support/peer.ts'
import { ok } from '../support/serving.ts'

const otherPort = listenerPort + 1

const running = new AsyncDisposableStack()
let project: TestProject
let authority: CertificateAuthority
let listener: Answer
let serving: HuaweiEngine
/** Answers the request that a member holds back; null: there is none. */
let release: (() => void) | null = null

/** Members answer with their name; `/held` they answer when they are told to. */
const member = (name: string) =>
  Origin.start((peer) => {
    let answered = 0
    peer.socket.on('data', () => {
      const heads = peer.received.split('\r\n\r\n').slice(answered, -1)
      answered += heads.length
      for (const head of heads) {
        const answer = () => peer.send(ok(name))
        if (head.startsWith('GET /held')) release = answer
        else answer()
      }
    })
  })

beforeAll(async () => {
  const api = running.use(await HuaweiApi.start())
  project = api.project()
  authority = await CertificateAuthority.create()
  const balancer = await project.balancer(await api.subnet())
  const origin = running.use(await member('one'))
  const fields = { protocol: 'HTTPS', default_tls_container_ref: await certificate() }
  listener = await project.listener(balancer, { ...fields, protocol_port: listenerPort })
  const other = await project.listener(balancer, { ...fields, protocol_port: otherPort })
  const pool = await groupOf(origin)
  await put(other.id, { default_pool_id: pool })
  listener = await put(listener.id, { default_pool_id: pool })
  serving = running.use(await HuaweiEngine.start(api, project))
})
afterAll(() => running.disposeAsync())

async function put(id: string, fields: object): Promise<Answer> {
  return (await project.put(`listeners/${id}`, { listener: fields })).listener
}

async function set(fields: object): Promise<void> {
  await put(listener.id, fields)
  await serving.update()
}

/** @returns the id of a backend server group with that member */
async function groupOf({ host, port }: Origin): Promise<string> {
  const { id } = await project.pool()
  await project.create(`pools/${id}/members`, 'member', { address: host, protocol_port: port })
  return id
}

async function certificate(name = 'www.example.com'): Promise<string> {
  const { certificate: pem, privateKey } = await authority.server({ names: [name] })
  const fields = { certificate: pem, private_key: privateKey, domain: name }
  return (await project.create('certificates', 'certificate', fields)).id
}

async function clientCa(): Promise<string> {
  const fields = { type: 'client', certificate: authority.certificate }
  return (await project.create('certificates', 'certificate', fields)).id
}

async function everybody(): Promise<object> {
  const ip_list = [{ ip: '0.0.0.0/0' }]
  const { id } = await project.create('ipgroups', 'ipgroup', { ip_list })
  return { ipgroup_id: id, type: 'black' }
}

async function onlyTls13(): Promise<string> {
  const fields = { protocols: ['TLSv1.3'], ciphers: ['TLS_AES_128_GCM_SHA256'] }
  return (await project.create('security-policies', 'security_policy', fields)).id
}

async function another(): Promise<string> {
  return groupOf(running.use(await member('two')))
}

interface Change {
  /** What the property becomes. */
  readonly to: () => unknown
  /** What comes of connections that are made afterwards; absent: they are served. */
  readonly fresh?: 'refused'
  /** What comes of the next request of a connection that stands, besides being answered. */
  readonly next?: RegExp
}

const changes: Readonly<Record<string, Change>> = {
  name: { to: () => 'n'.repeat(255) },
  description: { to: () => '\u4f60'.repeat(255) },
  default_pool_id: { to: another, next: /two$/ },
  default_tls_container_ref: { to: certificate },
  client_ca_tls_container_ref: { to: clientCa, fresh: 'refused' },
  sni_container_refs: { to: async () => [await certificate('sni.example.com')] },
  sni_match_algo: { to: () => 'longest_suffix' },
  http2_enable: { to: () => true },
  insert_headers: { to: () => ({ 'X-Forwarded-ELB-IP': true, 'X-Forwarded-Host': false }) },
  tls_ciphers_policy: { to: () => 'tls-1-2-fs-with-1-3' },
  security_policy_id: { to: onlyTls13, fresh: 'refused' },
  enable_member_retry: { to: () => false },
  keepalive_timeout: { to: () => 0, next: /\r\nConnection: close\r\n/ },
  client_timeout: { to: () => 1 },
  member_timeout: { to: () => 300 },
  ipgroup: { to: everybody, fresh: 'refused' },
  enhance_l7policy_enable: { to: () => true },
  protection_status: { to: () => 'consoleProtection' },
  protection_reason: { to: () => 'it serves' },
}

/** Those that can only be on, and of TLS listeners. */
const fixed = ['admin_state_up', 'transparent_client_ip_enable', 'proxy_protocol_enable']

/** What cannot be set back. */
const lasting = ['enhance_l7policy_enable']

test('every property that can be changed is here', () => {
  expect([...Object.keys(changes), ...fixed].sort()).toEqual(
    Object.keys(listenerFields.shape).sort(),
  )
})

async function ask(client: Peer, path = '/'): Promise<string> {
  client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await client.until(/\r\n\r\n(one|two)$/)
  return client.take()
}

const connect = (port?: number) => serving.connectTls({ maxVersion: 'TLSv1.2' }, port)

/** Requests of another listener, one after the other, on a connection that stands and on new ones. */
class Others implements AsyncDisposable {
  #over = false
  #answered = 0
  readonly #asking = this.#ask()

  async #ask(): Promise<void> {
    await using standing = await connect(otherPort)
    while (!this.#over) {
      await using fresh = await connect(otherPort)
      for (const client of [standing, fresh]) {
        expect(await ask(client)).toMatch(/^HTTP\/1\.1 200 /)
        this.#answered += 1
      }
    }
  }

  /** Resolves when so many more have been answered; rejects when one is not. */
  async answered(more: number): Promise<void> {
    const enough = this.#answered + more
    await Promise.race([this.#asking, eventually(() => this.#answered >= enough)])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    await this.#asking
  }
}

/** @returns what comes of a connection that is made now */
async function freshly(): Promise<string> {
  try {
    await using client = await connect()
    return await ask(client)
  } catch {
    return 'refused'
  }
}

test.each(Object.entries(changes))(
  '%s: requests in flight, of connections that stand, and of other listeners are answered',
  async (property, { to, fresh, next = /one$/ }) => {
    await using others = new Others()
    await using standing = await connect()
    await using waiting = await connect()
    await ask(standing)
    const held = ask(waiting, '/held')
    await eventually(() => release !== null)
    const value = await to()
    await others.answered(2)
    await set({ [property]: value })
    await others.answered(4)
    release?.()
    release = null
    expect(await held).toMatch(/^HTTP\/1\.1 200 [\s\S]*one$/)
    const answer = await ask(standing)
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer).toMatch(next)
    expect(await freshly()).toMatch(fresh ?? /^HTTP\/1\.1 200 /)
    if (!lasting.includes(property)) await set({ [property]: listener[property] })
  },
)
