/** What HTTPS and SSL listeners and instances speak, of a Classic Load Balancer's policies. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import type { LoadBalancerRecord, PolicyRecord } from '../aws/elb/records.ts'
import {
  defaultSslPolicy,
  findPredefinedSslPolicy,
  serverOrder,
  sslCiphers,
} from '../aws/elb/ssl-policies.ts'
import type { TargetTls, TlsPolicy, TlsProtocol } from '../snapshot/snapshot.ts'

/** The guide (page 41) has these; SSL 2.0, which a policy can name too, nobody speaks any more. */
const protocols: Readonly<Record<string, TlsProtocol>> = {
  'Protocol-SSLv3': 'SSLv3',
  'Protocol-TLSv1': 'TLSv1',
  'Protocol-TLSv1.1': 'TLSv1.1',
  'Protocol-TLSv1.2': 'TLSv1.2',
}

/** @param policies those that are enabled on the listener; without one for SSL negotiation, the default policy applies. */
export function tlsPolicy(policies: readonly PolicyRecord[]): TlsPolicy {
  const policy = policies.find(({ typeName }) => typeName === 'SSLNegotiationPolicyType')
  const switches =
    policy?.attributes.map(({ name }) => name) ??
    findPredefinedSslPolicy(defaultSslPolicy)?.enabled ??
    []
  return {
    protocols: switches.flatMap((name) => protocols[name] ?? []),
    ciphers: sslCiphers.filter((name) => switches.includes(name)),
    serverOrder: switches.includes(serverOrder),
  }
}

/** How instances are spoken to at a port: with any key, unless a policy for authentication is set there (guide, page 56). */
export function targetTls(record: LoadBalancerRecord, instancePort: number): TargetTls {
  const entry = record.backendPolicies.find((one) => one.instancePort === instancePort)
  const authentications = record.policies.filter(
    ({ name, typeName }) =>
      typeName === 'BackendServerAuthenticationPolicyType' && entry?.policyNames.includes(name),
  )
  if (authentications.length === 0) return { publicKeys: null }
  const names = authentications.flatMap(({ attributes }) => attributes.map(({ value }) => value))
  const keys = record.policies
    .filter(({ name, typeName }) => typeName === 'PublicKeyPolicyType' && names.includes(name))
    .flatMap(({ attributes }) => attributes.map(({ value }) => publicKey(value)))
  return { publicKeys: keys }
}

/** The key as it was given, or that of the certificate that was: the guide (page 56) shows both. What is neither fits nothing. */
function publicKey(value: string): string {
  const text = value.replaceAll(/-----[A-Z ]+-----|\s/g, '')
  const der = Buffer.from(text, 'base64')
  const key = readKey(der) ?? readCertificateKey(der)
  return key?.export({ type: 'spki', format: 'der' }).toString('base64') ?? text
}

function readKey(der: Buffer) {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

function readCertificateKey(der: Buffer) {
  try {
    return new X509Certificate(der).publicKey
  } catch {
    return undefined
  }
}
