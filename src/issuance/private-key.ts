import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { RequestedKeyAlgorithm } from '../aws/acm/request-records.ts'

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const generate = promisify(generateKeyPair)

export function newKeyPair(algorithm: RequestedKeyAlgorithm): Promise<KeyPair> {
  const [kind, detail = ''] = algorithm.split('_')
  if (kind === 'RSA') return generate('rsa', { modulusLength: Number(detail) })
  return generate('ec', { namedCurve: detail })
}

/** PEM of PKCS #8, not encrypted. */
export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
