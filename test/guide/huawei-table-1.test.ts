/** The rows of Table 1, "Parameters for configuring an HTTPS listener", on traffic. What is beyond their bounds is refused: listeners.test.ts. */
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CertificateAuthority } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import { Backend, HuaweiSite, httpsPort } from '../support/huawei-site.ts'
import { Peer } from '../support/peer.ts'
import { ask } from '../support/web-client.ts'
import { Weir } from '../support/weir.ts'

const running = new AsyncDisposableStack()
let weir: Weir
let site: HuaweiSite
let one: Backend
let two: Backend

beforeAll(async () => {
  // One thread: what a change does is seen by all connections from the same moment on.
  weir = running.use(await Weir.start({ args: ['--threads', '1'] }))
  site = await HuaweiSite.create(weir)
  one = running.use(await Backend.start('one'))
  two = running.use(await Backend.start('two'))
})
afterEach(async () => {
  for (const backend of [one, two]) {
    backend.answer = (_, response) => response.end(backend.name)
    backend.requests.length = 0
  }
  await site.reset()
})
afterAll(() => running.disposeAsync())

/** Waits until the site answers as is wanted. */
async function answers(expected: object, path?: string, options?: Parameters<typeof ask>[2]) {
  await eventually(`the answer ${JSON.stringify(expected)}`, async () => {
    const answer = await site.get(path, options)
    return Object.entries(expected).every(
      ([name, value]) => JSON.stringify(answer[name as 'body']) === JSON.stringify(value),
    )
  })
}

const isServed = async (backend = one) => {
  await site.add(backend)
  await answers({ status: 200, body: backend.name })
}

/** What a TLS client agrees on; undefined when it comes to no agreement. */
async function handshake(options: ConnectionOptions = {}): Promise<TLSSocket | undefined> {
  const socket = connectTls({
    host: site.address,
    port: httpsPort,
    servername: 'www.example.com',
    rejectUnauthorized: false,
    ...options,
  })
  try {
    await once(socket, 'secureConnect')
    return socket
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}

describe('Frontend Protocol, Frontend Port', () => {
  const isRoot = process.getuid?.() === 0
  const lowest = test.skipIf(!isRoot)
  const at = (port: number) =>
    ask(`https://www.example.com:${port}/`, site.address, { ca: site.root.certificate })

  async function servesAt(protocol_port: number): Promise<void> {
    const listener = await site.huawei.create('listeners', 'listener', {
      loadbalancer_id: site.balancer.id,
      protocol: 'HTTPS',
      protocol_port,
      default_tls_container_ref: await site.certificate(),
      default_pool_id: site.pool.id,
    })
    await site.add(one)
    await eventually('it serves', async () => (await at(protocol_port)).body === 'one')
    await site.huawei.delete(`listeners/${listener.id}/force`)
    await eventually('the port is closed', () =>
      at(protocol_port).then(
        () => false,
        (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
      ),
    )
  }

  test('a listener serves at the highest port', () => servesAt(65_535))

  lowest(
    `and at the lowest${isRoot ? '' : ' (needs the right to bind port 1: run it as root)'}`,
    () => servesAt(1),
  )
})

describe('SSL Authentication, CA Certificate', () => {
  test('with mutual authentication only clients with a certificate of the CA are served', async () => {
    await isServed()
    const root = await CertificateAuthority.create('Clients')
    const ca = await site.huawei.create('certificates', 'certificate', {
      type: 'client',
      certificate: root.certificate,
    })
    await site.set({ client_ca_tls_container_ref: ca.id })
    const own = await root.server({ names: ['client'], usage: 'client' })
    const stranger = await site.root.server({ names: ['client'], usage: 'client' })
    const shows = ({ certificate: cert, privateKey: key }: typeof own) => ({ cert, key })
    await eventually('no client is served without a certificate', () =>
      site.get().then(
        () => false,
        () => true,
      ),
    )
    expect(await site.get('/', shows(own))).toMatchObject({ status: 200 })
    await expect(site.get('/', shows(stranger))).rejects.toThrow()
    await site.set({
      insert_headers: {
        'X-Forwarded-Clientcert-subjectdn': true,
        'X-Forwarded-Clientcert-clientverify': true,
      },
    })
    const headers = { 'X-Forwarded-Clientcert-subjectdn': 'CN=someone-else' }
    await eventually('the server is told who the client is', async () => {
      one.requests.length = 0
      await site.get('/', { ...shows(own), headers })
      const told = one.requests[0]?.headers ?? {}
      const { 'x-forwarded-clientcert-subjectdn': subject } = told
      const { 'x-forwarded-clientcert-clientverify': verified } = told
      return subject === 'CN=client' && verified === 'SUCCESS'
    })
    await site.set({ client_ca_tls_container_ref: null })
    await answers({ status: 200 })
  })
})

describe('Server Certificate', () => {
  test('new handshakes get the new one at once, established connections go on', async () => {
    await isServed()
    await using client = await Peer.connectTls(site.address, httpsPort)
    const before = client.tls.getPeerCertificate().fingerprint256
    await site.set({ default_tls_container_ref: await site.certificate() })
    await eventually('another certificate is shown', async () => {
      const socket = connectTls({
        host: site.address,
        port: httpsPort,
        rejectUnauthorized: false,
      })
      await once(socket, 'secureConnect')
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      return fingerprint256 !== before
    })
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await client.until('one')).toContain('200 OK')
  })
})

describe('Enable SNI, SNI Certificate', () => {
  test('the certificate is found by the name, in both ways of matching', async () => {
    const [wide, narrow] = ['*.example.org', '*.a.example.org']
    const refs = [
      await site.certificate({ names: [wide] }),
      await site.certificate({ names: [narrow, 'undeclared.example.com'], domain: narrow }),
    ]
    const shown = async (servername: string) => {
      const socket = connectTls({
        host: site.address,
        port: httpsPort,
        servername,
        rejectUnauthorized: false,
      })
      await once(socket, 'secureConnect')
      const { subject } = socket.getPeerCertificate()
      socket.destroy()
      return subject.CN
    }
    await site.set({ sni_container_refs: refs })
    await eventually('SNI is on', async () => (await shown('x.example.org')) === wide)
    expect(await shown('x.a.example.org')).toBe(narrow)
    expect(await shown('x.y.example.org')).toBe('www.example.com')
    expect(await shown('www.example.net')).toBe('www.example.com')
    expect(await shown('undeclared.example.com')).toBe('www.example.com')
    await site.set({ sni_match_algo: 'longest_suffix' })
    await eventually('suffixes match', async () => (await shown('x.y.example.org')) === wide)
    expect(await shown('x.y.a.example.org')).toBe(narrow)
    await site.set({ sni_container_refs: [] })
    await eventually('SNI is off', async () => (await shown('x.example.org')) === 'www.example.com')
  })
})

describe('Access Control, IP Address Group', () => {
  const from = (localAddress: string) =>
    site.get('/', { localAddress }).then(
      ({ body }) => body,
      () => 'refused',
    )

  test('whitelist, blacklist and all IP addresses, with a list that changes as traffic flows', async () => {
    await isServed()
    const group = await site.huawei.create('ipgroups', 'ipgroup', {
      ip_list: [{ ip: '127.0.0.2' }],
    })
    await using established = await Peer.connectTls(site.address, httpsPort)
    await site.set({ ipgroup: { ipgroup_id: group.id } })
    await eventually('others are refused', async () => (await from('127.0.0.3')) === 'refused')
    expect(await from('127.0.0.2')).toBe('one')
    established.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await established.until('one')).toContain('200 OK')
    await site.huawei.post(`ipgroups/${group.id}/iplist/create-or-update`, {
      ipgroup: { ip_list: [{ ip: '127.0.0.3' }] },
    })
    await eventually('the newly listed are served', async () => (await from('127.0.0.3')) === 'one')
    await site.set({ ipgroup: { type: 'black' } })
    await eventually('the listed are refused', async () => (await from('127.0.0.3')) === 'refused')
    expect(await from('127.0.0.4')).toBe('one')
    await site.set({ ipgroup: { enable_ipgroup: false } })
    await eventually('all are served', async () => (await from('127.0.0.3')) === 'one')
    await site.set({ ipgroup: { enable_ipgroup: true, type: 'white' } })
    await site.huawei.put(`ipgroups/${group.id}`, { ipgroup: { ip_list: [] } })
    await eventually('nobody is served', async () => (await from('127.0.0.2')) === 'refused')
    await site.set({ ipgroup: null })
    await eventually('all are served', async () => (await from('127.0.0.2')) === 'one')
  })
})

describe('Transfer Client IP Address, Transfer Load Balancer EIP', () => {
  test('the client’s address is behind those that came; the EIP is told when that is on, whatever the client says', async () => {
    await isServed()
    const { eip_address } = site.balancer.eips[0]
    const headers = { 'X-Forwarded-For': '10.0.0.1', 'X-Forwarded-ELB-IP': '10.9.9.9' }
    const seen = async () => {
      one.requests.length = 0
      await site.get('/', { headers, localAddress: '127.0.0.7' })
      return one.requests[0]?.headers ?? {}
    }
    expect((await seen())['x-forwarded-for']).toBe('10.0.0.1, 127.0.0.7')
    expect((await seen())['x-forwarded-elb-ip']).toBe('10.9.9.9')
    await site.set({ insert_headers: { 'X-Forwarded-ELB-IP': true } })
    await eventually('it is told', async () => (await seen())['x-forwarded-elb-ip'] === eip_address)
    const url = `https://www.example.com:${httpsPort}/`
    expect(await ask(url, eip_address, { ca: site.root.certificate })).toMatchObject({
      body: 'one',
    })
  })
})

describe('Security Policy', () => {
  test('a system policy, and before it one of one’s own, says what a handshake may agree on', async () => {
    const agreed = async (version: 'TLSv1.2' | 'TLSv1.3') =>
      (await handshake({ minVersion: version, maxVersion: version })) !== undefined
    expect([await agreed('TLSv1.2'), await agreed('TLSv1.3')]).toEqual([true, false])
    await site.set({ tls_ciphers_policy: 'tls-1-2-fs-with-1-3' })
    await eventually('TLS 1.3 is spoken', () => agreed('TLSv1.3'))
    expect(await agreed('TLSv1.2')).toBe(true)
    const own = await site.huawei.create('security-policies', 'security_policy', {
      protocols: ['TLSv1.3'],
      ciphers: ['TLS_AES_128_GCM_SHA256'],
    })
    await site.set({ security_policy_id: own.id })
    await eventually('TLS 1.2 is not spoken', async () => !(await agreed('TLSv1.2')))
    expect(await agreed('TLSv1.3')).toBe(true)
  })
})

describe('HTTP/2', () => {
  test('is offered when it is on; backend servers get HTTP/1.1', async () => {
    await isServed()
    const spoken = async () => {
      const socket = connectTls({
        host: site.address,
        port: httpsPort,
        ALPNProtocols: ['h2', 'http/1.1'],
        rejectUnauthorized: false,
      })
      await once(socket, 'secureConnect')
      socket.destroy()
      return socket.alpnProtocol
    }
    expect(await spoken()).not.toBe('h2')
    await site.set({ http2_enable: true })
    await eventually('HTTP/2 is spoken', async () => (await spoken()) === 'h2')
    const session = connectHttp2(`https://${site.address}:${httpsPort}`, {
      rejectUnauthorized: false,
    })
    const stream = session.request({ ':path': '/two' })
    const [headers] = await once(stream, 'response')
    stream.destroy()
    session.destroy()
    expect(headers[':status']).toBe(200)
    expect(one.requests.at(-1)).toMatchObject({ httpVersion: '1.1', url: '/two' })
  })
})

describe('Idle Timeout', () => {
  test('0: a connection is closed after one answer', async () => {
    await isServed()
    await site.set({ keepalive_timeout: 0 })
    await eventually('it is closed', async () => {
      await using client = await Peer.connectTls(site.address, httpsPort)
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      return (await client.until('one')).toLowerCase().includes('connection: close')
    })
  })

  test('a connection without a request is closed when it is over', async () => {
    await isServed()
    await site.set({ keepalive_timeout: 1 })
    await using client = await Peer.connectTls(site.address, httpsPort)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.until('one')
    await client.untilEnded()
  })
})

const silent: Backend['answer'] = () => undefined

describe('Request Timeout', () => {
  test('a request that is not complete by then is answered 408', async () => {
    await isServed()
    one.answer = silent
    await site.set({ client_timeout: 1 })
    await using client = await Peer.connectTls(site.address, httpsPort)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
    await client.untilEnded()
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /)
  })
})

describe('Response Timeout', () => {
  test('a backend server that is silent is given up for another one; when none answers it is 504', async () => {
    await isServed(two)
    await site.set({ member_timeout: 1 })
    one.answer = silent
    await site.add(one)
    await eventually('a request reaches the silent one', async () => {
      expect(await site.get()).toMatchObject({ status: 200, body: 'two' })
      return one.requests.length > 0
    })
    two.answer = silent
    expect(await site.get()).toMatchObject({ status: 504 })
  })

  test('with sticky sessions it is 504 at once', async () => {
    await isServed(two)
    await site.setPool({ session_persistence: { type: 'HTTP_COOKIE' } })
    await site.set({ member_timeout: 1 })
    const cookie = await eventually('a cookie is given', async () => {
      const [first] = (await site.get()).headers['set-cookie'] ?? []
      return first?.split(';')[0]
    })
    await site.add(one)
    two.answer = silent
    expect(await site.get('/', { headers: { cookie } })).toMatchObject({ status: 504 })
  })
})
