/** Huawei Cloud's policies at a listener: every protocol with every cipher, one handshake each. */
import { connect, type SecureVersion } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { Serving } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'
import { systemTlsPolicies } from '../../snapshot/tls-policies.ts'

const rsa = await snapshotCertificate({ key: 'RSA-2048', names: ['rsa.example.com'] })
const ecdsa = await snapshotCertificate({ names: ['ecdsa.example.com'] })
const certificates = [rsa, ecdsa]

const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
const all = [...new Set([...systemTlsPolicies.values()].flatMap(({ ciphers }) => ciphers))]
/** What OpenSSL has left out, or takes a DSA key for. */
const impossible = /DES-CBC3|RC4|DSS/

/** What a client that offers these ciphers in one version agrees on; null: nothing. */
function agreed(serving: Serving, version: SecureVersion, ciphers: string[]) {
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const socket = connect({
    host: serving.address,
    port: serving.port,
    servername: ciphers.join().includes('ECDSA') ? 'ecdsa.example.com' : 'rsa.example.com',
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    // OpenSSL wants some for older versions too, whichever version it is.
    ciphers: [...ciphers, ...(version === 'TLSv1.3' ? ['DEFAULT'] : []), '@SECLEVEL=0'].join(':'),
  })
  socket.once('secureConnect', () => {
    resolve(socket.getCipher().name)
    socket.destroy()
  })
  socket.once('error', () => resolve(null))
  return promise
}

function isModern(cipher: string): boolean {
  return cipher.startsWith('TLS_')
}

/** Whether TLS knows the cipher in the version (RFC 5246, section 1.2; RFC 8446, appendix B.4). */
function fits(cipher: string, version: SecureVersion): boolean {
  if (version === 'TLSv1.3' || isModern(cipher)) return version === 'TLSv1.3' && isModern(cipher)
  return version === 'TLSv1.2' || !/SHA(256|384)$/.test(cipher)
}

describe.each([...systemTlsPolicies])('the policy %s', (_, policy) => {
  test.each(versions)('has what its table says in %s, in the server’s order', async (version) => {
    const tls = { ...usualTls(rsa), sni: [ecdsa.id], policy }
    await using serving = await Serving.start([], { certificates, tls })
    const offered = all.filter((cipher) => fits(cipher, version) && !impossible.test(cipher))
    const known = policy.protocols.includes(version) ? policy.ciphers : []
    const served = known.filter((cipher) => offered.includes(cipher))
    for (const cipher of offered) {
      const expected = served.includes(cipher) ? cipher : null
      expect([cipher, await agreed(serving, version, [cipher])]).toEqual([cipher, expected])
    }
    const [first, ...others] = served.filter((cipher) => !cipher.includes('ECDSA'))
    if (first === undefined) return
    expect(await agreed(serving, version, [...others, first])).toBe(first)
  })
})
