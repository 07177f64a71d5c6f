import { randomInt } from 'node:crypto'
import type { Transaction } from '../../store/transaction.ts'
import { type CertificateRecord, certificateKeys } from '../certificates/records.ts'
import { noSuchCertificate } from './errors.ts'

export interface ServerCertificateRecord extends CertificateRecord {
  /** Unique in the account. */
  readonly name: string
  /** Begins and ends with a slash. */
  readonly path: string
  /** `ASCA…`: never used again. */
  readonly id: string
  /** ISO 8601. */
  readonly uploadedTime: string
  /** ISO 8601. */
  readonly expires: string
  readonly tags: readonly TagRecord[]
}

export interface TagRecord {
  readonly key: string
  readonly value: string
}

export function serverCertificateArn(accountId: string, path: string, name: string): string {
  return `arn:aws:iam::${accountId}:server-certificate${path}${name}`
}

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** `ASCA` and 17 more, as AWS's. */
export function newServerCertificateId(): string {
  const letters = Array.from({ length: 17 }, () => idAlphabet.charAt(randomInt(idAlphabet.length)))
  return `ASCA${letters.join('')}`
}

/** @throws ApiError NoSuchEntity */
export async function findServerCertificate(
  tx: Pick<Transaction, 'get'>,
  name: string,
): Promise<ServerCertificateRecord> {
  const record = await tx.get<ServerCertificateRecord>(certificateKeys.ofIam(name))
  if (record === undefined) throw noSuchCertificate(name)
  return record
}
