/** What clients and listeners agree on under each security policy of the guide (pages 40–46), and under custom ones. */
import {
  CreateLoadBalancerPolicyCommand,
  DescribeLoadBalancerPoliciesCommand,
  SetLoadBalancerPoliciesOfListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { UploadServerCertificateCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect } from 'vitest'
import { type KeyKind, selfSigned } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import { testWith } from '../support/needs.ts'
import { createLoadBalancer, Instance, instancePort, nodeAddresses } from '../support/system.ts'
import { clientProtocols, handshake, type Scan, scan } from '../support/tls-clients.ts'
import {
  customPolicies,
  guideTable,
  isNeverNegotiated,
  type Policy,
  policiesPage,
} from '../support/tls-policies.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'secure'
const keys = { RSA: 'RSA-2048', ECDSA: 'P-256' } as const satisfies Record<string, KeyKind>
type Certificate = keyof typeof keys
const certificates = Object.keys(keys) as Certificate[]

let weir: Weir
let instance: Instance
let node: string
/** The predefined ones as the API describes them, and ours. */
let policies: Policy[]

const portOf = (policy: Policy, certificate: Certificate) =>
  10_000 + policies.indexOf(policy) * 2 + certificates.indexOf(certificate)

/** What should be agreed on, in the policy's order; by protocol, those without any left out. */
function expected(policy: Policy, certificate: Certificate): Record<string, string[]> {
  const mine = policy.ciphers.filter(
    (cipher) =>
      !isNeverNegotiated(cipher) &&
      (cipher.startsWith('ADH-') || cipher.includes('ECDSA') === (certificate === 'ECDSA')),
  )
  const old = mine.filter((cipher) => cipher.endsWith('-SHA'))
  const all = { 'TLSv1.2': mine, 'TLSv1.1': old, TLSv1: old }
  return Object.fromEntries(
    Object.entries(all).filter(
      ([protocol, ciphers]) => policy.protocols.includes(protocol) && ciphers.length > 0,
    ),
  )
}

async function readPolicies(name?: string): Promise<Policy[]> {
  const { PolicyDescriptions = [] } = await weir.elb.send(
    new DescribeLoadBalancerPoliciesCommand(
      name === undefined ? {} : { LoadBalancerName, PolicyNames: [name] },
    ),
  )
  return PolicyDescriptions.map(({ PolicyName = '', PolicyAttributeDescriptions = [] }) => {
    const on = PolicyAttributeDescriptions.filter((one) => one.AttributeValue === 'true')
    const names = on.map(({ AttributeName = '' }) => AttributeName)
    const serverOrder = 'Server-Defined-Cipher-Order'
    return {
      name: PolicyName,
      protocols: names.filter((name) => name.startsWith('Protocol-')).map((name) => name.slice(9)),
      serverOrder: names.includes(serverOrder),
      ciphers: names.filter((name) => !name.startsWith('Protocol-') && name !== serverOrder),
    }
  })
}

async function upload(key: KeyKind): Promise<string> {
  const { certificate: CertificateBody, privateKey: PrivateKey } = await selfSigned({ key })
  const command = { ServerCertificateName: key, CertificateBody, PrivateKey }
  const answer = await weir.iam.send(new UploadServerCertificateCommand(command))
  return answer.ServerCertificateMetadata?.Arn ?? ''
}

/** Creates it under the name that {@link enabledName} gives, and enables it with each certificate. */
async function enable(policy: Policy, predefined: boolean): Promise<void> {
  const switches = [
    ...policy.protocols.map((protocol) => `Protocol-${protocol}`),
    ...(policy.serverOrder ? ['Server-Defined-Cipher-Order'] : []),
    ...policy.ciphers,
  ]
  const attributes = predefined
    ? [{ AttributeName: 'Reference-Security-Policy', AttributeValue: policy.name }]
    : switches.map((AttributeName) => ({ AttributeName, AttributeValue: 'true' }))
  await weir.elb.send(
    new CreateLoadBalancerPolicyCommand({
      LoadBalancerName,
      PolicyName: enabledName(policy),
      PolicyTypeName: 'SSLNegotiationPolicyType',
      PolicyAttributes: attributes,
    }),
  )
  for (const certificate of certificates) {
    await weir.elb.send(
      new SetLoadBalancerPoliciesOfListenerCommand({
        LoadBalancerName,
        LoadBalancerPort: portOf(policy, certificate),
        PolicyNames: [enabledName(policy)],
      }),
    )
  }
}

const enabledName = ({ name }: Policy) => `my-${name}`

/** Scans are long: each listener has one. */
const scans = new Map<number, Promise<Scan>>()
function scanned(policy: Policy, certificate: Certificate): Promise<Scan> {
  const port = portOf(policy, certificate)
  const known = scans.get(port) ?? scan(node, port)
  scans.set(port, known)
  return known
}

beforeAll(async () => {
  weir = await Weir.start()
  const predefined = await readPolicies()
  policies = [...predefined, ...customPolicies]
  instance = await Instance.declare(weir, 'us-west-2a')
  const arns = { RSA: await upload(keys.RSA), ECDSA: await upload(keys.ECDSA) }
  const listeners = policies.flatMap((policy) =>
    certificates.map((certificate) => ({
      Protocol: 'HTTPS',
      LoadBalancerPort: portOf(policy, certificate),
      InstanceProtocol: 'HTTP',
      InstancePort: instancePort,
      SSLCertificateId: arns[certificate],
    })),
  )
  await createLoadBalancer(weir, LoadBalancerName, [instance], listeners)
  node = (await nodeAddresses(weir, LoadBalancerName))[0] ?? ''
  for (const policy of policies) await enable(policy, predefined.includes(policy))
  // A TLS 1.0 client is served when the last change has arrived: the default policy has it, and the last one has not.
  const last = portOf(policies.at(-1) as Policy, 'ECDSA')
  await eventually('the last policy', async () => {
    return (await handshake(node, last, 'TLSv1', ['ALL'])) === undefined
  })
}, 60_000)

afterAll(async () => {
  await instance[Symbol.asyncDispose]()
  await weir[Symbol.asyncDispose]()
})

const testWithSslscan = testWith('sslscan', 'sslscan')
const testWithOpenssl = testWith('openssl', 'openssl')

testWithSslscan(
  'the predefined policies of the guide’s table are described as it has them',
  async () => {
    for (const policy of guideTable) {
      expect(policies.find(({ name }) => name === policy.name)).toEqual(policy)
    }
  },
)

testWithSslscan(
  'listeners agree on what their policy enables, all of it that OpenSSL has and nothing else',
  async () => {
    for (const policy of policies) {
      for (const certificate of certificates) {
        const seen = await scanned(policy, certificate)
        const wanted = expected(policy, certificate)
        const who = `${policy.name}, ${certificate}`
        expect([who, seen.protocols.toSorted()]).toEqual([who, Object.keys(wanted).toSorted()])
        // Without an order of its own, the listener takes what comes first in that of sslscan.
        const inOrder = (each: string[]) => (policy.serverOrder ? each : each.toSorted())
        for (const [protocol, ciphers] of Object.entries(wanted)) {
          const found = inOrder([...(seen.ciphers[protocol] ?? [])])
          expect([who, protocol, found]).toEqual([who, protocol, inOrder(ciphers)])
        }
      }
    }
  },
  60_000,
)

testWithOpenssl(
  'the first of the policy’s ciphers wins with Server Order Preference, and the client’s without',
  async () => {
    for (const policy of policies) {
      const wanted = expected(policy, 'RSA')
      for (const protocol of clientProtocols) {
        const ciphers = wanted[protocol]
        const offered = ciphers?.toReversed() ?? ['ALL:COMPLEMENTOFALL']
        const agreed = await handshake(node, portOf(policy, 'RSA'), protocol, offered)
        const first = policy.serverOrder ? ciphers?.[0] : offered[0]
        const who = `${policy.name}, ${protocol}`
        expect([who, agreed]).toEqual([who, ciphers === undefined ? undefined : first])
      }
    }
  },
  60_000,
)

testWithSslscan('what is never negotiated is described, and control’s log names it', async () => {
  const lines = weir
    .output()
    .split('\n')
    .filter((line) => line.includes('never negotiated'))
    .map((line) => JSON.parse(line))
  for (const policy of policies) {
    const [described] = await readPolicies(enabledName(policy))
    expect(described).toEqual({ ...policy, name: enabledName(policy) })
    const missing = [
      ...policy.protocols
        .filter((protocol) => protocol.startsWith('SSL'))
        .map((protocol) => `Protocol-${protocol}`),
      ...policy.ciphers.filter(isNeverNegotiated),
    ]
    const said = lines.filter((line) => line.policy === enabledName(policy))
    const wanted = certificates.map((certificate) => ({
      listener: `${LoadBalancerName}:${portOf(policy, certificate)}`,
      passedOver: missing,
    }))
    expect(said.map(({ listener, passedOver }) => ({ listener, passedOver }))).toEqual(
      missing.length === 0 ? [] : wanted,
    )
  }
})

/** Rewritten by `npx vitest run test/traffic/tls-policies.test.ts -u`. */
testWithSslscan('docs/tls-policies.md has what sslscan saw', async () => {
  const rows = []
  for (const policy of policies.filter((each) => !customPolicies.includes(each))) {
    const seen = { RSA: await scanned(policy, 'RSA'), ECDSA: await scanned(policy, 'ECDSA') }
    rows.push({ policy, seen })
  }
  await expect(policiesPage(rows)).toMatchFileSnapshot('../../docs/tls-policies.md')
})
