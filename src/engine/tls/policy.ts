/** A policy as OpenSSL is told of it. */
import { constants } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { TlsPolicy, TlsProtocol } from '../../snapshot/snapshot.ts'

/** All that this OpenSSL has for TLS 1.3. */
const suites = new Set([
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
])

/** OpenSSL leaves out protocols, so that any set of them can be had. SSLv3 is not in it at all. */
const without: Readonly<Partial<Record<TlsProtocol, number>>> = {
  TLSv1: constants.SSL_OP_NO_TLSv1,
  'TLSv1.1': constants.SSL_OP_NO_TLSv1_1,
  'TLSv1.2': constants.SSL_OP_NO_TLSv1_2,
  'TLSv1.3': constants.SSL_OP_NO_TLSv1_3,
}

/** The oldest protocols and their SHA-1, and keys of any length: what is good enough is the policy's word. */
const anyStrength = '@SECLEVEL=0'

/** @returns null when nothing is left of it that this OpenSSL could agree on */
export function policyOptions(policy: TlsPolicy): SecureContextOptions | null {
  const modern = policy.ciphers.filter((name) => suites.has(name))
  const classic = classicCiphers(policy.ciphers)
  const enabled = policy.protocols.filter((protocol) => {
    return (protocol === 'TLSv1.3' ? modern : classic).length > 0
  })
  let secureOptions = constants.SSL_OP_NO_RENEGOTIATION
  let known = 0
  for (const [protocol, flag] of Object.entries(without)) {
    if (enabled.includes(protocol as TlsProtocol)) known += 1
    else secureOptions |= flag
  }
  if (known === 0) return null
  return {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
    secureOptions,
    honorCipherOrder: policy.serverOrder,
    // Without any of its own, the older protocols are off, and the list is only there because OpenSSL wants one.
    ciphers: [...modern, ...(classic.length > 0 ? classic : ['DEFAULT']), anyStrength].join(':'),
    dhparam: 'auto',
  }
}

/** Those for TLS 1.2 and older, if OpenSSL knows any: it passes over names that it does not know. */
function classicCiphers(names: readonly string[]): readonly string[] {
  const classic = names.filter((name) => /^[A-Z][A-Z0-9-]*$/.test(name))
  if (classic.length === 0) return []
  try {
    createSecureContext({ ciphers: [...classic, anyStrength].join(':'), ca: [] })
    return classic
  } catch {
    return []
  }
}
