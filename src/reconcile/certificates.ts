import { createHmac } from 'node:crypto'
import type { CertificateRecord } from '../aws/certificates/records.ts'
import type { Certificate } from '../snapshot/snapshot.ts'
import type { SecretBox } from '../std/secret-box.ts'

/**
 * A stored certificate with its private key opened.
 * @param key the record's, in the store
 * @throws Error when the private key does not open
 */
export function openCertificate(
  key: string,
  { arn, body, chain: signers, sealedKey }: CertificateRecord,
  box: SecretBox,
): Certificate {
  const privateKey = box.open(sealedKey, key)
  const chain = signers === null ? `${body}\n` : `${body}\n${signers}\n`
  return { id: `${arn}/${fingerprint(chain, privateKey)}`, chain, key: privateKey }
}

/** Another one for another chain or key; nothing of the key can be told from it. */
function fingerprint(chain: string, privateKey: string): string {
  return createHmac('sha256', privateKey).update(chain).digest('hex')
}
