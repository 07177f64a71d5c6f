import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { CertificateAuthority } from '../../../test/support/certificate-authority.ts'
import { connectHttp2, responseTo } from '../../../test/support/http2.ts'
import { Origin } from '../../../test/support/peer.ts'
import { ok, Serving, type ServingOptions } from '../../../test/support/serving.ts'
import { keyPair, snapshotCertificate, usualTls } from '../../../test/support/tls.ts'
import type { ForwardedField, Forwarding, RequestFact } from '../../snapshot/forwarding.ts'
import type { HttpListener } from '../../snapshot/snapshot.ts'

const fact = (name: string, of: RequestFact): ForwardedField => ({
  name,
  value: { kind: 'fact', fact: of },
})
const text = (name: string, value: string): ForwardedField => ({
  name,
  value: { kind: 'text', text: value },
})

/** As Huawei's dedicated load balancers have them, all switched on. */
const everything: Forwarding = {
  set: [
    fact('X-Forwarded-For', 'client-addresses'),
    text('X-Forwarded-ELB-IP', '203.0.113.10'),
    text('X-Forwarded-ELB-ID', 'f7ca8a2b'),
    fact('X-Forwarded-Port', 'listener-port'),
    fact('X-Forwarded-For-Port', 'client-port'),
    fact('X-Forwarded-Host', 'host'),
    fact('X-Forwarded-Proto', 'scheme'),
    fact('X-Real-IP', 'client-address'),
    fact('X-Forwarded-TLS-Certificate-ID', 'tls-certificate'),
    fact('X-Forwarded-TLS-Protocol', 'tls-protocol'),
    fact('X-Forwarded-TLS-Cipher', 'tls-cipher'),
    fact('X-Forwarded-Clientcert', 'client-certificate'),
    fact('X-Forwarded-Clientcert-subjectdn', 'client-subject'),
    fact('X-Forwarded-Clientcert-issuerdn', 'client-issuer'),
    fact('X-Forwarded-Clientcert-fingerprint', 'client-fingerprint'),
    fact('X-Forwarded-Clientcert-clientverify', 'client-verified'),
    fact('X-Forwarded-Clientcert-serialnumber', 'client-serial'),
    fact('X-Forwarded-Clientcert-end', 'client-not-after'),
  ],
  remove: ['X-Forwarded-Secret'],
}

const change = (forwarding: Forwarding): Partial<HttpListener> => ({ forwarding })

interface Site extends AsyncDisposable {
  readonly serving: Serving
}

/** Instances answer with the head that they got. */
async function start(forwarding: Forwarding, options: ServingOptions = {}): Promise<Site> {
  const origin = await Origin.answering((head) => ok(head))
  const serving = await Serving.start([origin], options)
  await serving.apply([origin], change(forwarding))
  return {
    serving,
    async [Symbol.asyncDispose]() {
      await serving[Symbol.asyncDispose]()
      await origin[Symbol.asyncDispose]()
    },
  }
}

/** The lines of the head that the instance got for these fields, with the client's port. */
async function forwarded(
  { serving }: Site,
  lines: readonly string[],
  options = {},
): Promise<{ lines: readonly string[]; port: number }> {
  await using client = await serving.connect(options)
  client.send(`${['GET / HTTP/1.1', ...lines].join('\r\n')}\r\n\r\n`)
  const received = await client.until(/\r\n\r\n[\s\S]*\r\n\r\n$/)
  const head = received.slice(received.indexOf('\r\n\r\n') + 4)
  return { lines: head.trimEnd().split('\r\n'), port: client.socket.localPort ?? 0 }
}

test('a plain request gets what is known of it', async () => {
  await using site = await start(everything)
  const { lines, port } = await forwarded(site, [
    'Host: shop.example:81',
    'X-Forwarded-For: 1.1.1.1',
  ])
  expect(lines).toEqual([
    'GET / HTTP/1.1',
    'Host: shop.example:81',
    'X-Forwarded-For: 1.1.1.1, 127.0.0.1',
    'X-Forwarded-ELB-IP: 203.0.113.10',
    'X-Forwarded-ELB-ID: f7ca8a2b',
    'X-Forwarded-Port: 8080',
    `X-Forwarded-For-Port: ${port}`,
    'X-Forwarded-Host: shop.example:81',
    'X-Forwarded-Proto: http',
    'X-Real-IP: 127.0.0.1',
    'X-Forwarded-Clientcert-clientverify: NONE',
    'Connection: keep-alive',
  ])
})

test('nothing that a client sends passes as the load balancer’s word', async () => {
  await using site = await start(everything)
  const names = [...everything.set.map(({ name }) => name), ...everything.remove]
  const own = names.filter((name) => name !== 'X-Forwarded-For')
  const sent = own.flatMap((name) => [`${name}: forged`, `${name.toUpperCase()}:forged`])
  for (const connection of ['keep-alive', 'X-Forwarded-ELB-IP, X-Real-IP, X-Private']) {
    const { lines } = await forwarded(site, ['Host: a', ...sent, `Connection: ${connection}`])
    expect(lines.join('\n')).not.toContain('forged')
    expect(lines).toContain('X-Forwarded-ELB-IP: 203.0.113.10')
    expect(lines).toContain('X-Real-IP: 127.0.0.1')
  }
})

test('the host is that of an absolute target, and the load balancer’s own where there is none', async () => {
  await using site = await start({ set: [fact('X-Forwarded-Host', 'host')], remove: [] })
  const { serving } = site
  const absolute = await serving.exchange(
    'GET http://b:82/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  expect(absolute).toContain('\r\nX-Forwarded-Host: b:82\r\n')
  expect(await serving.exchange('GET / HTTP/1.0\r\n\r\n')).toContain(
    `\r\nX-Forwarded-Host: ${serving.address}:8080\r\n`,
  )
})

test('what a listener does not set passes as it came', async () => {
  await using site = await start({ set: [], remove: [] })
  const sent = [
    'Host: a',
    'X-Forwarded-For: 1.1.1.1',
    'X-Forwarded-Proto: gopher',
    'X-Forwarded-Port: 70',
    'X-Forwarded-Host: b',
  ]
  const { lines } = await forwarded(site, sent)
  expect(lines).toEqual(['GET / HTTP/1.1', ...sent, 'Connection: keep-alive'])
})

test('no name can take the place of what frames a request', async () => {
  const names = ['Content-Length', 'Transfer-Encoding', 'Host', 'Connection']
  await using site = await start({ set: [], remove: names })
  await using client = await site.serving.connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab')
  await client.until(/Host: a\r\nContent-Length: 2\r\n/)
})

test('a change is for the next request of connections that stand', async () => {
  await using origin = await Origin.answering((head) => ok(head))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  const get = async () => {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const received = await client.until(/\r\n\r\n[\s\S]*\r\n\r\n$/)
    client.take()
    return received
  }
  expect(await get()).toMatch(/X-Forwarded-Port: 8080/)
  await serving.apply([origin], change({ set: [text('X-Forwarded-ELB-ID', 'one')], remove: [] }))
  expect(await get()).toMatch(/Host: a\r\nX-Forwarded-ELB-ID: one\r\nConnection/)
  await serving.apply([origin])
  expect(await get()).not.toContain('ELB-ID')
})

const certificate = { ...(await snapshotCertificate()), name: 'certificate-7' }
const named = { ...(await snapshotCertificate({ names: ['sni.example'] })), name: 'certificate-8' }
const authority = await CertificateAuthority.create('Ärzte')
const ours = await authority.server({ usage: 'client', names: ['client-7'] })
const x509 = new X509Certificate(ours.certificate)
const secure: ServingOptions = {
  certificates: [certificate, named],
  tls: usualTls(certificate, { clientCa: authority.certificate, sni: [named.id] }),
}

describe.each(['handle', 'socket'] as const)('over TLS, on wires of kind %s', (wireKind) => {
  test('instances are told what was agreed on, and whom the client showed to be', async () => {
    await using site = await start(everything, { ...secure, wireKind })
    const options = { ...keyPair(ours), maxVersion: 'TLSv1.2' }
    const { lines } = await forwarded(site, ['Host: a'], options)
    const values = new Map(lines.slice(1).map((line) => line.split(/: (.*)/) as [string, string]))
    expect(values.get('X-Forwarded-Proto')).toBe('https')
    expect(values.get('X-Forwarded-TLS-Certificate-ID')).toBe('certificate-7')
    expect(values.get('X-Forwarded-TLS-Protocol')).toBe('TLSv1.2')
    expect(values.get('X-Forwarded-TLS-Cipher')).toMatch(/^ECDHE-.*-AES128-GCM-SHA256$/)
    const pem = decodeURIComponent(values.get('X-Forwarded-Clientcert') ?? '')
    expect(new X509Certificate(pem).fingerprint256).toBe(x509.fingerprint256)
    expect(values.get('X-Forwarded-Clientcert-subjectdn')).toContain('CN=')
    const issuer = Buffer.from(values.get('X-Forwarded-Clientcert-issuerdn') ?? '', 'latin1')
    expect(issuer.toString('utf8')).toBe('O=Weir Tests,CN=Ärzte')
    const fingerprint = x509.fingerprint.replaceAll(':', '').toLowerCase()
    expect(values.get('X-Forwarded-Clientcert-fingerprint')).toBe(fingerprint)
    expect(values.get('X-Forwarded-Clientcert-clientverify')).toBe('SUCCESS')
    expect(values.get('X-Forwarded-Clientcert-serialnumber')).toBe(x509.serialNumber)
    expect(values.get('X-Forwarded-Clientcert-end')).toBe(x509.validTo)
  })

  test('the certificate is the one for the name that the client asked for', async () => {
    await using site = await start(everything, { ...secure, wireKind })
    for (const [servername, name] of [
      ['sni.example', 'certificate-8'],
      ['other.example', 'certificate-7'],
    ]) {
      const { lines } = await forwarded(site, ['Host: a'], { ...keyPair(ours), servername })
      expect(lines).toContain(`X-Forwarded-TLS-Certificate-ID: ${name}`)
    }
  })
})

test('requests of HTTP/2 get the same', async () => {
  await using site = await start(everything, { ...secure, http2: true })
  const client = await connectHttp2(site.serving, keyPair(ours))
  const { body } = await responseTo(
    client.request({
      ':authority': 'shop.example',
      'x-real-ip': 'forged',
      'x-forwarded-elb-id': 'forged',
      'x-forwarded-for': '1.1.1.1',
    }),
  )
  expect(body).not.toContain('forged')
  expect(body).toContain('\r\nX-Forwarded-For: 1.1.1.1, 127.0.0.1\r\n')
  expect(body).toContain('\r\nX-Forwarded-Host: shop.example\r\n')
  expect(body).toContain('\r\nX-Forwarded-TLS-Certificate-ID: certificate-7\r\n')
  expect(body).toContain(`\r\nX-Forwarded-Clientcert-serialnumber: ${x509.serialNumber}\r\n`)
  client.destroy()
})
