/** What a certificate looks like (API reference, CertificateDetail). */
import type { CertificateDetail, DomainValidation, RenewalSummary } from '@aws-sdk/client-acm'
import { certificateFacts } from '../../certificates/facts.ts'
import type { Call } from '../wire/service.ts'
import type { AcmPorts } from './ports.ts'
import type { AcmCertificate, ImportedRecord } from './records.ts'
import type { IssuedState, RequestRecord } from './request-records.ts'
import { certificateStatus } from './status.ts'
import { challengeName, validationName } from './validation-names.ts'

export function certificateDetail(
  found: AcmCertificate,
  inUseBy: readonly string[],
  call: Call,
  ports: AcmPorts,
): CertificateDetail {
  const shared = {
    CertificateArn: found.record.arn,
    InUseBy: [...inUseBy],
    Status: certificateStatus(found, call.clock.now()),
  }
  if (found.kind === 'imported') return { ...shared, ...importedDetail(found.record) }
  const { record, issued } = found
  return {
    ...shared,
    Subject: `CN=${record.names[0]}`,
    ...(issued === null ? {} : contentDetail(issued.body)),
    ...requestedDetail(record, call, ports),
  }
}

function importedDetail(record: ImportedRecord): Partial<CertificateDetail> {
  return {
    ...contentDetail(record.body),
    CreatedAt: new Date(record.createdTime),
    ImportedAt: new Date(record.importedTime),
    Type: 'IMPORTED',
    RenewalEligibility: 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'DISABLED' },
  }
}

/** What it says of itself. */
function contentDetail(body: string): Partial<CertificateDetail> {
  const facts = certificateFacts(body)
  return {
    DomainName: facts.domainName,
    SubjectAlternativeNames: [...facts.names],
    Serial: facts.serial,
    Subject: facts.subject,
    Issuer: facts.issuer,
    NotBefore: facts.notBefore,
    NotAfter: facts.notAfter,
    KeyAlgorithm: facts.keyAlgorithm as CertificateDetail['KeyAlgorithm'],
    SignatureAlgorithm: facts.signatureAlgorithm,
    KeyUsages: facts.keyUsages.map((Name) => ({ Name })) as CertificateDetail['KeyUsages'],
    ExtendedKeyUsages: facts.extendedKeyUsages.map(({ name, oid }) => ({
      Name: name,
      OID: oid,
    })) as CertificateDetail['ExtendedKeyUsages'],
  }
}

function requestedDetail(
  request: RequestRecord,
  call: Call,
  { dnsSuffix }: AcmPorts,
): Partial<CertificateDetail> {
  const { names, keyAlgorithm, requestedAt, state } = request
  const validation = (status: ValidationStatus) =>
    names.map((name) => ({
      ...domainValidation(name, request.validationMethod, call.accountId, dnsSuffix),
      ValidationStatus: status,
    }))
  return {
    DomainName: names[0],
    SubjectAlternativeNames: [...names],
    DomainValidationOptions: validation(validationStatus(state.kind)),
    CreatedAt: new Date(requestedAt),
    KeyAlgorithm: keyAlgorithm,
    Type: 'AMAZON_ISSUED',
    RenewalEligibility: state.kind === 'issued' ? 'ELIGIBLE' : 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: request.transparencyLogging },
    ...(state.kind === 'failed' ? { FailureReason: state.reason } : {}),
    ...(state.kind === 'issued' ? issuedDetail(state, validation, call.clock.now()) : {}),
  }
}

type ValidationStatus = NonNullable<DomainValidation['ValidationStatus']>

function validationStatus(state: RequestRecord['state']['kind']): ValidationStatus {
  if (state === 'pending') return 'PENDING_VALIDATION'
  return state === 'issued' ? 'SUCCESS' : 'FAILED'
}

/** Of DNS, with the CNAME record that leads authorities to Weir. HTTP needs nothing but that the name leads to a load balancer. */
function domainValidation(
  name: string,
  method: RequestRecord['validationMethod'],
  accountId: string,
  dnsSuffix: string,
): DomainValidation {
  const common = { DomainName: name, ValidationDomain: name, ValidationMethod: method }
  if (method === 'HTTP') return common
  const record = {
    Name: `${challengeName(name)}.`,
    Type: 'CNAME' as const,
    Value: `${validationName(name, accountId, dnsSuffix)}.`,
  }
  return { ...common, ResourceRecord: record }
}

function issuedDetail(
  { issuedAt, notAfter, renewal }: IssuedState,
  validation: (status: ValidationStatus) => DomainValidation[],
  now: number,
): Partial<CertificateDetail> {
  const issued = { IssuedAt: new Date(issuedAt) }
  if (renewal === null) return issued
  const blocked = notAfter < now ? 'FAILED' : 'PENDING_VALIDATION'
  const statuses = { pending: 'PENDING_AUTO_RENEWAL', blocked, success: 'SUCCESS' } as const
  const summary: RenewalSummary = {
    RenewalStatus: statuses[renewal.status],
    DomainValidationOptions: validation(
      renewal.status === 'success' ? 'SUCCESS' : 'PENDING_VALIDATION',
    ),
    UpdatedAt: new Date(renewal.updatedAt),
  }
  return { ...issued, RenewalSummary: summary }
}
