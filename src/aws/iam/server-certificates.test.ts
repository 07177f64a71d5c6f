import { createPrivateKey } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IAM } from '@aws-sdk/client-iam'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startApi, type TestApi } from '../../../test/support/api.ts'
import {
  CertificateAuthority,
  type KeyKind,
  type ServerCertificate,
  selfSigned,
} from '../../../test/support/certificate-authority.ts'
import { openSecretBox, type SecretBox } from '../../std/secret-box.ts'
import { reader } from '../../store/transaction.ts'
import { createIamService } from './service.ts'

let folder: string
let box: SecretBox
let api: TestApi
let iam: IAM
let root: CertificateAuthority
let server: ServerCertificate

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-iam-'))
  box = await openSecretBox(join(folder, 'key'))
  api = await startApi({ services: [createIamService({ box, quotas: { serverCertificates: 3 } })] })
  iam = new IAM({
    endpoint: api.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  root = await CertificateAuthority.create()
  server = await root.server()
})

afterEach(async () => {
  const { ServerCertificateMetadataList: list = [] } = await iam.listServerCertificates()
  for (const { ServerCertificateName } of list) {
    await iam.deleteServerCertificate({ ServerCertificateName })
  }
})

afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** The request that uploads a certificate, with what a test changes. */
function upload(name: string, changes: object = {}, { certificate, privateKey } = server) {
  return iam.uploadServerCertificate({
    ServerCertificateName: name,
    CertificateBody: certificate,
    PrivateKey: privateKey,
    ...changes,
  })
}

test('a certificate is uploaded with chain, path and tags, and read back without its key', async () => {
  const intermediate = await root.intermediate()
  const own = await intermediate.server()
  const Tags = [{ Key: 'stage', Value: 'test' }]
  const changes = { CertificateChain: intermediate.chain, Path: '/web/', Tags }
  const uploaded = await upload('my-server-certificate', changes, own)
  expect(uploaded).toMatchObject({
    ServerCertificateMetadata: {
      Path: '/web/',
      ServerCertificateName: 'my-server-certificate',
      ServerCertificateId: expect.stringMatching(/^ASCA[A-Z2-7]{17}$/),
      Arn: 'arn:aws:iam::123456789012:server-certificate/web/my-server-certificate',
      UploadDate: expect.any(Date),
      Expiration: expect.any(Date),
    },
    Tags,
  })
  const name = { ServerCertificateName: 'my-server-certificate' }
  const { ServerCertificate } = await iam.getServerCertificate(name)
  expect(ServerCertificate).toEqual({
    ServerCertificateMetadata: uploaded.ServerCertificateMetadata,
    CertificateBody: own.certificate.trim(),
    CertificateChain: intermediate.chain.trim(),
    Tags,
  })
})

test('the private key is in the store sealed only', async () => {
  await upload('sealed')
  const key = 'iam/server-certificate/sealed'
  const text = (await api.store.get(key))?.value ?? ''
  // The third line of this key has nothing but the public part.
  for (const line of server.privateKey.split('\n').slice(1, 3)) expect(text).not.toContain(line)
  const record = await reader(api.store).get<{ sealedKey: string }>(key)
  const opened = createPrivateKey(box.open(record?.sealedKey ?? '', key))
  expect(opened.equals(createPrivateKey(server.privateKey))).toBe(true)
})

test.each<KeyKind>(['RSA-1024', 'RSA-2048', 'P-256', 'P-384', 'P-521'])(
  'a key of kind %s is taken',
  async (key) => {
    await upload('kind', {}, await root.server({ key }))
  },
)

test('keys are taken in the older PEM forms too', async () => {
  const rsa = await root.server({ key: 'RSA-2048' })
  const pkcs1 = createPrivateKey(rsa.privateKey).export({ type: 'pkcs1', format: 'pem' })
  await upload('pkcs1', { PrivateKey: pkcs1.toString() }, rsa)
  const sec1 = createPrivateKey(server.privateKey).export({ type: 'sec1', format: 'pem' })
  const parameters =
    '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
  await upload('sec1', { PrivateKey: parameters + sec1.toString() })
})

const day = 86_400_000

const malformed: readonly [string, () => Promise<object>, RegExp][] = [
  [
    'a body that is no PEM',
    async () => ({ CertificateBody: 'x' }),
    /Unable to parse certificate\./,
  ],
  [
    'a body that only looks like PEM',
    async () => ({
      CertificateBody: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    }),
    /Unable to parse certificate\./,
  ],
  [
    'a body of two certificates',
    async () => ({ CertificateBody: server.certificate + root.certificate }),
    /more than one certificate/,
  ],
  [
    'an expired certificate',
    async () => bodyAndKey(await root.server({ notAfter: new Date(Date.now() - day / 2) })),
    /not valid any more: its validity ended \d{4}-/,
  ],
  [
    'a certificate of the future',
    async () => bodyAndKey(await root.server({ notBefore: new Date(Date.now() + day) })),
    /not valid yet: its validity begins \d{4}-/,
  ],
  ['a key that is no PEM', async () => ({ PrivateKey: 'x' }), /Unable to parse private key/],
  ['an encrypted key', async () => ({ PrivateKey: encrypted('pkcs8') }), /key is encrypted/],
  [
    'an encrypted key of the older form',
    async () => ({ PrivateKey: encrypted('sec1') }),
    /encrypted/,
  ],
  [
    'a key that is too small',
    async () => bodyAndKey(await root.server({ key: 'RSA-512' })),
    /RSA_512/,
  ],
  ['a chain that is no PEM', async () => ({ CertificateChain: 'x' }), /parse certificate chain/],
  [
    'a chain that begins with another authority',
    async () => ({ CertificateChain: (await CertificateAuthority.create('Other')).certificate }),
    /immediate signing certificate.* invalid certificate is: -1$/,
  ],
  [
    'a chain whose second does not sign its first',
    async () => ({
      CertificateChain: root.certificate + (await CertificateAuthority.create('Other')).certificate,
    }),
    /invalid certificate is: 0$/,
  ],
  [
    'a chain of an authority with the right name and another key',
    async () => ({ CertificateChain: (await CertificateAuthority.create()).certificate }),
    /invalid certificate is: -1$/,
  ],
]

function bodyAndKey({ certificate, privateKey }: ServerCertificate) {
  return { CertificateBody: certificate, PrivateKey: privateKey }
}

function encrypted(type: 'pkcs8' | 'sec1'): string {
  const key = createPrivateKey(server.privateKey)
  return key.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString()
}

test.each(malformed)('%s is refused as a malformed certificate', async (_, changes, message) => {
  await expect(upload('malformed', await changes())).rejects.toMatchObject({
    name: 'MalformedCertificateException',
    message: expect.stringMatching(message),
    $metadata: { httpStatusCode: 400 },
  })
})

test('a chain is taken with explanations between its certificates, and a self-signed body without chain', async () => {
  await upload('explained', { CertificateChain: `Subject: CN=Test Root\n${root.certificate}` })
  await upload('self-signed', {}, await selfSigned())
})

test('the key of another certificate is refused', async () => {
  const { privateKey } = await root.server()
  await expect(upload('mismatch', { PrivateKey: privateKey })).rejects.toMatchObject({
    name: 'KeyPairMismatchException',
  })
})

test.each([
  ['an empty name', { ServerCertificateName: '' }, "Value '' at 'serverCertificateName'"],
  [
    'a name with spaces',
    { ServerCertificateName: 'a b' },
    "Value 'a b' at 'serverCertificateName'",
  ],
  ['a path without a slash', { Path: '/web' }, "Value '/web' at 'path'"],
])('%s is refused with what was sent', async (_, changes, message) => {
  await expect(upload('constraints', changes)).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining(message),
  })
})

test('a private key that is too long is refused without being repeated', async () => {
  const PrivateKey = 'secret'.repeat(4000)
  await expect(upload('long', { PrivateKey })).rejects.toMatchObject({
    message: expect.stringMatching(/^1 validation error detected: Value at 'privateKey' failed/),
  })
})

test('a name is taken once, whatever the path', async () => {
  await upload('once')
  await expect(upload('once', { Path: '/other/' })).rejects.toMatchObject({
    name: 'EntityAlreadyExistsException',
    message: 'The Server Certificate with name once already exists.',
    $metadata: { httpStatusCode: 409 },
  })
})

test('certificates beyond the quota are refused', async () => {
  for (const name of ['one', 'two', 'three']) await upload(name)
  await expect(upload('four')).rejects.toMatchObject({
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for ServerCertificatesPerAccount: 3',
  })
})

test('certificates are listed by path, in pages', async () => {
  await upload('c', { Path: '/web/eu/' })
  await upload('a', { Path: '/web/' })
  await upload('b')
  const names = async (request: object) => {
    const answer = await iam.listServerCertificates(request)
    const list = answer.ServerCertificateMetadataList ?? []
    return { ...answer, names: list.map(({ ServerCertificateName }) => ServerCertificateName) }
  }
  expect(await names({})).toMatchObject({ names: ['a', 'b', 'c'], IsTruncated: false })
  expect((await names({ PathPrefix: '/web/' })).names).toEqual(['a', 'c'])
  expect((await names({ PathPrefix: '/web/eu' })).names).toEqual(['c'])
  const first = await names({ MaxItems: 2 })
  expect(first).toMatchObject({ names: ['a', 'b'], IsTruncated: true, Marker: expect.any(String) })
  const second = await names({ MaxItems: 2, Marker: first.Marker })
  expect(second).toMatchObject({ names: ['c'], IsTruncated: false })
})

test('a certificate gets a new name and path, and stays itself', async () => {
  const { ServerCertificateMetadata: before } = await upload('old')
  await iam.updateServerCertificate({
    ServerCertificateName: 'old',
    NewServerCertificateName: 'new',
    NewPath: '/moved/',
  })
  const { ServerCertificate } = await iam.getServerCertificate({ ServerCertificateName: 'new' })
  expect(ServerCertificate?.ServerCertificateMetadata).toEqual({
    ...before,
    ServerCertificateName: 'new',
    Path: '/moved/',
    Arn: 'arn:aws:iam::123456789012:server-certificate/moved/new',
  })
  await expect(iam.getServerCertificate({ ServerCertificateName: 'old' })).rejects.toMatchObject({
    name: 'NoSuchEntityException',
    message: 'The Server Certificate with name old cannot be found.',
  })
})

test('a certificate does not get the name of another', async () => {
  await upload('one')
  await upload('two')
  const request = { ServerCertificateName: 'one', NewServerCertificateName: 'two' }
  await expect(iam.updateServerCertificate(request)).rejects.toMatchObject({
    name: 'EntityAlreadyExistsException',
  })
})

test('tags are added, replaced and removed, in whichever case their keys are', async () => {
  const name = { ServerCertificateName: 'tagged' }
  await upload('tagged', { Tags: [{ Key: 'a', Value: '1' }] })
  await iam.tagServerCertificate({
    ...name,
    Tags: [
      { Key: 'A', Value: '2' },
      { Key: 'b', Value: '' },
      { Key: 'c', Value: '3' },
    ],
  })
  await iam.untagServerCertificate({ ...name, TagKeys: ['C', 'none'] })
  const first = await iam.listServerCertificateTags({ ...name, MaxItems: 1 })
  expect(first).toMatchObject({ Tags: [{ Key: 'A', Value: '2' }], IsTruncated: true })
  const second = await iam.listServerCertificateTags({ ...name, Marker: first.Marker })
  expect(second).toMatchObject({ Tags: [{ Key: 'b', Value: '' }], IsTruncated: false })
})

test.each([
  ['the same key twice', ['a', 'A'], 'InvalidInputException'],
  ['a reserved key', ['aws:a'], 'InvalidInputException'],
  ['a key with characters that are not allowed', ['a;b'], 'ValidationError'],
  ['51 tags', Array.from({ length: 51 }, (_, i) => `k${i}`), 'ValidationError'],
])('%s is refused', async (_, keys, name) => {
  const Tags = keys.map((Key) => ({ Key, Value: '' }))
  await expect(upload('tags', { Tags })).rejects.toMatchObject({ name })
})

test('more than 50 tags of a certificate are refused', async () => {
  const tags = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({ Key: `k${from + i}`, Value: '' }))
  await upload('many', { Tags: tags(0, 50) })
  const more = { ServerCertificateName: 'many', Tags: tags(49, 51) }
  await expect(iam.tagServerCertificate(more)).rejects.toMatchObject({
    name: 'LimitExceededException',
  })
})
