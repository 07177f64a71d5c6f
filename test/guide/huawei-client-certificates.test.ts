/** Mutual authentication, and what backend servers are told of the client's certificate: `X-Forwarded-Clientcert` and its kin. */
import { X509Certificate } from 'node:crypto'
import { connect as connectHttp2 } from 'node:http2'
import type { JsonNameParams } from '@peculiar/x509'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CertificateAuthority,
  type ServerCertificate,
  type ServerCertificateOptions,
} from '../support/certificate-authority.ts'
import { responseTo } from '../support/http2.ts'
import type { Answer } from '../support/huawei.ts'
import { HuaweiApi, type TestProject } from '../support/huawei-api.ts'
import { HuaweiEngine, listenerPort } from '../support/huawei-engine.ts'
import { Origin } from '../support/peer.ts'
import { ok } from '../support/serving.ts'
import { keyPair } from '../support/tls.ts'

const names = [
  'X-Forwarded-Clientcert',
  'X-Forwarded-Clientcert-subjectdn',
  'X-Forwarded-Clientcert-issuerdn',
  'X-Forwarded-Clientcert-fingerprint',
  'X-Forwarded-Clientcert-clientverify',
  'X-Forwarded-Clientcert-serialnumber',
  'X-Forwarded-Clientcert-ciphers',
  'X-Forwarded-Clientcert-end',
] as const

const all = (on: boolean) => Object.fromEntries(names.map((name) => [name, on]))

const running = new AsyncDisposableStack()
let project: TestProject
let authority: CertificateAuthority
let ca: Answer
let listener: Answer
let serving: HuaweiEngine

beforeAll(async () => {
  const api = running.use(await HuaweiApi.start())
  // Backend servers answer with the head that they got.
  const origin = running.use(await Origin.answering((head) => ok(head)))
  project = api.project()
  authority = await CertificateAuthority.create('Clients')
  const create = (fields: object) => project.create('certificates', 'certificate', fields)
  ca = await create({ type: 'client', certificate: authority.certificate })
  const { certificate, privateKey } = await authority.server()
  const server = await create({ certificate, private_key: privateKey })
  const balancer = await project.balancer(await api.subnet())
  listener = await project.listener(balancer, {
    protocol: 'HTTPS',
    protocol_port: listenerPort,
    default_tls_container_ref: server.id,
    client_ca_tls_container_ref: ca.id,
    insert_headers: all(true),
    http2_enable: true,
  })
  const pool = await project.pool({ listener_id: listener.id })
  const member = { address: origin.host, protocol_port: origin.port }
  await project.create(`pools/${pool.id}/members`, 'member', member)
  serving = running.use(await HuaweiEngine.start(api, project))
})
afterAll(() => running.disposeAsync())

const client = (options: ServerCertificateOptions = {}) =>
  authority.server({ usage: 'client', ...options })

async function set(fields: object): Promise<void> {
  await project.put(`listeners/${listener.id}`, { listener: fields })
  await serving.update()
}

/** The lines of the head that a backend server gets of a client; text is as it came, in UTF-8. */
async function told(shown: ServerCertificate | null, sent: readonly string[] = []) {
  const options = shown === null ? {} : keyPair(shown)
  await using peer = await serving.connectTls({ ...options, maxVersion: 'TLSv1.2' })
  peer.send(`${['GET / HTTP/1.1', 'Host: a', ...sent].join('\r\n')}\r\n\r\n`)
  const received = await peer.until(/\r\n\r\n[\s\S]*\r\n\r\n$/)
  const text = Buffer.from(received, 'latin1').toString('utf8')
  return text.slice(text.indexOf('\r\n\r\n') + 4, -4).split('\r\n')
}

/** Those of the certificate, by name. */
function fieldsOf(lines: readonly string[]): Record<string, string> {
  const fields = lines.map((line) => line.split(/: (.*)/) as [string, string])
  return Object.fromEntries(fields.filter(([name]) => /clientcert/i.test(name)))
}

function expected({ certificate }: ServerCertificate, subject: string) {
  const x509 = new X509Certificate(certificate)
  return {
    'X-Forwarded-Clientcert': encodeURIComponent(x509.toString()),
    'X-Forwarded-Clientcert-subjectdn': subject,
    'X-Forwarded-Clientcert-issuerdn': 'O=Weir Tests,CN=Clients',
    'X-Forwarded-Clientcert-fingerprint': x509.fingerprint.replaceAll(':', '').toLowerCase(),
    'X-Forwarded-Clientcert-clientverify': 'SUCCESS',
    'X-Forwarded-Clientcert-serialnumber': x509.serialNumber,
    'X-Forwarded-Clientcert-ciphers': expect.stringMatching(/^ECDHE-ECDSA-AES\d+-GCM-SHA\d+$/),
    'X-Forwarded-Clientcert-end': x509.validTo,
  }
}

test('all eight fields say who the client is, in place of what it sent by their names', async () => {
  const shown = await client({ names: ['client-7'] })
  const forged = names.flatMap((name) => [`${name}: forged`, `${name.toUpperCase()}: forged`])
  const lines = await told(shown, [...forged, `Connection: keep-alive, ${names[1]}`])
  expect(fieldsOf(lines)).toEqual(expected(shown, 'CN=client-7'))
  expect(lines.join()).not.toContain('forged')
})

test('so they do for HTTP/2', async () => {
  const shown = await client({ names: ['client-7'] })
  const session = connectHttp2(`https://${serving.address}:${listenerPort}`, {
    rejectUnauthorized: false,
    ...keyPair(shown),
  })
  const forged = Object.fromEntries(names.map((name) => [name.toLowerCase(), 'forged']))
  const { body } = await responseTo(session.request(forged))
  session.destroy()
  expect(fieldsOf(body.trimEnd().split('\r\n'))).toEqual(expected(shown, 'CN=client-7'))
  expect(body).not.toContain('forged')
})

test.each([
  [
    'line ends',
    [{ CN: ['a\r\nX-Admin: yes\r\n\r\n'] }],
    'CN=a\\0D\\0AX-Admin: yes\\0D\\0A\\0D\\0A',
  ],
  ['a zero byte', [{ CN: ['a\0b'] }], 'CN=a\\00b'],
  ['a line end in UTF-16', [{ CN: [{ bmpString: 'Ä\nb' }] }], 'CN=Ä\\0Ab'],
  ['other letters', [{ O: ['Ärzte'] }, { CN: ['日本 😀'] }], 'CN=日本 😀,O=Ärzte'],
  [
    'what separates parts',
    [{ CN: [{ utf8String: 'a, O=b+c; "d" \\ <e> #' }] }],
    'CN=a\\, O=b\\+c\\; \\"d\\" \\\\ \\<e\\> #',
  ],
  ['a part of two', [{ CN: ['a + b'], OU: ['c'] }], 'CN=a \\+ b+OU=c'],
] satisfies [string, JsonNameParams, string][])(
  'a subject with %s breaks no request, and is told apart',
  async (_, subject, text) => {
    const shown = await client({ subject })
    const lines = await told(shown)
    expect(fieldsOf(lines)).toEqual(expected(shown, text))
    expect(lines.filter((line) => !/^X-Forwarded-/.test(line))).toEqual([
      'GET / HTTP/1.1',
      'Host: a',
      'Connection: keep-alive',
    ])
  },
)

test('a very long subject is told in whole', async () => {
  const units = Array.from({ length: 80 }, (_, n) => ({ OU: [`${n}-${'u'.repeat(250)}`] }))
  const shown = await client({ subject: [...units, { CN: ['long'] }] })
  const fields = fieldsOf(await told(shown))
  const subject = fields['X-Forwarded-Clientcert-subjectdn'] ?? ''
  expect(subject.length).toBeGreaterThan(20_000)
  expect(subject).toMatch(/^CN=long,OU=79-u+,.*,OU=0-u+$/)
  const pem = decodeURIComponent(fields['X-Forwarded-Clientcert'] ?? '')
  expect(new X509Certificate(pem).raw).toEqual(new X509Certificate(shown.certificate).raw)
})

test('a client without a name has no subject to be told, and cannot lend itself one', async () => {
  const shown = await client({ subject: [] })
  const { 'X-Forwarded-Clientcert-subjectdn': _, ...others } = expected(shown, '')
  expect(fieldsOf(await told(shown, ['X-Forwarded-Clientcert-subjectdn: CN=root']))).toEqual(others)
})

test('without mutual authentication there is only to tell that there is none', async () => {
  await set({ client_ca_tls_container_ref: null })
  const forged = names.map((name) => `${name}: forged`)
  expect(fieldsOf(await told(null, forged))).toEqual({
    'X-Forwarded-Clientcert-clientverify': 'NONE',
    'X-Forwarded-Clientcert-ciphers': expect.stringMatching(/^ECDHE/),
  })
  await set({ client_ca_tls_container_ref: ca.id })
})

test('each is told when it is on, and the others are the client’s own then', async () => {
  const shown = await client({ names: ['client-7'] })
  const sent = Object.fromEntries(names.map((name) => [name, 'its own']))
  const lines = names.map((name) => `${name}: its own`)
  for (const name of names) {
    await set({ insert_headers: { ...all(false), [name]: true } })
    const value = expected(shown, 'CN=client-7')[name]
    expect(fieldsOf(await told(shown, lines))).toEqual({ ...sent, [name]: value })
  }
  await set({ insert_headers: all(true) })
})
