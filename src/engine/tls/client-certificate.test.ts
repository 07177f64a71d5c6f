import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { CertificateAuthority, selfSigned } from '../../../test/support/certificate-authority.ts'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok, Serving, type ServingOptions } from '../../../test/support/serving.ts'
import { keyPair, snapshotCertificate, usualTls } from '../../../test/support/tls.ts'
import { clientCertificate } from './client-certificate.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const certificate = await snapshotCertificate()
const authority = await CertificateAuthority.create('Clients')
const intermediate = await authority.intermediate()
const good = await authority.server({ usage: 'client', names: ['client-7'] })
const below = await intermediate.server({ usage: 'client' })
const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }
const future = { notBefore: new Date('2099-01-01'), notAfter: new Date('2100-01-01') }

function serve(origin: Origin, options: ServingOptions): Promise<Serving> {
  const tls = usualTls(certificate, { clientCa: authority.certificate })
  return Serving.start([origin], { certificates: [certificate], tls, ...options })
}

const refused: readonly [string, object][] = [
  ['without a certificate', {}],
  ['whose certificate has expired', keyPair(await authority.server({ usage: 'client', ...past }))],
  [
    'whose certificate is not yet good',
    keyPair(await authority.server({ usage: 'client', ...future })),
  ],
  [
    'of an authority that is not known',
    keyPair(await (await CertificateAuthority.create()).server({ usage: 'client' })),
  ],
  ['that signed its certificate itself', keyPair(await selfSigned())],
  ['with a certificate for servers', keyPair(await authority.server())],
  ['that does not show the authorities between', keyPair(below)],
]

describe.each([
  ['handle', 'TLSv1.2'],
  ['handle', 'TLSv1.3'],
  ['socket', 'TLSv1.2'],
  ['socket', 'TLSv1.3'],
] as const)('mutual TLS (%s, %s)', (wireKind, maxVersion) => {
  test.each(refused)(
    'a client %s is refused before anything that it asks for is looked at',
    async (_, options) => {
      await using origin = await Origin.answering(ok('secret'))
      await using serving = await serve(origin, { wireKind })
      const client = await serving.connect({ ...options, maxVersion }).catch(() => null)
      // With TLS 1.3, the client's part of the handshake is over before it is judged.
      if (maxVersion === 'TLSv1.2') expect(client).toBeNull()
      client?.send(get)
      await client?.untilEnded()
      await serving.untilQuiet()
      // No session either, with which it could come again.
      expect([client?.received ?? '', client?.session, origin.peers]).toEqual(['', undefined, []])
      expect(serving.engine.counters()[0]).toMatchObject({ requests: 0, tlsHandshakeErrors: 1 })
      await client?.[Symbol.asyncDispose]()
    },
  )

  test('a client with a certificate of the authority is served', async () => {
    await using origin = await Origin.answering(ok('secret'))
    await using serving = await serve(origin, { wireKind })
    const chain = { ...keyPair(below), cert: below.certificate + intermediate.certificate }
    for (const options of [keyPair(good), chain]) {
      await using client = await serving.connect({ ...options, maxVersion })
      client.send(get)
      await client.until('secret')
    }
  })

  test('a session is resumed without a certificate by whom it was given to, and by nobody when the authority changes', async () => {
    await using origin = await Origin.answering(ok('secret'))
    await using serving = await serve(origin, { wireKind })
    await using first = await serving.connect({ ...keyPair(good), maxVersion })
    first.send(get)
    await first.until('secret')
    const session = first.session as Buffer
    await using again = await serving.connect({ session, maxVersion })
    again.send(get)
    await again.until('secret')
    expect(again.tls.isSessionReused()).toBe(true)
    // Otherwise the session could go on for longer than certificates are taken at their word.
    expect(again.session).toBeUndefined()
    const stranger = await CertificateAuthority.create()
    await serving.apply([origin], {
      tls: usualTls(certificate, { clientCa: stranger.certificate }),
    })
    const options = { ...keyPair(good), session, maxVersion }
    const last = await serving.connect(options).catch(() => null)
    last?.send(get)
    await last?.untilEnded()
    expect(last?.received ?? '').toBe('')
    await eventually(() => serving.engine.counters()[0]?.tlsHandshakeErrors === 1)
    await last?.[Symbol.asyncDispose]()
  })
})

test('a certificate is told in words, names as RFC 2253 has them', () => {
  const { raw } = new X509Certificate(good.certificate)
  const facts = clientCertificate(raw)
  expect(facts.subject).toBe('CN=client-7')
  expect(facts.issuer).toBe('O=Weir Tests,CN=Clients')
  expect(facts.sha1).toMatch(/^[0-9a-f]{40}$/)
  expect(facts.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(facts.serial).toMatch(/^[0-9A-F]+$/)
  expect(facts.notBefore.getTime()).toBeLessThan(facts.notAfter.getTime())
  expect(facts.escapedPem).not.toMatch(/[\r\n ]/)
  expect(decodeURIComponent(facts.escapedPem).trim()).toBe(good.certificate.trim())
})
