import 'reflect-metadata'
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } from '@peculiar/x509'

const generate = promisify(generateKeyPair)

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

/** RSA, as SNS's signatures need; it is valid at all times: who verifies takes it from us, and not for its dates. */
export async function makeSigningCertificate(): Promise<{
  /** PEM. */
  readonly certificate: string
  /** PEM of PKCS #8. */
  readonly privateKey: string
}> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 })
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Weir notifications',
    notBefore: new Date('2000-01-01T00:00:00Z'),
    // RFC 5280, section 4.1.2.5: no well-defined expiration date.
    notAfter: new Date('9999-12-31T23:59:59Z'),
    keys: {
      publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
      privateKey: privateKey.toCryptoKey(algorithm, false, ['sign']),
    },
    signingAlgorithm: algorithm,
    extensions: [new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)],
  })
  return {
    certificate: `${certificate.toString('pem').trim()}\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
