import { afterAll, beforeAll, expect, test } from 'vitest'
import { CertificateAuthority } from '../../../test/support/certificate-authority.ts'
import { ElbApi, https443, type TestRegion } from '../../../test/support/elb-api.ts'
import { atomically } from '../../store/transaction.ts'
import { certificateKeys } from '../certificates/records.ts'
import { type RequestRecord, type RequestState, requestKeys } from './request-records.ts'

const hour = 3_600_000
const day = 24 * hour

let server: ElbApi
let root: CertificateAuthority

beforeAll(async () => {
  server = await ElbApi.start()
  root = await CertificateAuthority.create()
})

afterAll(() => server[Symbol.asyncDispose]())

async function requested({ acm }: TestRegion, changes: object = {}): Promise<string> {
  const { CertificateArn = '' } = await acm.requestCertificate({
    DomainName: 'www.example.com',
    ...changes,
  })
  return CertificateArn
}

async function detailOf({ acm }: TestRegion, CertificateArn: string) {
  return (await acm.describeCertificate({ CertificateArn })).Certificate
}

/** As what works on requests does it. */
async function reaches({ name }: TestRegion, arn: string, state: RequestState): Promise<void> {
  const id = arn.slice(arn.lastIndexOf('/') + 1)
  const { certificate: body } = await root.server({ key: 'RSA-2048' })
  await atomically(server.api.store, async (tx) => {
    const request = await tx.get<RequestRecord>(requestKeys.of(name, id))
    tx.put(requestKeys.of(name, id), { ...request, state })
    if (state.kind !== 'issued') return
    tx.put(certificateKeys.ofAcm(name, id), { arn, body, chain: null, sealedKey: 'sealed' })
  })
}

function issued(notAfter = Date.now() + 90 * day): RequestState {
  const attempts = { begun: 0, nextAt: notAfter - 30 * day }
  return { kind: 'issued', issuedAt: Date.now(), notAfter, attempts, renewal: null }
}

test('a request is described as pending, with the CNAME records that lead authorities here', async () => {
  const region = server.region()
  const SubjectAlternativeNames = ['*.Example.com', 'www.example.com']
  const Tags = [{ Key: 'stage', Value: 'test' }]
  const CertificateArn = await requested(region, { SubjectAlternativeNames, Tags })
  const option = (DomainName: string, Name: string) => ({
    DomainName,
    ValidationDomain: DomainName,
    ValidationStatus: 'PENDING_VALIDATION',
    ValidationMethod: 'DNS',
    ResourceRecord: {
      Name,
      Type: 'CNAME',
      Value: expect.stringMatching(/^_[0-9a-f]{32}\.acm-validations\.weir\.internal\.$/),
    },
  })
  expect(await detailOf(region, CertificateArn)).toEqual({
    CertificateArn,
    DomainName: 'www.example.com',
    SubjectAlternativeNames: ['www.example.com', '*.example.com'],
    DomainValidationOptions: [
      option('www.example.com', '_acme-challenge.www.example.com.'),
      option('*.example.com', '_acme-challenge.example.com.'),
    ],
    Subject: 'CN=www.example.com',
    CreatedAt: expect.any(Date),
    Status: 'PENDING_VALIDATION',
    KeyAlgorithm: 'RSA_2048',
    InUseBy: [],
    Type: 'AMAZON_ISSUED',
    RenewalEligibility: 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'ENABLED' },
  })
  expect((await region.acm.listTagsForCertificate({ CertificateArn })).Tags).toEqual(Tags)
  await region.acm.addTagsToCertificate({ CertificateArn, Tags: [{ Key: 'b' }] })
  expect((await region.acm.listTagsForCertificate({ CertificateArn })).Tags).toHaveLength(2)
})

test('a certificate that is not issued cannot be read or used, and can be deleted', async () => {
  const region = server.region()
  const CertificateArn = await requested(region)
  await expect(region.acm.getCertificate({ CertificateArn })).rejects.toMatchObject({
    name: 'RequestInProgressException',
  })
  const listener = { ...https443, SSLCertificateId: CertificateArn }
  await expect(region.create('web', [listener])).rejects.toMatchObject({
    name: 'CertificateNotFoundException',
  })
  await expect(region.acm.renewCertificate({ CertificateArn })).rejects.toMatchObject({
    name: 'RequestInProgressException',
  })
  await region.acm.deleteCertificate({ CertificateArn })
  await expect(detailOf(region, CertificateArn)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('an issued certificate is described with its content, and goes with its request', async () => {
  const region = server.region()
  const { acm, elb, name } = region
  const CertificateArn = await requested(region)
  await reaches(region, CertificateArn, issued())
  expect(await detailOf(region, CertificateArn)).toMatchObject({
    Status: 'ISSUED',
    Issuer: 'Weir Tests',
    Serial: expect.any(String),
    IssuedAt: expect.any(Date),
    NotAfter: expect.any(Date),
    Type: 'AMAZON_ISSUED',
    RenewalEligibility: 'ELIGIBLE',
    DomainValidationOptions: [{ ValidationStatus: 'SUCCESS' }],
  })
  expect((await acm.getCertificate({ CertificateArn })).Certificate).toContain('CERTIFICATE')
  await region.create('web', [{ ...https443, SSLCertificateId: CertificateArn }])
  await expect(acm.deleteCertificate({ CertificateArn })).rejects.toMatchObject({
    name: 'ResourceInUseException',
  })
  await elb.deleteLoadBalancer({ LoadBalancerName: 'web' })
  await acm.deleteCertificate({ CertificateArn })
  expect((await server.api.store.list(`acm/${name}/`)).entries).toEqual([])
})

test('what became of a request is in its status, and all are listed beside imported ones', async () => {
  const region = server.region()
  const failed = await requested(region)
  await reaches(region, failed, { kind: 'failed', reason: 'CAA_ERROR' })
  expect(await detailOf(region, failed)).toMatchObject({
    Status: 'FAILED',
    FailureReason: 'CAA_ERROR',
    DomainValidationOptions: [{ ValidationStatus: 'FAILED' }],
  })
  const late = await requested(region)
  await reaches(region, late, { kind: 'timed-out' })
  expect(await detailOf(region, late)).toMatchObject({ Status: 'VALIDATION_TIMED_OUT' })
  const old = await requested(region)
  await reaches(region, old, issued(Date.now() - 1))
  expect(await detailOf(region, old)).toMatchObject({ Status: 'EXPIRED' })
  const { CertificateSummaryList = [] } = await region.acm.listCertificates({})
  expect(CertificateSummaryList).toMatchObject([
    { CertificateArn: failed, Status: 'FAILED', Type: 'AMAZON_ISSUED' },
    { CertificateArn: late, Status: 'VALIDATION_TIMED_OUT' },
    { CertificateArn: old, Status: 'EXPIRED' },
  ])
  const pending = await region.acm.listCertificates({ CertificateStatuses: ['FAILED'] })
  expect(pending.CertificateSummaryList).toHaveLength(1)
})

test('renewal is described from when it is due; RenewCertificate makes it due at once', async () => {
  const region = server.region()
  const CertificateArn = await requested(region)
  const state = issued()
  await reaches(region, CertificateArn, state)
  expect(await detailOf(region, CertificateArn)).not.toHaveProperty('RenewalSummary')
  await region.acm.renewCertificate({ CertificateArn })
  expect(await detailOf(region, CertificateArn)).toMatchObject({
    Status: 'ISSUED',
    RenewalSummary: {
      RenewalStatus: 'PENDING_AUTO_RENEWAL',
      DomainValidationOptions: [{ ValidationStatus: 'PENDING_VALIDATION' }],
      UpdatedAt: expect.any(Date),
    },
  })
  const blocked = { status: 'blocked', updatedAt: 0 } as const
  await reaches(region, CertificateArn, { ...state, renewal: blocked } as RequestState)
  expect(await detailOf(region, CertificateArn)).toMatchObject({
    RenewalSummary: { RenewalStatus: 'PENDING_VALIDATION' },
  })
  const success = { status: 'success', updatedAt: 0 } as const
  await reaches(region, CertificateArn, { ...state, renewal: success } as RequestState)
  expect(await detailOf(region, CertificateArn)).toMatchObject({
    RenewalSummary: { RenewalStatus: 'SUCCESS' },
  })
})

test('imported certificates are not renewed, and requested ones not imported over', async () => {
  const region = server.region()
  const { certificate, privateKey } = await root.server()
  const material = { Certificate: Buffer.from(certificate), PrivateKey: Buffer.from(privateKey) }
  const { CertificateArn } = await region.acm.importCertificate(material)
  await expect(region.acm.renewCertificate({ CertificateArn })).rejects.toMatchObject({
    name: 'ValidationException',
    message: `Certificate ${CertificateArn} is not eligible for renewal: it was imported`,
  })
  const other = await requested(region)
  await expect(
    region.acm.importCertificate({ ...material, CertificateArn: other }),
  ).rejects.toMatchObject({ message: `Certificate ${other} was not imported` })
})

test('the same token within an hour asks for the same certificate', async () => {
  const region = server.region()
  const IdempotencyToken = 'once'
  const first = await requested(region, { IdempotencyToken })
  expect(await requested(region, { IdempotencyToken })).toBe(first)
  expect(await requested(region, { IdempotencyToken, KeyAlgorithm: 'RSA_3072' })).not.toBe(first)
  expect(await requested(region, { IdempotencyToken: 'other' })).not.toBe(first)
})

test('requests count for the quota of a region', async () => {
  const region = server.region()
  for (const _ of [1, 2, 3]) await requested(region)
  await expect(requested(region)).rejects.toMatchObject({ name: 'LimitExceededException' })
})

const eleven = Array.from({ length: 10 }, (_, index) => `n${index}.example.com`)

test.each([
  ['a name that is none', { DomainName: 'example' }, /'example' at 'domainName'/],
  ['an asterisk elsewhere', { DomainName: 'www.*.example.com' }, /at 'domainName'/],
  [
    'a name that is too long for the first',
    { DomainName: `${'a'.repeat(61)}.com` },
    /'a+\.com' has 65$/,
  ],
  [
    'an alternative name that is none',
    { SubjectAlternativeNames: ['-a.example'] },
    /subjectAlternativeNames\.1\.member/,
  ],
  ['EMAIL', { ValidationMethod: 'EMAIL' }, /EMAIL is not available here: use DNS or HTTP/],
  [
    'HTTP for a wildcard',
    { DomainName: '*.example.com', ValidationMethod: 'HTTP' },
    /HTTP cannot validate \*\.example\.com/,
  ],
  [
    'options for another name',
    { DomainValidationOptions: [{ DomainName: 'b.example', ValidationDomain: 'b.example' }] },
    /b\.example is no name of the certificate/,
  ],
  [
    'a key that is imported only',
    { KeyAlgorithm: 'RSA_1024' },
    /RSA_1024 cannot be requested; choose one of RSA_2048/,
  ],
  ['a token with spaces', { IdempotencyToken: 'a b' }, /'a b' at 'idempotencyToken'/],
  [
    'a private authority',
    { CertificateAuthorityArn: 'arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/x' },
    /private certificate authorities are not available/,
  ],
  ['export', { Options: { Export: 'ENABLED' } }, /cannot be exported here/],
  [
    'more names than the quota',
    { SubjectAlternativeNames: eleven },
    /can have 10 domain names; the request has 11/,
  ],
])('%s is refused', async (_, changes, message) => {
  await expect(requested(server.region(), changes)).rejects.toThrow(message)
})

test.each(['RSA-4096', 'P-256', 'P-384'] as const)(
  'a listener takes no key of the kind %s from ACM',
  async (key) => {
    const region = server.region()
    const { certificate, privateKey } = await root.server({ key })
    const material = { Certificate: Buffer.from(certificate), PrivateKey: Buffer.from(privateKey) }
    const { CertificateArn = '' } = await region.acm.importCertificate(material)
    const listener = { ...https443, SSLCertificateId: CertificateArn }
    await expect(region.create('web', [listener])).rejects.toMatchObject({
      name: 'InvalidConfigurationRequestException',
      message: expect.stringContaining(CertificateArn),
    })
  },
)
