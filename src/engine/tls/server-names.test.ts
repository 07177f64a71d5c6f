import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { CertificateAuthority } from '../../../test/support/certificate-authority.ts'
import { Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'
import type { Certificate, ListenerTls } from '../../snapshot/snapshot.ts'

const usual = await snapshotCertificate({ names: ['default.test'], key: 'RSA-2048' })
const exact = await snapshotCertificate({ names: ['www.example.com', 'Other.Example.com'] })
const wild = await snapshotCertificate({ names: ['*.example.com'] })
const deep = await snapshotCertificate({ names: ['*.deep.example.com'] })
const broken = { ...(await snapshotCertificate({ names: ['broken.test'] })), key: usual.key }
const rsa = await snapshotCertificate({ names: ['both.test'], key: 'RSA-2048' })
const ecdsa = await snapshotCertificate({ names: ['both.test'] })
const certificates = [usual, exact, wild, deep, broken, rsa, ecdsa]
const sni = certificates.map(({ id }) => id)

async function serve(origin: Origin, change: Partial<ListenerTls> = {}): Promise<Serving> {
  return Serving.start([origin], { certificates, tls: usualTls(usual, { sni, ...change }) })
}

/** The first name of the certificate that a client sees who asks for this one. */
async function shown(serving: Serving, servername: string, options = {}): Promise<string> {
  await using client = await serving.connect({ servername, ...options })
  return client.tls.getPeerCertificate().subject.CN as string
}

describe('which certificate is shown', () => {
  const names: readonly [string, string, string][] = [
    ['', 'default.test', 'default.test'],
    ['nobody.test', 'default.test', 'default.test'],
    ['www.example.com', 'www.example.com', 'www.example.com'],
    ['OTHER.example.COM', 'www.example.com', 'www.example.com'],
    ['one.example.com', '*.example.com', '*.example.com'],
    ['example.com', 'default.test', 'default.test'],
    ['one.two.example.com', 'default.test', '*.example.com'],
    ['one.deep.example.com', '*.deep.example.com', '*.deep.example.com'],
    ['a.b.deep.example.com', 'default.test', '*.deep.example.com'],
    ['deep.example.com', '*.example.com', '*.example.com'],
  ]
  test.each(names)(
    'to a client that asks for "%s": %s; with longest suffixes, %s',
    async (name, one, longest) => {
      await using origin = await Origin.answering(ok('x'))
      await using serving = await serve(origin)
      expect(await shown(serving, name)).toBe(one)
      await using suffixes = await serve(origin, { sniMatch: 'longest-suffix' })
      expect(await shown(suffixes, name)).toBe(longest)
    },
  )

  test('without a list, the same to everybody', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin, { sni: [] })
    expect(await shown(serving, 'www.example.com')).toBe('default.test')
  })

  test('one that cannot be used is passed over', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin)
    expect(await shown(serving, 'broken.test')).toBe('default.test')
  })

  test('of two with keys of different kinds for one name, the one that the client can read, and ECDSA if it can read both', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin)
    const kind = async (options: object) => {
      await using client = await serving.connect({ servername: 'both.test', ...options })
      return client.tls.getPeerX509Certificate()?.publicKey.asymmetricKeyType
    }
    expect(await kind({})).toBe('ec')
    expect(await kind({ maxVersion: 'TLSv1.2' })).toBe('ec')
    expect(await kind({ sigalgs: 'RSA-PSS+SHA256' })).toBe('rsa')
    const ciphers = 'ECDHE-RSA-AES128-GCM-SHA256'
    expect(await kind({ maxVersion: 'TLSv1.2', ciphers })).toBe('rsa')
  })

  test('a chain is sent with the certificate', async () => {
    await using origin = await Origin.answering(ok('x'))
    const root = await CertificateAuthority.create()
    const authority = await root.intermediate()
    const issued = await snapshotCertificate({ names: ['issued.test'] }, authority)
    const whole = { ...issued, chain: issued.chain + authority.certificate }
    await using serving = await Serving.start([origin], {
      certificates: [usual, whole],
      tls: usualTls(usual, { sni: [whole.id] }),
    })
    const options = { servername: 'issued.test', ca: root.certificate, rejectUnauthorized: true }
    expect(await shown(serving, 'issued.test', options)).toBe('issued.test')
  })
})

/** A certificate with another name of the same length: nobody looks at its signature, and a new one takes long to make. */
function renamed({ chain, key }: Certificate, from: string, to: string): Certificate {
  const der = new X509Certificate(chain).raw.toString('latin1').replaceAll(from, to)
  const base64 = Buffer.from(der, 'latin1').toString('base64')
  const lines = base64.match(/.{1,64}/g)?.join('\n')
  return {
    id: to,
    key,
    chain: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}

test('of thousands, each client is shown the one for its name', async () => {
  const name = (i: number) => `host-${String(i).padStart(4, '0')}.test`
  const first = await snapshotCertificate({ names: [name(0)] })
  const many = Array.from({ length: 4000 }, (_, i) => renamed(first, name(0), name(i)))
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin], {
    certificates: [usual, ...many],
    tls: usualTls(usual, { sni: many.map(({ id }) => id) }),
  })
  for (let i = 0; i < many.length; i += 79) expect(await shown(serving, name(i))).toBe(name(i))
  expect(await shown(serving, name(4000))).toBe('default.test')
})
