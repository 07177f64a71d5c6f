/** What is agreed on to be spoken inside TLS (ALPN). */
import { execFile } from 'node:child_process'
import type { SecureVersion } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { serveHttp2 } from '../../../test/support/http2.ts'
import { testWith } from '../../../test/support/needs.ts'
import { Origin } from '../../../test/support/peer.ts'
import { ok, type Serving } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'

const usual = await snapshotCertificate({ names: ['default.test'], key: 'RSA-2048' })
const named = await snapshotCertificate({ names: ['named.test'] })
const certificates = [usual, named]
const protocols = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
const { policy } = usualTls(usual)
const ciphers = [...policy.ciphers, 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA']
/** Offers HTTP/2 in every version of TLS that there is, and has a certificate for a name. */
const tls = usualTls(usual, { sni: [named.id], policy: { ...policy, protocols, ciphers } })

const outcomes: readonly [SecureVersion, string][] = [
  ['TLSv1', 'http/1.1'],
  ['TLSv1.1', 'http/1.1'],
  ['TLSv1.2', 'h2'],
  ['TLSv1.3', 'h2'],
]

describe.each(['handle', 'socket'] as const)('HTTP/2 (%s)', (wireKind) => {
  test('is agreed on in TLS 1.2 and newer only, whatever name is asked for', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin], { certificates, tls, wireKind })
    for (const servername of ['named.test', 'nobody.test', '']) {
      for (const [version, alpn] of outcomes) {
        const only = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' }
        const ALPNProtocols = ['h2', 'http/1.1']
        await using client = await serving.connect({ servername, ALPNProtocols, ...only })
        const { alpnProtocol } = client.tls
        expect([servername, version, alpnProtocol]).toEqual([servername, version, alpn])
      }
    }
  })

  test('is refused to a client of TLS 1.1 that speaks nothing else', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin], { certificates, tls, wireKind })
    const old = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    } as const
    const client = serving.connect({ ALPNProtocols: ['h2'], ...old })
    await expect(client).rejects.toThrow('no application protocol')
  })

  test('is agreed on again when the session of a name is resumed', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin], { certificates, tls, wireKind })
    const options = { servername: 'named.test', maxVersion: 'TLSv1.2' } as const
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    await using first = await serving.connect({ ...options, ALPNProtocols: ['http/1.1'] })
    first.send(get)
    await first.until('200 OK')
    const session = first.session as Buffer
    await using again = await serving.connect({ ...options, session, ALPNProtocols: ['h2'] })
    expect([again.tls.isSessionReused(), again.tls.alpnProtocol]).toEqual([true, 'h2'])
  })
})

describe('curl', () => {
  const test = testWith('curl', 'curl')

  test('is served HTTP/1.1 in TLS 1.1 and HTTP/2 in TLS 1.2, at a listener with both', async () => {
    await using origin = await Origin.answering(ok('served'))
    await using serving = await serveHttp2([origin], { certificates, tls })
    expect(await curl(serving, '1.1')).toBe('served over 1.1')
    expect(await curl(serving, '1.2')).toBe('served over 2')
  })
})

function curl({ address, port }: Serving, version: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const insecure = ['-sk', '--noproxy', '*', '--ciphers', 'DEFAULT@SECLEVEL=0']
  const only = ['--http2', `--tlsv${version}`, '--tls-max', version]
  const args = [...insecure, ...only, '-w', ' over %{http_version}', `https://${address}:${port}/`]
  execFile('curl', args, (_, stdout) => resolve(stdout))
  return promise
}
