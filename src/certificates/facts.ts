/** What a certificate says of itself, in ACM's words. */
import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { KeyUsageFlags, KeyUsagesExtension, X509Certificate as Parsed } from '@peculiar/x509'
import { keyAlgorithm } from './material.ts'

export interface CertificateFacts {
  /** The name that it is for first; undefined when it names nobody. */
  readonly domainName: string | undefined
  /** All names that it is for. */
  readonly names: readonly string[]
  /** e.g. `C=US,O=Example Company,CN=www.example.com`. */
  readonly subject: string
  /** Who signed it: the organization, or else the common name. */
  readonly issuer: string
  /** e.g. `7f:0a`. */
  readonly serial: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** e.g. `RSA_2048`. */
  readonly keyAlgorithm: string
  /** e.g. `SHA256WITHRSA`. */
  readonly signatureAlgorithm: string
  readonly keyUsages: readonly string[]
  readonly extendedKeyUsages: readonly { readonly name: string; readonly oid: string }[]
}

/** @param pem one certificate */
export function certificateFacts(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem)
  const { subject, issuer, serialNumber, validFromDate, validToDate } = certificate
  const commonName = attribute(subject, 'CN')
  const names = dnsNames(certificate)
  return {
    domainName: commonName ?? names[0],
    names: names.length > 0 || commonName === undefined ? names : [commonName],
    subject: subject.split('\n').join(','),
    issuer: attribute(issuer, 'O') ?? attribute(issuer, 'CN') ?? '',
    serial: serialNumber.toLowerCase().replace(/(..)(?=.)/g, '$1:'),
    notBefore: validFromDate,
    notAfter: validToDate,
    keyAlgorithm: keyAlgorithm(certificate.publicKey),
    signatureAlgorithm: signatureName(certificate.signatureAlgorithm ?? ''),
    keyUsages: keyUsages(certificate),
    extendedKeyUsages: (certificate.keyUsage ?? []).map((oid) => ({
      name: extendedUsageNames[oid] ?? 'CUSTOM',
      oid,
    })),
  }
}

/** Node writes a name as lines of `TYPE=value`. */
function attribute(name: string, type: string): string | undefined {
  const line = name.split('\n').find((each) => each.startsWith(`${type}=`))
  return line?.slice(type.length + 1)
}

/** Node writes `DNS:a, DNS:b, IP Address:…`. */
function dnsNames({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:^|, )DNS:([^,]+)/g)].map(([, name = '']) => name)
}

/** OpenSSL's `sha256WithRSAEncryption` and `ecdsa-with-SHA256`. */
function signatureName(name: string): string {
  const [, digest, otherDigest] = /^(?:(\w+)WithRSAEncryption|ecdsa-with-(\w+))$/.exec(name) ?? []
  if (digest !== undefined) return `${digest.toUpperCase()}WITHRSA`
  return otherDigest === undefined ? name : `${otherDigest.toUpperCase()}WITHECDSA`
}

/** RFC 5280, section 4.2.1.3. */
const usageNames: readonly (readonly [KeyUsageFlags, string])[] = [
  [KeyUsageFlags.digitalSignature, 'DIGITAL_SIGNATURE'],
  [KeyUsageFlags.nonRepudiation, 'NON_REPUDIATION'],
  [KeyUsageFlags.keyEncipherment, 'KEY_ENCIPHERMENT'],
  [KeyUsageFlags.dataEncipherment, 'DATA_ENCIPHERMENT'],
  [KeyUsageFlags.keyAgreement, 'KEY_AGREEMENT'],
  [KeyUsageFlags.keyCertSign, 'CERTIFICATE_SIGNING'],
  [KeyUsageFlags.cRLSign, 'CRL_SIGNING'],
  [KeyUsageFlags.encipherOnly, 'ENCIPHER_ONLY'],
  [KeyUsageFlags.decipherOnly, 'DECIPHER_ONLY'],
]

/** Node does not tell them. */
function keyUsages({ raw }: X509Certificate): string[] {
  const usages = new Parsed(raw).getExtension(KeyUsagesExtension)?.usages ?? 0
  return usageNames.flatMap(([flag, name]) => ((usages & flag) === 0 ? [] : [name]))
}

/** RFC 5280, section 4.2.1.12. */
const extendedUsageNames: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.5': 'IPSEC_END_SYSTEM',
  '1.3.6.1.5.5.7.3.6': 'IPSEC_TUNNEL',
  '1.3.6.1.5.5.7.3.7': 'IPSEC_USER',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
  '2.5.29.37.0': 'ANY',
}
