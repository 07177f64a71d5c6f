/**
 * TLS policies that have a name, as Huawei Cloud's system security policies are (its ELB API, ListSystemSecurityPolicies); those of Classic
 * Load Balancers are made of switches, which their API describes. Any listener can have any of both kinds.
 */
import type { TlsPolicy, TlsProtocol } from './snapshot.ts'

const ecdsaFirst = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
]

const usual = [
  ...ecdsaFirst,
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-SHA256',
  'AES128-SHA256',
  'AES256-SHA256',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-SHA',
  'AES256-SHA',
]

const strict = usual.filter((cipher) => !cipher.endsWith('-SHA'))

const forwardSecret = [
  ...ecdsaFirst,
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-RSA-AES256-SHA384',
]

const withoutCbc = forwardSecret.filter((cipher) => cipher.includes('-GCM-'))

const modern = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
]

const inherited = [
  ...usual,
  'DHE-RSA-AES128-SHA',
  'DHE-DSS-AES128-SHA',
  'CAMELLIA128-SHA',
  'EDH-RSA-DES-CBC3-SHA',
  'DES-CBC3-SHA',
  'ECDHE-RSA-RC4-SHA',
  'RC4-SHA',
  'DHE-RSA-AES256-SHA',
  'DHE-DSS-AES256-SHA',
  'DHE-RSA-CAMELLIA256-SHA',
  'DHE-DSS-CAMELLIA256-SHA',
  'CAMELLIA256-SHA',
  'EDH-DSS-DES-CBC3-SHA',
  'DHE-RSA-CAMELLIA128-SHA',
  'DHE-DSS-CAMELLIA128-SHA',
]

/** By name. */
export const systemTlsPolicies: ReadonlyMap<string, TlsPolicy> = new Map([
  ['tls-1-0-inherit', policy(['TLSv1', 'TLSv1.1', 'TLSv1.2'], inherited)],
  ['tls-1-0', policy(['TLSv1', 'TLSv1.1', 'TLSv1.2'], usual)],
  ['tls-1-1', policy(['TLSv1.1', 'TLSv1.2'], usual)],
  ['tls-1-2', policy(['TLSv1.2'], usual)],
  ['tls-1-2-strict', policy(['TLSv1.2'], strict)],
  ['tls-1-2-fs', policy(['TLSv1.2'], forwardSecret)],
  ['tls-1-2-strict-no-cbc', policy(['TLSv1.2'], withoutCbc)],
  ['tls-1-0-with-1-3', policy(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], [...usual, ...modern])],
  ['tls-1-2-fs-with-1-3', policy(['TLSv1.2', 'TLSv1.3'], [...forwardSecret, ...modern])],
  ['hybrid-policy-1-0', policy(['TLSv1.1', 'TLSv1.2'], usual)],
])

function policy(protocols: readonly TlsProtocol[], ciphers: readonly string[]): TlsPolicy {
  return { protocols, ciphers, serverOrder: true }
}
