/** Security policies as the guide has them, and the page that says what becomes of them. */
import { sslCiphers } from '../../src/aws/elb/ssl-policies.ts'
import type { Scan } from './tls-clients.ts'

export interface Policy {
  readonly name: string
  readonly protocols: readonly string[]
  readonly serverOrder: boolean
  /** In the guide's order. */
  readonly ciphers: readonly string[]
}

const columns = [
  'ELBSecurityPolicy-2016-08',
  'ELBSecurityPolicy-TLS-1-1-2017-01',
  'ELBSecurityPolicy-TLS-1-2-2017-01',
  'ELBSecurityPolicy-2015-05',
  'ELBSecurityPolicy-2015-03',
  'ELBSecurityPolicy-2015-02',
]

/** The table of pages 45 and 46, row for row; its columns are those above. */
const rows = `
  Protocol-TLSv1                ✓..✓✓✓
  Protocol-TLSv1.1              ✓✓.✓✓✓
  Protocol-TLSv1.2              ✓✓✓✓✓✓
  Server Order Preference       ✓✓✓✓✓✓
  ECDHE-ECDSA-AES128-GCM-SHA256 ✓✓✓✓✓✓
  ECDHE-RSA-AES128-GCM-SHA256   ✓✓✓✓✓✓
  ECDHE-ECDSA-AES128-SHA256     ✓✓✓✓✓✓
  ECDHE-RSA-AES128-SHA256       ✓✓✓✓✓✓
  ECDHE-ECDSA-AES128-SHA        ✓✓.✓✓✓
  ECDHE-RSA-AES128-SHA          ✓✓.✓✓✓
  DHE-RSA-AES128-SHA            ....✓✓
  ECDHE-ECDSA-AES256-GCM-SHA384 ✓✓✓✓✓✓
  ECDHE-RSA-AES256-GCM-SHA384   ✓✓✓✓✓✓
  ECDHE-ECDSA-AES256-SHA384     ✓✓✓✓✓✓
  ECDHE-RSA-AES256-SHA384       ✓✓✓✓✓✓
  ECDHE-RSA-AES256-SHA          ✓✓.✓✓✓
  ECDHE-ECDSA-AES256-SHA        ✓✓.✓✓✓
  AES128-GCM-SHA256             ✓✓✓✓✓✓
  AES128-SHA256                 ✓✓✓✓✓✓
  AES128-SHA                    ✓✓.✓✓✓
  AES256-GCM-SHA384             ✓✓✓✓✓✓
  AES256-SHA256                 ✓✓✓✓✓✓
  AES256-SHA                    ✓✓.✓✓✓
  DHE-DSS-AES128-SHA            ....✓✓
  DES-CBC3-SHA                  ...✓✓.
`
  .trim()
  .split('\n')
  .map((row) => row.trim().split(/ {2,}| (?=[✓.]+$)/) as [name: string, marks: string])

export const guideTable: readonly Policy[] = columns.map((name, column) => {
  const on = rows.filter(([, marks]) => marks[column] === '✓').map(([switchName]) => switchName)
  return {
    name,
    protocols: on.filter((one) => one.startsWith('Protocol-')).map((one) => one.slice(9)),
    serverOrder: on.includes('Server Order Preference'),
    ciphers: on.filter((one) => !/^Protocol-| /.test(one)),
  }
})

/** In the order in which they are described. */
export const customPolicies: readonly Policy[] = [
  {
    name: 'everything',
    protocols: ['SSLv2', 'TLSv1', 'SSLv3', 'TLSv1.1', 'TLSv1.2'],
    serverOrder: true,
    ciphers: sslCiphers,
  },
  {
    name: 'no-TLS-1-1',
    protocols: ['TLSv1', 'TLSv1.2'],
    serverOrder: true,
    ciphers: ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA', 'AES256-SHA'],
  },
  {
    name: 'order-of-clients',
    protocols: ['TLSv1.1', 'TLSv1.2'],
    serverOrder: false,
    ciphers: ['ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-GCM-SHA384', 'AES128-SHA', 'AES256-SHA'],
  },
  {
    name: 'finite-field-Diffie-Hellman',
    protocols: ['TLSv1.2'],
    serverOrder: true,
    ciphers: ['DHE-RSA-AES128-SHA', 'DHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-AES128-GCM-SHA256'],
  },
  {
    name: 'ECDSA-only',
    protocols: ['TLSv1.2'],
    serverOrder: true,
    ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  },
  {
    name: 'one-protocol-and-one-cipher',
    protocols: ['TLSv1.2'],
    serverOrder: false,
    ciphers: ['ECDHE-RSA-AES128-GCM-SHA256'],
  },
]

/** What of the guide's ciphers no handshake comes to. */
const neverNegotiated: readonly { readonly names: RegExp; readonly why: string }[] = [
  {
    names: /^EXP-/,
    why: 'Keys of 40 bits, for the export rules of the nineties. OpenSSL has removed them.',
  },
  { names: /KRB5/, why: 'Kerberos. OpenSSL has removed it.' },
  {
    names: /-MD5$/,
    why: 'SSL 2.0 and MD5. OpenSSL has removed the first, and is built without the others.',
  },
  { names: /RC4/, why: 'RC4 is prohibited (RFC 7465); OpenSSL is built without it.' },
  { names: /DES-CBC/, why: 'DES and triple DES. OpenSSL is built without them.' },
  { names: /3DES|IDEA|SEED/, why: 'Triple DES, IDEA and SEED. OpenSSL is built without them.' },
  { names: /DSS/, why: 'They need a certificate with a DSA key, which neither IAM nor ACM takes.' },
  {
    names: /PSK/,
    why: 'They need a secret that client and load balancer share, which no API has.',
  },
]

export function isNeverNegotiated(cipher: string): boolean {
  return neverNegotiated.some(({ names }) => names.test(cipher))
}

/** docs/tls-policies.md, of what was seen at listeners with either kind of certificate. */
export function policiesPage(
  policies: readonly { policy: Policy; seen: Readonly<Record<'RSA' | 'ECDSA', Scan>> }[],
): string {
  const left = new Set(sslCiphers)
  const reasons = neverNegotiated.map(({ names, why }) => {
    const its = [...left].filter((cipher) => names.test(cipher))
    for (const cipher of its) left.delete(cipher)
    return `| ${its.join(', ')} | ${why} |`
  })
  const sections = policies.map(({ policy, seen }) => section(policy, seen))
  return `${introduction}
## What is never negotiated

| Ciphers | Why |
|---|---|
${reasons.join('\n')}

The protocols SSL 2.0 and 3.0 are in no OpenSSL of today either.

## Predefined policies

Ciphers stand in the order of the policy; without an order of the listener's, the client's counts.
Those that end in SHA256 or SHA384 came with TLS 1.2 and are for that alone. This is what the tests see at listeners of each kind of certificate.

${sections.join('\n')}`
}

const introduction = `# TLS policies

What clients and HTTPS or SSL listeners agree on under each security policy (guide, pages 40–46). Policies have protocols, ciphers and whose order of
ciphers counts; all that the guide has can be created and is described as it was sent. What OpenSSL cannot do is passed over:

- When a policy is enabled on a listener, control logs a warning that names what of it is never negotiated (\`passedOver\`).
- A policy of which nothing can be negotiated is refused then (\`InvalidConfigurationRequest\`), and the listener keeps the one that it has. That is said
  of a policy with SSL 3.0 only, with ciphers from the table below only, or with TLS 1.1 and ciphers that came with TLS 1.2.
- A policy that does not go with the certificate is taken, as the guide has it (page 42): with ciphers of ECDSA only and an RSA certificate, every handshake fails.
- Anonymous ciphers (\`ADH-…\`), which are in custom policies only, are negotiated where they are enabled. Nobody knows then whom they speak to.
`

function section(policy: Policy, seen: Readonly<Record<'RSA' | 'ECDSA', Scan>>): string {
  const passedOver = [
    ...policy.protocols.filter((protocol) => protocol.startsWith('SSL')),
    ...policy.ciphers.filter(isNeverNegotiated),
  ]
  return `### ${policy.name}

- Protocols: ${listed(seen.RSA.protocols)}
- Order: ${policy.serverOrder ? 'the listener’s' : 'the client’s'}
- With an RSA certificate: ${listed(negotiated(policy, seen.RSA))}
- With an ECDSA certificate: ${listed(negotiated(policy, seen.ECDSA))}
- Passed over: ${listed(passedOver)}
`
}

/** In any of the protocols, in the policy's order. */
function negotiated({ ciphers }: Policy, seen: Scan): string[] {
  const all = new Set(Object.values(seen.ciphers).flat())
  return ciphers.filter((cipher) => all.has(cipher))
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
