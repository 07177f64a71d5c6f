import { randomUUID } from 'node:crypto'
import type {
  DomainValidationOption,
  RequestCertificateRequest,
  RequestCertificateResponse,
} from '@aws-sdk/client-acm'
import { atomically, type Transaction } from '../../store/transaction.ts'
import {
  check,
  maxLength,
  minLength,
  pattern,
  reject,
  type Violation,
} from '../wire/constraints.ts'
import type { Call, Operation } from '../wire/service.ts'
import { checkQuota } from './certificates.ts'
import { invalid, invalidValidationOptions, tooManyNames } from './errors.ts'
import type { AcmPorts } from './ports.ts'
import { certificateArn } from './records.ts'
import {
  type RequestedKeyAlgorithm,
  type RequestRecord,
  requestedKeyAlgorithms,
  requestKeys,
} from './request-records.ts'
import { requestedTags, withTags } from './tags.ts'

/** Of the model. */
const namePattern =
  /^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/
const maxNameLength = 253
const maxNames = 100

/** The first name is the certificate's common name (RFC 5280, appendix A.1: ub-common-name). */
const maxCommonName = 64

/** "Idempotency tokens time out after one hour" (API reference). */
const tokenLife = 3_600_000

/** The certificate is issued later; until then it is pending. */
export function requestCertificate(
  ports: AcmPorts,
): Operation<RequestCertificateRequest, RequestCertificateResponse> {
  return async (input, call) => {
    reject(violations(input))
    rejectUnavailable(input)
    const wish = {
      names: namesOf(input, ports.quotas.namesPerCertificate),
      keyAlgorithm: keyAlgorithmOf(input),
      validationMethod: validationMethodOf(input),
    }
    checkValidation(wish, input.DomainValidationOptions ?? [])
    const tags = withTags([], requestedTags(input.Tags), 'requested')
    const token = input.IdempotencyToken ?? null
    return atomically(call.store, async (tx) => {
      const same = await sameRequest(tx, call, token, wish)
      if (same !== undefined) return { CertificateArn: same.arn }
      await checkQuota(tx, call, ports.quotas.certificates)
      const record: RequestRecord = {
        ...newRequest(call),
        ...wish,
        idempotencyToken: token,
        transparencyLogging: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
        tags,
      }
      tx.put(requestKeys.of(call.region, record.id), record)
      return { CertificateArn: record.arn }
    })
  }
}

type Wish = Pick<RequestRecord, 'names' | 'keyAlgorithm' | 'validationMethod'>

function newRequest(call: Call) {
  const id = randomUUID()
  const now = call.clock.now()
  return {
    id,
    arn: certificateArn(id, call),
    region: call.region,
    requestedAt: now,
    state: { kind: 'pending', attempts: { begun: 0, nextAt: now } },
  } as const
}

function violations(input: RequestCertificateRequest): Violation[] {
  const { DomainName, SubjectAlternativeNames: others, IdempotencyToken } = input
  const rules = [minLength(1), maxLength(maxNameLength), pattern(namePattern)]
  return [
    ...check('domainName', DomainName, ...rules),
    ...check('subjectAlternativeNames', others, minLength(1), maxLength(maxNames)),
    ...(others ?? []).flatMap((name, index) =>
      check(`subjectAlternativeNames.${index + 1}.member`, name, ...rules),
    ),
    ...check('idempotencyToken', IdempotencyToken, minLength(1), maxLength(32), pattern(/^\w+$/)),
  ]
}

/** @throws ApiError ValidationException for what AWS has and Weir has not */
function rejectUnavailable(input: RequestCertificateRequest): void {
  if (input.CertificateAuthorityArn !== undefined) {
    throw invalid('CertificateAuthorityArn: private certificate authorities are not available here')
  }
  if (input.Options?.Export === 'ENABLED') {
    throw invalid('Options.Export: certificates cannot be exported here')
  }
  if (input.ManagedBy !== undefined) {
    throw invalid(`ManagedBy: ${input.ManagedBy} is not available here`)
  }
  if (input.ValidationMethod === 'EMAIL') {
    throw invalid('ValidationMethod: EMAIL is not available here: use DNS or HTTP')
  }
}

/** @throws ApiError ValidationException, LimitExceededException */
function namesOf(input: RequestCertificateRequest, limit: number): [string, ...string[]] {
  const first = (input.DomainName ?? '').toLowerCase()
  const others = (input.SubjectAlternativeNames ?? []).map((name) => name.toLowerCase())
  if (first.length > maxCommonName) {
    throw invalid(
      `The first domain name can be no longer than ${maxCommonName} characters: '${first}' has ${first.length}`,
    )
  }
  const names: [string, ...string[]] = [first, ...new Set(others.filter((name) => name !== first))]
  if (names.length > limit) throw tooManyNames(names.length, limit)
  return names
}

/** @throws ApiError ValidationException */
function keyAlgorithmOf({
  KeyAlgorithm = 'RSA_2048',
}: RequestCertificateRequest): RequestedKeyAlgorithm {
  const known = requestedKeyAlgorithms.find((algorithm) => algorithm === KeyAlgorithm)
  if (known !== undefined) return known
  const choice = requestedKeyAlgorithms.join(', ')
  throw invalid(`KeyAlgorithm: ${KeyAlgorithm} cannot be requested; choose one of ${choice}`)
}

/** Who says nothing gets the method that can prove every name. */
function validationMethodOf({ ValidationMethod }: RequestCertificateRequest): 'DNS' | 'HTTP' {
  return ValidationMethod === 'HTTP' ? 'HTTP' : 'DNS'
}

/** @throws ApiError InvalidDomainValidationOptionsException */
function checkValidation(
  { names, validationMethod }: Wish,
  options: readonly DomainValidationOption[],
): void {
  const wildcard = names.find((name) => name.startsWith('*.'))
  if (validationMethod === 'HTTP' && wildcard !== undefined) {
    throw invalidValidationOptions(`HTTP cannot validate ${wildcard}: use DNS for wildcards`)
  }
  const stranger = options.find(({ DomainName = '' }) => !names.includes(DomainName.toLowerCase()))
  if (stranger === undefined) return
  throw invalidValidationOptions(`${stranger.DomainName} is no name of the certificate`)
}

async function sameRequest(
  tx: Transaction,
  { region, clock }: Call,
  token: string | null,
  wish: Wish,
): Promise<RequestRecord | undefined> {
  if (token === null) return undefined
  const requests = await tx.list<RequestRecord>(requestKeys.inRegion(region))
  return requests.find(
    ({ idempotencyToken, requestedAt, names, keyAlgorithm, validationMethod }) =>
      idempotencyToken === token &&
      clock.now() - requestedAt < tokenLife &&
      names.join() === wish.names.join() &&
      keyAlgorithm === wish.keyAlgorithm &&
      validationMethod === wish.validationMethod,
  )
}
