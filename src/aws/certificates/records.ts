/** Server certificates as they are stored, whoever keeps them: what load balancers need to use one. */

import type { Material } from '../../certificates/material.ts'
import type { SecretBox } from '../../std/secret-box.ts'
import type { Reader } from '../../store/transaction.ts'

export interface CertificateRecord {
  readonly arn: string
  /** PEM of the server's own certificate. */
  readonly body: string
  /** PEM of those that sign it, the nearest first. */
  readonly chain: string | null
  /** PEM of the private key, sealed under the record's own key in the store. */
  readonly sealedKey: string
}

export const certificateKeys = {
  /** IAM is global: one namespace in the account. */
  allOfIam: 'iam/server-certificate/',
  ofIam: (name: string) => `iam/server-certificate/${name}`,
  /** Of all regions. */
  allOfAcm: 'acm/',
  ofAcmIn: (region: string) => `acm/${region}/certificate/`,
  ofAcm: (region: string, id: string) => `acm/${region}/certificate/${id}`,
} as const

/** Whether a key of the store is a certificate's. */
export function isCertificateKey(key: string): boolean {
  return key.startsWith(certificateKeys.allOfIam) || /^acm\/[^/]+\/certificate\//.test(key)
}

/** The material as the record at `key` keeps it. */
export function sealMaterial(
  { body, chain, privateKey }: Pick<Material, 'body' | 'chain' | 'privateKey'>,
  key: string,
  box: SecretBox,
): Pick<CertificateRecord, 'body' | 'chain' | 'sealedKey'> {
  return { body, chain, sealedKey: box.seal(privateKey, key) }
}

/** The certificate that load balancers of a region can use under this ARN; undefined when there is none. */
export async function findCertificate(
  reader: Reader,
  arn: string,
  region: string,
): Promise<CertificateRecord | undefined> {
  const key = keyOf(arn, region)
  const record = key === undefined ? undefined : await reader.get<CertificateRecord>(key)
  return record?.arn === arn ? record : undefined
}

/** Where the certificate of this ARN is, if it is; undefined for what is no ARN of a certificate, or of another region. */
function keyOf(arn: string, region: string): string | undefined {
  const [, name] = /^arn:aws:iam::\d{12}:server-certificate\/(?:[^/]+\/)*([^/]+)$/.exec(arn) ?? []
  if (name !== undefined) return certificateKeys.ofIam(name)
  const [, place, id] = /^arn:aws:acm:([^:]+):\d{12}:certificate\/([^/]+)$/.exec(arn) ?? []
  return id !== undefined && place === region ? certificateKeys.ofAcm(region, id) : undefined
}
