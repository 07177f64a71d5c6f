/**
 * A server certificate as it is handed in: the certificate itself, those that sign it, and its private key, all PEM. IAM and ACM ask
 * the same of it: one certificate that is valid now, a key that is its own and of a kind that they know, and a chain of which each
 * certificate signs the one before.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type PemBlock, pemBlocks } from './pem.ts'

export interface SentMaterial {
  readonly body: string
  readonly chain: string | undefined
  readonly privateKey: string
}

export interface Material {
  /** PEM, as it was sent but for white space around it. */
  readonly body: string
  readonly chain: string | null
  /** PEM of PKCS #8, not encrypted. Secret. */
  readonly privateKey: string
  readonly certificate: X509Certificate
}

/** What is wrong with it. The services have words of their own for each. */
export type Fault =
  | { readonly kind: 'certificate-malformed' | 'more-than-one-certificate' | 'chain-malformed' }
  | { readonly kind: 'not-yet-valid' | 'expired'; readonly time: Date }
  /** `index` is that of the certificate which the next one did not sign; -1 is the server's own. */
  | { readonly kind: 'chain-broken'; readonly index: number }
  | { readonly kind: 'key-malformed' | 'key-encrypted' }
  | { readonly kind: 'key-of-another-certificate' }
  /** `found` says which, e.g. `RSA_512`. */
  | { readonly kind: 'key-unsupported'; readonly found: string }

export type Refusal = (fault: Fault) => Error

/** `RSA_2048` and so on: what ACM names and both services take ("Prerequisites for importing ACM certificates"). */
const rsaBits = [1024, 2048, 3072, 4096]
const curves = ['prime256v1', 'secp384r1', 'secp521r1']

/**
 * @param now milliseconds since the epoch; null: it need not be valid now
 * @throws what `refuse` makes of the first fault
 */
export function readMaterial(sent: SentMaterial, now: number | null, refuse: Refusal): Material {
  const certificate = readCertificate(sent.body, refuse)
  if (now !== null) checkValidity(certificate, now, refuse)
  const key = readPrivateKey(sent.privateKey, refuse)
  const algorithm = keyAlgorithm(key)
  if (!isSupported(algorithm)) throw refuse({ kind: 'key-unsupported', found: algorithm })
  if (!certificate.checkPrivateKey(key)) throw refuse({ kind: 'key-of-another-certificate' })
  if (sent.chain !== undefined) checkChain(certificate, sent.chain, refuse)
  return {
    body: sent.body.trim(),
    chain: sent.chain?.trim() ?? null,
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate,
  }
}

/** In ACM's words: `RSA_2048`, `EC_prime256v1`; of other kinds Node's name. */
export function keyAlgorithm({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return `RSA_${asymmetricKeyDetails?.modulusLength}`
  if (asymmetricKeyType === 'ec') return `EC_${asymmetricKeyDetails?.namedCurve}`
  return asymmetricKeyType ?? 'unknown'
}

function isSupported(algorithm: string): boolean {
  return (
    rsaBits.some((bits) => algorithm === `RSA_${bits}`) ||
    curves.some((curve) => algorithm === `EC_${curve}`)
  )
}

function readCertificate(body: string, refuse: Refusal): X509Certificate {
  const blocks = pemBlocks(body)
  const [block] = blocks
  if (blocks.length > 1) throw refuse({ kind: 'more-than-one-certificate' })
  const certificate = block === undefined ? undefined : parseCertificate(block)
  if (certificate === undefined) throw refuse({ kind: 'certificate-malformed' })
  return certificate
}

function checkValidity(certificate: X509Certificate, now: number, refuse: Refusal): void {
  const { validFromDate, validToDate } = certificate
  if (validFromDate.getTime() > now) throw refuse({ kind: 'not-yet-valid', time: validFromDate })
  if (validToDate.getTime() < now) throw refuse({ kind: 'expired', time: validToDate })
}

function readPrivateKey(text: string, refuse: Refusal): KeyObject {
  // An EC key may come with its parameters in a piece of their own.
  const keys = pemBlocks(text).filter(({ label }) => label.endsWith('PRIVATE KEY'))
  const [key] = keys
  if (key === undefined || keys.length > 1) throw refuse({ kind: 'key-malformed' })
  if (isEncrypted(key)) throw refuse({ kind: 'key-encrypted' })
  try {
    return createPrivateKey(key.text)
  } catch {
    throw refuse({ kind: 'key-malformed' })
  }
}

/** RFC 7468, section 11; the older form: RFC 1421, section 4.6.1.1. */
function isEncrypted({ label, text }: PemBlock): boolean {
  return label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: *4, *ENCRYPTED/m.test(text)
}

function checkChain(certificate: X509Certificate, chain: string, refuse: Refusal): void {
  const blocks = pemBlocks(chain)
  if (blocks.length === 0) throw refuse({ kind: 'chain-malformed' })
  let signed = certificate
  for (const [position, block] of blocks.entries()) {
    const signer = parseCertificate(block)
    if (signer === undefined) throw refuse({ kind: 'chain-malformed' })
    if (!signs(signer, signed)) throw refuse({ kind: 'chain-broken', index: position - 1 })
    signed = signer
  }
}

function signs(signer: X509Certificate, signed: X509Certificate): boolean {
  return signed.checkIssued(signer) && signed.verify(signer.publicKey)
}

function parseCertificate({ label, text }: PemBlock): X509Certificate | undefined {
  if (label !== 'CERTIFICATE') return undefined
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}
