import type {
  CertificateDetail,
  CertificateSummary,
  Filters,
  ListCertificatesRequest,
  ListCertificatesResponse,
} from '@aws-sdk/client-acm'
import { reader } from '../../store/transaction.ts'
import { usedCertificates } from '../elb/certificate-users.ts'
import { atLeast, atMost, check, reject } from '../wire/constraints.ts'
import { page } from '../wire/paging.ts'
import type { Operation } from '../wire/service.ts'
import { certificateDetail } from './detail.ts'
import { invalid } from './errors.ts'
import type { AcmPorts } from './ports.ts'
import { listAcmCertificates } from './records.ts'

/** Both the default and the most that a page holds. */
const maxPageSize = 1000

/** "Default filtering returns only RSA_1024 and RSA_2048 certificates" (API reference, ListCertificates, Includes). */
const defaultKeyTypes = ['RSA_1024', 'RSA_2048']

/** How many names a summary has. */
const maxSummaryNames = 100

/** In order of creation. */
export function listCertificates(
  ports: AcmPorts,
): Operation<ListCertificatesRequest, ListCertificatesResponse> {
  return async (input, call) => {
    checkRequest(input)
    const found = await listAcmCertificates(reader(call.store), call.region)
    const used = await usedCertificates(reader(call.store))
    const wanted = found
      .map((each) => certificateDetail(each, [], call, ports))
      .filter((detail) => isAmong(input.CertificateStatuses, detail.Status))
      .filter((detail) => matches(detail, input.Includes ?? {}))
      .map((detail) => ({ key: sortKey(detail), detail }))
    const descending = input.SortOrder === 'DESCENDING'
    wanted.sort((a, b) => (a.key < b.key === descending ? 1 : -1))
    const request = { marker: input.NextToken, limit: input.MaxItems ?? maxPageSize, descending }
    const { items, nextMarker } = page(wanted, ({ key }) => key, request)
    return {
      CertificateSummaryList: items.map(({ detail }) =>
        summary(detail, used.has(detail.CertificateArn ?? '')),
      ),
      ...(nextMarker === undefined ? {} : { NextToken: nextMarker }),
    }
  }
}

function sortKey({ CreatedAt, CertificateArn }: CertificateDetail): string {
  return `${CreatedAt?.toISOString()} ${CertificateArn}`
}

/** @throws ApiError ValidationException */
function checkRequest({ MaxItems, SortBy, SortOrder }: ListCertificatesRequest): void {
  reject(check('maxItems', MaxItems, atLeast(1), atMost(maxPageSize)))
  if ((SortBy === undefined) !== (SortOrder === undefined)) {
    throw invalid('SortBy and SortOrder have to be specified together')
  }
}

function matches(detail: CertificateDetail, filters: Filters): boolean {
  const { keyTypes, keyUsage, extendedKeyUsage, exportOption, managedBy } = filters
  return (
    isAmong(keyTypes?.length ? keyTypes : defaultKeyTypes, detail.KeyAlgorithm) &&
    hasAny(keyUsage, namesOf(detail.KeyUsages)) &&
    hasAny(extendedKeyUsage, namesOf(detail.ExtendedKeyUsages)) &&
    isAmong(exportOption && [exportOption], 'DISABLED') &&
    managedBy === undefined
  )
}

function namesOf<T>(usages: readonly { readonly Name?: T | undefined }[] | undefined): T[] {
  return (usages ?? []).flatMap(({ Name }) => Name ?? [])
}

/** No list lets everything pass. */
function isAmong(wanted: readonly string[] | undefined, value: string | undefined): boolean {
  return !wanted?.length || (value !== undefined && wanted.includes(value))
}

function hasAny(wanted: readonly string[] | undefined, values: readonly string[]): boolean {
  return !wanted?.length || wanted.some((each) => values.includes(each))
}

function summary(detail: CertificateDetail, inUse: boolean): CertificateSummary {
  const names = detail.SubjectAlternativeNames ?? []
  return {
    CertificateArn: detail.CertificateArn,
    DomainName: detail.DomainName,
    SubjectAlternativeNameSummaries: names.slice(0, maxSummaryNames),
    HasAdditionalSubjectAlternativeNames: names.length > maxSummaryNames,
    Status: detail.Status,
    Type: detail.Type,
    KeyAlgorithm: detail.KeyAlgorithm,
    KeyUsages: namesOf(detail.KeyUsages),
    ExtendedKeyUsages: namesOf(detail.ExtendedKeyUsages),
    ExportOption: 'DISABLED',
    InUse: inUse,
    RenewalEligibility: detail.RenewalEligibility,
    NotBefore: detail.NotBefore,
    NotAfter: detail.NotAfter,
    CreatedAt: detail.CreatedAt,
    IssuedAt: detail.IssuedAt,
    ImportedAt: detail.ImportedAt,
  }
}
