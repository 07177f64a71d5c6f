import { createHmac } from 'node:crypto'
import type { CertificateRecord } from '../aws/certificates/records.ts'
import { domainsOf } from '../huawei/elb/certificates/domains.ts'
import type { CertificateRecord as HuaweiCertificateRecord } from '../huawei/elb/records.ts'
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

/**
 * The same of Huawei Cloud's; undefined of a client CA, which has no key.
 * @param key the record's, in the store
 */
export function openHuaweiCertificate(
  key: string,
  record: HuaweiCertificateRecord,
  box: SecretBox,
): Certificate | undefined {
  const { id, certificate, sealed_key } = record
  if (sealed_key === null) return undefined
  const privateKey = box.open(sealed_key, key)
  const chain = `${certificate}\n`
  const names = domainsOf(record)
  const content = fingerprint([...names, chain].join('\n'), privateKey)
  return { id: `${key}/${content}`, name: id, names, chain, key: privateKey }
}

/** Another one for other content or another key; nothing of the key can be told from it. */
function fingerprint(content: string, privateKey: string): string {
  return createHmac('sha256', privateKey).update(content).digest('hex')
}
