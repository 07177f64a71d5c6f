/** A policy as OpenSSL is told of it. */
import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import type { TlsPolicy, TlsProtocol } from '../../snapshot/snapshot.ts'
import { negotiable } from '../../std/tls-ciphers.ts'

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
export function policyOptions({
  protocols,
  ciphers,
  serverOrder,
}: TlsPolicy): SecureContextOptions | null {
  const enabled = protocols.filter((protocol) => negotiable(protocol, ciphers).length > 0)
  if (enabled.length === 0) return null
  let secureOptions = constants.SSL_OP_NO_RENEGOTIATION
  for (const [protocol, flag] of Object.entries(without)) {
    if (!enabled.includes(protocol as TlsProtocol)) secureOptions |= flag
  }
  const modern = negotiable('TLSv1.3', ciphers)
  const classic = negotiable('TLSv1.2', ciphers)
  return {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
    secureOptions,
    honorCipherOrder: serverOrder,
    // Without any of its own, the older protocols are off, and the list is only there because OpenSSL wants one.
    ciphers: [...modern, ...(classic.length > 0 ? classic : ['DEFAULT']), anyStrength].join(':'),
    dhparam: 'auto',
  }
}
