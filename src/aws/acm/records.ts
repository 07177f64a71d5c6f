import type { Reader } from '../../store/transaction.ts'
import { type CertificateRecord, certificateKeys } from '../certificates/records.ts'
import type { Call } from '../wire/service.ts'
import { certificateNotFound, invalidArn } from './errors.ts'

export interface AcmCertificateRecord extends CertificateRecord {
  /** A UUID: the last part of the ARN. */
  readonly id: string
  /** ISO 8601. */
  readonly createdTime: string
  /** ISO 8601: when the present content came. */
  readonly importedTime: string
  readonly tags: readonly TagRecord[]
}

export interface TagRecord {
  readonly key: string
  /** Null: the key stands alone. */
  readonly value: string | null
}

/** @throws ApiError InvalidArnException, ResourceNotFoundException */
export async function findAcmCertificate(
  reader: Pick<Reader, 'get'>,
  arn: string,
  call: Call,
): Promise<AcmCertificateRecord> {
  const key = certificateKeys.ofAcm(call.region, idOf(arn, call))
  const record = await reader.get<AcmCertificateRecord>(key)
  if (record === undefined) throw certificateNotFound(arn)
  return record
}

export function certificateArn(id: string, { region, accountId }: Call): string {
  return `arn:aws:acm:${region}:${accountId}:certificate/${id}`
}

function idOf(arn: string, call: Call): string {
  const id = arn.slice(arn.lastIndexOf('/') + 1)
  if (id === '' || arn !== certificateArn(id, call)) throw invalidArn(arn)
  return id
}
