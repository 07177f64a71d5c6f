import type { Reader } from '../../store/transaction.ts'
import { type CertificateRecord, certificateKeys } from '../certificates/records.ts'
import type { Call } from '../wire/service.ts'
import { certificateNotFound, invalidArn } from './errors.ts'
import { type RequestRecord, requestKeys } from './request-records.ts'

export interface ImportedRecord extends CertificateRecord {
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

/** A certificate of ACM, with the record that its tags are in. */
export type AcmCertificate =
  | { readonly kind: 'imported'; readonly key: string; readonly record: ImportedRecord }
  | {
      readonly kind: 'requested'
      readonly key: string
      readonly record: RequestRecord
      /** What it has when it is issued. */
      readonly issued: CertificateRecord | null
    }

/** @throws ApiError InvalidArnException, ResourceNotFoundException */
export async function findAcmCertificate(
  reader: Pick<Reader, 'get'>,
  arn: string,
  call: Call,
): Promise<AcmCertificate> {
  const id = idOf(arn, call)
  const request = await reader.get<RequestRecord>(requestKeys.of(call.region, id))
  const key = certificateKeys.ofAcm(call.region, id)
  if (request !== undefined) {
    return requested(request, (await reader.get<CertificateRecord>(key)) ?? null)
  }
  const record = await reader.get<ImportedRecord>(key)
  if (record === undefined) throw certificateNotFound(arn)
  return { kind: 'imported', key, record }
}

/** All of a region. */
export async function listAcmCertificates(
  reader: Reader,
  region: string,
): Promise<AcmCertificate[]> {
  const requests = await reader.list<RequestRecord>(requestKeys.inRegion(region))
  const contents = new Map(await reader.entries<CertificateRecord>(certificateKeys.ofAcmIn(region)))
  const found: AcmCertificate[] = requests.map((request) => {
    const key = certificateKeys.ofAcm(region, request.id)
    const issued = contents.get(key) ?? null
    contents.delete(key)
    return requested(request, issued)
  })
  for (const [key, record] of contents) {
    found.push({ kind: 'imported', key, record: record as ImportedRecord })
  }
  return found
}

function requested(record: RequestRecord, issued: CertificateRecord | null): AcmCertificate {
  return { kind: 'requested', key: requestKeys.of(record.region, record.id), record, issued }
}

export function certificateArn(id: string, { region, accountId }: Call): string {
  return `arn:aws:acm:${region}:${accountId}:certificate/${id}`
}

function idOf(arn: string, call: Call): string {
  const id = arn.slice(arn.lastIndexOf('/') + 1)
  if (id === '' || arn !== certificateArn(id, call)) throw invalidArn(arn)
  return id
}
