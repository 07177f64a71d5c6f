import { X509Certificate } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { selfSigned } from '../../test/support/certificate-authority.ts'
import { instance, loadBalancer, snapshotOf } from '../../test/support/translation.ts'
import type { ListenerRecord, LoadBalancerRecord, PolicyRecord } from '../aws/elb/records.ts'

const arn = 'arn:aws:iam::123456789012:server-certificate/x'
const certificate = { id: `${arn}/1`, chain: 'chain', key: 'key' }
const certificates = new Map([[arn, certificate]])
const identity = 'aws/us-west-2/web/123'

function listener(
  protocol: ListenerRecord['protocol'],
  instanceProtocol: ListenerRecord['protocol'],
  over: Partial<ListenerRecord> = {},
): ListenerRecord {
  return {
    protocol,
    loadBalancerPort: 443,
    instanceProtocol,
    instancePort: 8443,
    certificateArn: protocol === 'HTTPS' || protocol === 'SSL' ? arn : null,
    policyNames: [],
    ...over,
  }
}

function translated(record: Partial<LoadBalancerRecord>) {
  return snapshotOf({ ...loadBalancer, ...record }, [instance('i-1')], certificates)
}

test.each([
  ['HTTP', 'HTTP', 'http', false, false],
  ['HTTP', 'HTTPS', 'http', false, true],
  ['HTTPS', 'HTTP', 'http', true, false],
  ['HTTPS', 'HTTPS', 'http', true, true],
  ['TCP', 'TCP', 'tcp', false, false],
  ['TCP', 'SSL', 'tcp', false, true],
  ['SSL', 'TCP', 'tcp', true, false],
  ['SSL', 'SSL', 'tcp', true, true],
] as const)('a listener of %s to %s speaks TLS where it has to', (front, back, neutral, ...tls) => {
  const { nodes, pools, certificates: used } = translated({ listeners: [listener(front, back)] })
  const [served] = nodes[0]?.listeners ?? []
  const [pool] = pools
  expect(served).toMatchObject({ protocol: neutral, port: 443, pool: pool?.id })
  expect(served?.id).toBe(`${identity}/us-west-2a/${front.toLowerCase()}-443`)
  expect(pool).toMatchObject({ id: `${identity}/${back.toLowerCase()}-8443`, protocol: neutral })
  expect([served?.tls !== undefined, pool?.tls !== undefined]).toEqual(tls)
  expect(used).toEqual(tls[0] ? [certificate] : [])
})

test.each([
  ['HTTPS', 'true', { http2: true }],
  ['HTTPS', 'false', {}],
  ['HTTP', 'true', {}],
  ['SSL', 'true', {}],
] as const)(
  'a listener of %s offers HTTP/2 when weir.http2 is %s: %j',
  (protocol, value, expected) => {
    const additional = [{ key: 'weir.http2', value }]
    const back = protocol === 'SSL' ? 'TCP' : 'HTTP'
    const { nodes } = translated({
      listeners: [listener(protocol, back)],
      attributes: { ...loadBalancer.attributes, additional },
    })
    const { http2 } = { http2: undefined, ...nodes[0]?.listeners[0] }
    expect(http2 === undefined ? {} : { http2 }).toEqual(expected)
  },
)

test('a secure listener has the one certificate for all names, and the default policy', () => {
  const { nodes } = translated({ listeners: [listener('HTTPS', 'HTTP')] })
  const { tls } = nodes[0]?.listeners[0] ?? {}
  expect(tls).toMatchObject({
    certificate: certificate.id,
    sni: [],
    clientCa: null,
    policy: { protocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2'], serverOrder: true },
  })
  expect(tls?.policy.ciphers.slice(0, 2)).toEqual([
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ])
  expect(tls?.policy.ciphers).toHaveLength(18)
})

function sslPolicy(name: string, switches: string[]): PolicyRecord {
  return {
    name,
    typeName: 'SSLNegotiationPolicyType',
    attributes: switches.map((each) => ({ name: each, value: 'true' })),
  }
}

test('a listener’s SSL negotiation policy says protocols, ciphers and whose order counts', () => {
  const lb: PolicyRecord = {
    name: 'sticky',
    typeName: 'LBCookieStickinessPolicyType',
    attributes: [{ name: 'CookieExpirationPeriod', value: '0' }],
  }
  const custom = sslPolicy('custom', [
    'Protocol-SSLv2',
    'Protocol-SSLv3',
    'Protocol-TLSv1.2',
    'AES128-SHA',
    'DHE-RSA-AES256-SHA256',
  ])
  const policyNames = ['sticky', 'custom']
  const { nodes } = translated({
    policies: [lb, sslPolicy('other', ['Protocol-TLSv1', 'RC4-SHA']), custom],
    listeners: [listener('HTTPS', 'HTTP', { policyNames })],
  })
  expect(nodes[0]?.listeners[0]).toMatchObject({
    stickiness: { kind: 'lb-cookie' },
    tls: {
      policy: {
        protocols: ['SSLv3', 'TLSv1.2'],
        ciphers: ['AES128-SHA', 'DHE-RSA-AES256-SHA256'],
        serverOrder: false,
      },
    },
  })
})

test('listeners of one load balancer share a certificate, which is listed once', () => {
  const { nodes, certificates: used } = translated({
    listeners: [
      listener('HTTPS', 'HTTP'),
      listener('SSL', 'TCP', { loadBalancerPort: 444, instancePort: 9000 }),
    ],
  })
  expect(nodes.flatMap(({ listeners }) => listeners)).toHaveLength(4)
  expect(used).toEqual([certificate])
})

test('a listener whose certificate is not there opens no port, and the others do', () => {
  const gone = listener('HTTPS', 'HTTP', { certificateArn: `${arn}-gone` })
  const { nodes, pools } = translated({
    listeners: [gone, listener('HTTPS', 'HTTPS', { loadBalancerPort: 444 })],
  })
  expect(nodes[0]?.listeners.map(({ port }) => port)).toEqual([444])
  expect(pools.map(({ id }) => id)).toEqual([`${identity}/https-8443`])
})

test('HTTP and HTTPS to one instance port are pools of their own', () => {
  const { pools } = translated({
    listeners: [listener('HTTPS', 'HTTP'), listener('HTTPS', 'HTTPS', { loadBalancerPort: 444 })],
  })
  expect(pools.map(({ id, tls }) => [id, tls])).toEqual([
    [`${identity}/http-8443`, undefined],
    [`${identity}/https-8443`, { publicKeys: null }],
  ])
})

test('proxy protocol goes from SSL to TCP too, and never to SSL', () => {
  const policies = [
    {
      name: 'proxy',
      typeName: 'ProxyProtocolPolicyType',
      attributes: [{ name: 'ProxyProtocol', value: 'true' }],
    },
  ]
  const { pools } = translated({
    policies,
    backendPolicies: [{ instancePort: 8443, policyNames: ['proxy'] }],
    listeners: [listener('SSL', 'TCP'), listener('SSL', 'SSL', { loadBalancerPort: 444 })],
  })
  expect(pools.map(({ proxyProtocol }) => proxyProtocol)).toEqual([true, false])
})

let pem: string
let spki: string
let otherSpki: string

beforeAll(async () => {
  const own = await selfSigned()
  pem = own.certificate
  spki = own.publicKey
  otherSpki = (await selfSigned()).publicKey
})

/** What instances at port 8443, and their health checks, have to show when these values are the public keys. */
function required(values: string[], { instancePort = 8443, policyNames = ['auth'] } = {}) {
  const policies: PolicyRecord[] = values.map((value, index) => ({
    name: `key-${index}`,
    typeName: 'PublicKeyPolicyType',
    attributes: [{ name: 'PublicKey', value }],
  }))
  const named = policies.map(({ name }) => ({ name: 'PublicKeyPolicyName', value: name }))
  const auth = { name: 'auth', typeName: 'BackendServerAuthenticationPolicyType' }
  const unused = { name: 'unused', typeName: 'PublicKeyPolicyType', attributes: [] }
  const { pools, checks } = translated({
    policies: [...policies, unused, { ...auth, attributes: named }],
    backendPolicies: [{ instancePort, policyNames }],
    listeners: [listener('HTTPS', 'HTTPS')],
    healthCheck: { ...loadBalancer.healthCheck, target: 'HTTPS:8443/' },
  })
  return { pool: pools[0]?.tls?.publicKeys, check: checks[0]?.probe.tls?.publicKeys }
}

test('instances have to show one of the keys of their port’s policy, to health checks too', () => {
  const keys = [spki, otherSpki]
  expect(required(keys)).toEqual({ pool: keys, check: keys })
  expect(required(keys, { instancePort: 9999 })).toEqual({ pool: null, check: null })
  expect(required(keys, { policyNames: [] })).toEqual({ pool: null, check: null })
})

test('a public key is taken as the guide shows it, and from PEM and from a certificate', () => {
  const body = new X509Certificate(pem).raw.toString('base64')
  const lines = `-----BEGIN PUBLIC KEY-----\n${spki.slice(0, 64)}\n${spki.slice(64)}\n-----END PUBLIC KEY-----`
  expect(required([lines, body, pem]).pool).toEqual([spki, spki, spki])
  // What is no key still stands for "not any key".
  expect(required(['nonsense']).pool).toEqual(['nonsense'])
})
