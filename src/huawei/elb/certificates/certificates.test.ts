import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  CertificateAuthority,
  type ServerCertificate,
  selfSigned,
} from '../../../../test/support/certificate-authority.ts'
import { refusal } from '../../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../../test/support/huawei-api.ts'
import { SecretTraces } from '../../../../test/support/secret-traces.ts'

let api: HuaweiApi
let project: TestProject
let server: ServerCertificate

beforeAll(async () => {
  api = await HuaweiApi.start()
  server = await selfSigned({ names: ['www.example.com', '*.example.org'], key: 'RSA-2048' })
})
afterAll(() => api[Symbol.asyncDispose]())
beforeEach(() => {
  project = api.project()
})

const certificate = (fields: object = {}) =>
  project.create('certificates', 'certificate', {
    certificate: server.certificate,
    private_key: server.privateKey,
    ...fields,
  })

it('a server certificate says what it is for, and never its private key', async () => {
  const made = await certificate({ name: 'one', domain: 'www.example.com' })
  expect(made).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    type: 'server',
    name: 'one',
    domain: 'www.example.com',
    common_name: 'www.example.com',
    subject_alternative_names: ['www.example.com', '*.example.org'],
    fingerprint: expect.stringMatching(/^[0-9a-f]{40}$/),
    expire_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  })
  const traces = new SecretTraces(server.privateKey)
  const { entries } = await api.api.store.list('huawei/')
  expect(traces.in(JSON.stringify([made, await project.get('certificates'), entries]))).toEqual([])
})

describe('is refused', () => {
  it.each([
    ['a certificate that is none', 'ELB.5013', { certificate: 'nonsense' }],
    ['a private key that is none', 'ELB.1011', { private_key: 'nonsense' }],
    ['no private key', 'ELB.8902', { private_key: null }],
    ['a name that it is not for', 'ELB.8902', { domain: 'www.example.net' }],
    ['a name that is none', 'ELB.8902', { domain: 'www example' }],
    ['a name of more than 255 characters', 'ELB.8902', { name: 'n'.repeat(256) }],
  ])('%s (%s)', async (_, code, fields) => {
    expect(await refusal(certificate(fields))).toMatchObject({ status: 400, code })
  })

  it('the private key of another certificate; the message does not repeat it', async () => {
    const { privateKey } = await selfSigned()
    const { code, message } = await refusal(certificate({ private_key: privateKey }))
    expect(code).toBe('ELB.1011')
    expect(new SecretTraces(privateKey).in(message)).toEqual([])
  })

  it('a private key in the place of the certificate, without repeating it', async () => {
    const { message } = await refusal(certificate({ certificate: { pem: server.privateKey } }))
    expect(new SecretTraces(server.privateKey).in(message)).toEqual([])
  })

  it('a client CA that is no authority, or has a domain', async () => {
    const client = { type: 'client', private_key: null }
    expect((await refusal(certificate(client))).code).toBe('ELB.5053')
    const root = await CertificateAuthority.create()
    const named = { ...client, certificate: root.certificate, domain: 'www.example.com' }
    expect((await refusal(certificate(named))).code).toBe('ELB.8902')
    expect(await certificate({ ...named, domain: null })).toMatchObject({ type: 'client' })
  })
})

it('a chain is kept, in order; a broken one is refused', async () => {
  const root = await CertificateAuthority.create()
  const signer = await root.intermediate()
  const { certificate: own, privateKey } = await signer.server()
  const chain = own + signer.certificate
  expect(await certificate({ certificate: chain, private_key: privateKey })).toMatchObject({
    certificate: chain.trim().replace(/\n+-----BEGIN/g, '\n-----BEGIN'),
  })
  const broken = own + root.certificate
  const refused = certificate({ certificate: broken, private_key: privateKey })
  expect((await refusal(refused)).code).toBe('ELB.5013')
})

it('new content takes the place of the old under the same id', async () => {
  const { id } = await certificate({ domain: 'www.example.com' })
  const renewed = await selfSigned({ key: 'P-256' })
  const fields = { certificate: renewed.certificate, private_key: renewed.privateKey }
  const answer = await project.put(`certificates/${id}`, { certificate: fields })
  expect(answer.certificate).toMatchObject({
    id,
    domain: 'www.example.com',
    certificate: renewed.certificate.trim(),
  })
  const keyless = project.put(`certificates/${id}`, {
    certificate: { certificate: server.certificate },
  })
  expect((await refusal(keyless)).code).toBe('ELB.1011')
})

it('is kept while a listener uses it', async () => {
  const balancer = await project.balancer(await api.subnet())
  const { id } = await certificate()
  const listener = await project.listener(balancer, {
    protocol: 'HTTPS',
    default_tls_container_ref: id,
  })
  expect(await refusal(project.delete(`certificates/${id}`))).toMatchObject({
    status: 409,
    code: 'ELB.8907',
  })
  await project.delete(`listeners/${listener.id}`)
  await project.delete(`certificates/${id}`)
  expect((await refusal(project.get(`certificates/${id}`))).status).toBe(404)
})
