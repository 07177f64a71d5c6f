import type {
  CertificateSummary,
  Filters,
  ListCertificatesRequest,
  ListCertificatesResponse,
} from '@aws-sdk/client-acm'
import { reader } from '../../store/transaction.ts'
import { type CertificateFacts, certificateFacts } from '../certificates/facts.ts'
import { certificateKeys } from '../certificates/records.ts'
import { usedCertificates } from '../elb/certificate-users.ts'
import { atLeast, atMost, check, reject } from '../wire/constraints.ts'
import { page } from '../wire/paging.ts'
import type { Operation } from '../wire/service.ts'
import { statusOf } from './certificates.ts'
import { invalid } from './errors.ts'
import type { AcmCertificateRecord } from './records.ts'

/** Both the default and the most that a page holds. */
const maxPageSize = 1000

/** "Default filtering returns only RSA_1024 and RSA_2048 certificates" (API reference, ListCertificates, Includes). */
const defaultKeyTypes = ['RSA_1024', 'RSA_2048']

/** How many names a summary has. */
const maxSummaryNames = 100

/** In order of creation. */
export const listCertificates: Operation<
  ListCertificatesRequest,
  ListCertificatesResponse
> = async (input, { store, region, clock }) => {
  checkRequest(input)
  const records = await reader(store).list<AcmCertificateRecord>(certificateKeys.ofAcmIn(region))
  const used = await usedCertificates(reader(store))
  const entries = records.map((record) => {
    const facts = certificateFacts(record.body)
    const status = statusOf(facts.notAfter, clock.now())
    return { key: `${record.createdTime} ${record.id}`, record, facts, status }
  })
  const wanted = entries.filter(
    ({ facts, status }) =>
      isAmong(input.CertificateStatuses, status) && matches(facts, input.Includes ?? {}),
  )
  const descending = input.SortOrder === 'DESCENDING'
  wanted.sort((a, b) => (a.key < b.key === descending ? 1 : -1))
  const request = { marker: input.NextToken, limit: input.MaxItems ?? maxPageSize, descending }
  const { items, nextMarker } = page(wanted, ({ key }) => key, request)
  return {
    CertificateSummaryList: items.map(({ record, facts, status }) =>
      summary(record, facts, status, used.has(record.arn)),
    ),
    ...(nextMarker === undefined ? {} : { NextToken: nextMarker }),
  }
}

/** @throws ApiError ValidationException */
function checkRequest({ MaxItems, SortBy, SortOrder }: ListCertificatesRequest): void {
  reject(check('maxItems', MaxItems, atLeast(1), atMost(maxPageSize)))
  if ((SortBy === undefined) !== (SortOrder === undefined)) {
    throw invalid('SortBy and SortOrder have to be specified together')
  }
}

function matches(facts: CertificateFacts, filters: Filters): boolean {
  const { keyTypes, keyUsage, extendedKeyUsage, exportOption, managedBy } = filters
  return (
    isAmong(keyTypes?.length ? keyTypes : defaultKeyTypes, facts.keyAlgorithm) &&
    hasAny(keyUsage, facts.keyUsages) &&
    hasAny(
      extendedKeyUsage,
      facts.extendedKeyUsages.map(({ name }) => name),
    ) &&
    isAmong(exportOption && [exportOption], 'DISABLED') &&
    managedBy === undefined
  )
}

/** No list lets everything pass. */
function isAmong(wanted: readonly string[] | undefined, value: string): boolean {
  return !wanted?.length || wanted.includes(value)
}

function hasAny(wanted: readonly string[] | undefined, values: readonly string[]): boolean {
  return !wanted?.length || wanted.some((each) => values.includes(each))
}

function summary(
  record: AcmCertificateRecord,
  facts: CertificateFacts,
  status: 'ISSUED' | 'EXPIRED',
  inUse: boolean,
): CertificateSummary {
  return {
    CertificateArn: record.arn,
    DomainName: facts.domainName,
    SubjectAlternativeNameSummaries: facts.names.slice(0, maxSummaryNames),
    HasAdditionalSubjectAlternativeNames: facts.names.length > maxSummaryNames,
    Status: status,
    Type: 'IMPORTED',
    KeyAlgorithm: facts.keyAlgorithm as CertificateSummary['KeyAlgorithm'],
    KeyUsages: [...facts.keyUsages] as CertificateSummary['KeyUsages'],
    ExtendedKeyUsages: facts.extendedKeyUsages.map(
      ({ name }) => name,
    ) as CertificateSummary['ExtendedKeyUsages'],
    ExportOption: 'DISABLED',
    InUse: inUse,
    RenewalEligibility: 'INELIGIBLE',
    NotBefore: facts.notBefore,
    NotAfter: facts.notAfter,
    CreatedAt: new Date(record.createdTime),
    ImportedAt: new Date(record.importedTime),
  }
}
