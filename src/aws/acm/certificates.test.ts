import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CertificateAuthority,
  type ServerCertificate,
  type ServerCertificateOptions,
} from '../../../test/support/certificate-authority.ts'
import { ElbApi, https443, type TestRegion } from '../../../test/support/elb-api.ts'
import { SecretBox } from '../../std/secret-box.ts'

let server: ElbApi
let root: CertificateAuthority

beforeAll(async () => {
  server = await ElbApi.start()
  root = await CertificateAuthority.create()
})

afterAll(() => server[Symbol.asyncDispose]())

const bytes = (text: string) => new TextEncoder().encode(text)

function imported({ certificate, privateKey }: ServerCertificate, changes: object = {}) {
  return { Certificate: bytes(certificate), PrivateKey: bytes(privateKey), ...changes }
}

/** Imports a new certificate. @returns its ARN */
async function arnOf({ acm }: TestRegion, options: ServerCertificateOptions = {}): Promise<string> {
  const { CertificateArn = '' } = await acm.importCertificate(imported(await root.server(options)))
  return CertificateArn
}

test('a certificate is imported with chain and tags, described, and read back without its key', async () => {
  const { acm, name } = server.region()
  const intermediate = await root.intermediate()
  const own = await intermediate.server({ names: ['a.example', '*.b.example'], key: 'RSA-2048' })
  const Tags = [{ Key: 'stage', Value: 'test' }, { Key: 'alone' }]
  const chain = { CertificateChain: bytes(intermediate.chain), Tags }
  const { CertificateArn } = await acm.importCertificate(imported(own, chain))
  expect(CertificateArn).toMatch(
    new RegExp(
      `^arn:aws:acm:${name}:123456789012:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`,
    ),
  )
  expect((await acm.describeCertificate({ CertificateArn })).Certificate).toEqual({
    CertificateArn,
    DomainName: 'a.example',
    SubjectAlternativeNames: ['a.example', '*.b.example'],
    Serial: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2})+$/),
    Subject: 'CN=a.example',
    Issuer: 'Weir Tests',
    CreatedAt: expect.any(Date),
    ImportedAt: expect.any(Date),
    Status: 'ISSUED',
    NotBefore: expect.any(Date),
    NotAfter: expect.any(Date),
    KeyAlgorithm: 'RSA_2048',
    SignatureAlgorithm: 'SHA256WITHECDSA',
    InUseBy: [],
    Type: 'IMPORTED',
    KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
    ExtendedKeyUsages: [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }],
    RenewalEligibility: 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'DISABLED' },
  })
  expect(await acm.getCertificate({ CertificateArn })).toMatchObject({
    Certificate: own.certificate.trim(),
    CertificateChain: intermediate.chain.trim(),
  })
  expect((await acm.listTagsForCertificate({ CertificateArn })).Tags).toEqual(Tags)
})

test('what is wrong with a certificate is refused in ACM’s words', async () => {
  const { acm } = server.region()
  const own = await root.server()
  const refused = async (changes: object, message: RegExp) => {
    await expect(acm.importCertificate(imported(own, changes))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    })
  }
  const other = await CertificateAuthority.create('Other')
  const both = own.certificate + root.certificate
  await refused({ Certificate: bytes('x') }, /not in a valid PEM format/)
  await refused(
    { Certificate: bytes(both) },
    /contains more than one certificate\. You can specify/,
  )
  await refused({ PrivateKey: bytes('x') }, /private key is not in a valid PEM/)
  await refused({ PrivateKey: bytes((await root.server()).privateKey) }, /does not match/)
  await refused({ PrivateKey: bytes('x'.repeat(5121)) }, /^1 validation error detected: Value at/)
  await refused(
    { CertificateChain: bytes(other.certificate) },
    /Could not validate the certificate/,
  )
  await refused({ Tags: [{ Key: 'a;b' }] }, /'a;b' at 'tags.1.member.key'/)
  await refused({ Tags: [{ Key: 'a' }, { Key: 'a' }] }, /'a' was specified more than once/)
  const day = 86_400_000
  const old = await root.server({ notAfter: new Date(Date.now() - day / 2) })
  await refused(imported(old), /it ended/)
})

test('an import under an ARN replaces the content, for its listeners too', async () => {
  const region = server.region()
  const { acm, elb } = region
  const CertificateArn = await arnOf(region, { key: 'RSA-2048' })
  await region.create('web', [{ ...https443, SSLCertificateId: CertificateArn }])
  const renewed = await root.server({ names: ['renewed.example'] })
  expect(await acm.importCertificate(imported(renewed, { CertificateArn }))).toMatchObject({
    CertificateArn,
  })
  const { Certificate } = await acm.describeCertificate({ CertificateArn })
  expect(Certificate).toMatchObject({
    DomainName: 'renewed.example',
    InUseBy: [`arn:aws:elasticloadbalancing:${region.name}:123456789012:loadbalancer/web`],
  })
  const tagged = imported(renewed, { CertificateArn, Tags: [{ Key: 'a' }] })
  await expect(acm.importCertificate(tagged)).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'Tagging is not permitted on re-import.',
  })
  await expect(acm.deleteCertificate({ CertificateArn })).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: `Certificate ${CertificateArn} in account 123456789012 is in use.`,
  })
  await elb.deleteLoadBalancer({ LoadBalancerName: 'web' })
  await acm.deleteCertificate({ CertificateArn })
  await expect(acm.describeCertificate({ CertificateArn })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('a listener takes a certificate of its own region only', async () => {
  const [first, second] = [server.region(), server.region()]
  const SSLCertificateId = await arnOf(first)
  await expect(second.create('other', [{ ...https443, SSLCertificateId }])).rejects.toMatchObject({
    name: 'CertificateNotFoundException',
  })
  await expect(
    second.acm.getCertificate({ CertificateArn: SSLCertificateId }),
  ).rejects.toMatchObject({
    name: 'InvalidArnException',
    message: expect.stringContaining(SSLCertificateId),
  })
})

test('private keys do not leave again, and are in the store sealed only', async () => {
  const { acm, name } = server.region()
  const own = await root.server()
  const { CertificateArn = '' } = await acm.importCertificate(imported(own))
  const Passphrase = bytes('passphrase')
  await expect(acm.exportCertificate({ CertificateArn, Passphrase })).rejects.toMatchObject({
    name: 'ValidationException',
    message: `Certificate ARN: ${CertificateArn} is not a private certificate`,
  })
  const { entries } = await server.api.store.list(`acm/${name}/`)
  const text = entries.map(({ value }) => value).join()
  // The third line of this key has nothing but the public part.
  for (const line of own.privateKey.split('\n').slice(1, 3)) expect(text).not.toContain(line)
  const { sealedKey } = JSON.parse(entries[0]?.value ?? '') as { sealedKey: string }
  const other = new SecretBox(Buffer.alloc(32))
  expect(() => other.open(sealedKey, entries[0]?.key ?? '')).toThrow(/does not open/)
})

test('certificates are listed with what they are, by key type and usage, in pages', async () => {
  const region = server.region()
  const { acm } = region
  const rsa = await arnOf(region, { names: ['rsa.example'], key: 'RSA-2048' })
  const ec = await arnOf(region, { names: ['ec.example'], key: 'P-256' })
  const names = async (request: object) => {
    const { CertificateSummaryList = [], NextToken } = await acm.listCertificates(request)
    return { arns: CertificateSummaryList.map(({ CertificateArn }) => CertificateArn), NextToken }
  }
  const keyTypes = ['RSA_2048', 'EC_prime256v1']
  // As in AWS, those of other keys have to be asked for.
  expect((await names({})).arns).toEqual([rsa])
  expect((await names({ Includes: { keyTypes: ['EC_prime256v1'] } })).arns).toEqual([ec])
  const all = { Includes: { keyTypes }, SortBy: 'CREATED_AT', SortOrder: 'DESCENDING', MaxItems: 1 }
  const first = await names(all)
  const second = await names({ ...all, NextToken: first.NextToken })
  expect([...first.arns, ...second.arns].sort()).toEqual([rsa, ec].sort())
  expect(second.NextToken).toBeUndefined()
  expect((await names({ CertificateStatuses: ['EXPIRED'] })).arns).toEqual([])
  expect((await names({ Includes: { keyUsage: ['KEY_AGREEMENT'] } })).arns).toEqual([])
  expect((await names({ Includes: { keyUsage: ['DIGITAL_SIGNATURE'] } })).arns).toEqual([rsa])
  const { CertificateSummaryList } = await acm.listCertificates({})
  expect(CertificateSummaryList?.[0]).toMatchObject({
    DomainName: 'rsa.example',
    SubjectAlternativeNameSummaries: ['rsa.example'],
    Status: 'ISSUED',
    Type: 'IMPORTED',
    KeyAlgorithm: 'RSA_2048',
    InUse: false,
    ExportOption: 'DISABLED',
  })
  await expect(acm.listCertificates({ SortBy: 'CREATED_AT' })).rejects.toMatchObject({
    name: 'ValidationException',
  })
})

test('certificates beyond the quota of a region are refused', async () => {
  const region = server.region()
  for (const _ of [1, 2, 3]) await arnOf(region)
  await expect(arnOf(region)).rejects.toMatchObject({ name: 'LimitExceededException' })
  await arnOf(server.region())
})

test('tags are added, replaced, and removed by key or by key and value', async () => {
  const region = server.region()
  const { acm } = region
  const CertificateArn = await arnOf(region)
  const add = (Tags: { Key: string; Value?: string }[]) =>
    acm.addTagsToCertificate({ CertificateArn, Tags })
  await add([{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }, { Key: 'c' }])
  await add([{ Key: 'a', Value: '3' }])
  const Tags = [{ Key: 'a', Value: 'other' }, { Key: 'b' }, { Key: 'none' }]
  await acm.removeTagsFromCertificate({ CertificateArn, Tags })
  const left = await acm.listTagsForCertificate({ CertificateArn })
  expect(left.Tags).toEqual([{ Key: 'a', Value: '3' }, { Key: 'c' }])
  await expect(add([{ Key: 'aws:x' }])).rejects.toMatchObject({ name: 'InvalidTagException' })
  const many = Array.from({ length: 49 }, (_, index) => ({ Key: `k${index}` }))
  await expect(add(many)).rejects.toMatchObject({ name: 'TooManyTagsException' })
})

test('tags are the same by the operations that are named after resources', async () => {
  const region = server.region()
  const { acm } = region
  const ResourceArn = await arnOf(region)
  const tags = async () => (await acm.listTagsForResource({ ResourceArn })).Tags
  expect(await tags()).toEqual([])
  const Tags = [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }, { Key: 'c' }]
  await acm.tagResource({ ResourceArn, Tags })
  expect(await tags()).toEqual(Tags)
  await acm.untagResource({ ResourceArn, TagKeys: ['a', 'c', 'none'] })
  expect(await tags()).toEqual([{ Key: 'b', Value: '2' }])
  const { Tags: same } = await acm.listTagsForCertificate({ CertificateArn: ResourceArn })
  expect(same).toEqual([{ Key: 'b', Value: '2' }])
  const nobodys = { ResourceArn: `${ResourceArn.slice(0, -4)}0000`, TagKeys: ['a'] }
  await expect(acm.untagResource(nobodys)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})
