/** Private keys are handed in, served with, and never seen again: not in logs, answers, metrics, or on the disk. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACM } from '@aws-sdk/client-acm'
import { ElasticLoadBalancing } from '@aws-sdk/client-elastic-load-balancing'
import { IAM } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSnapshot } from '../../src/proxy/snapshot-file.ts'
import { openSecretBox } from '../../src/std/secret-box.ts'
import { selfSigned } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import { KeepAliveClient } from '../support/keep-alive-client.ts'
import { SecretTraces } from '../support/secret-traces.ts'
import { createLoadBalancer, Instance, instancePort, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'secret'
const keys = { rsa: 'RSA-2048', ec: 'P-256' } as const
const bytes = (text: string) => new TextEncoder().encode(text)

let folder: string
let weir: Weir
let instance: Instance
let recorder: Server
/** All that the API has answered, byte for byte. */
const answered: Buffer[] = []
let clients: { readonly iam: IAM; readonly acm: ACM; readonly elb: ElasticLoadBalancing }

const data = () => join(folder, 'data')

/** Between the clients and the API. */
async function recordAnswers(): Promise<string> {
  const { hostname, port } = new URL(weir.api)
  recorder = createServer((client: Socket) => {
    const api = connect(Number(port), hostname)
    api.on('data', (chunk: Buffer) => answered.push(chunk))
    api.on('error', () => client.destroy())
    client.on('error', () => api.destroy())
    client.pipe(api).pipe(client)
  })
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-secrets-'))
  const args = ['--data', data(), '--key-file', join(folder, 'key'), '--auth', 'none']
  weir = await Weir.start({ dev: false, args: [...args, '--log-level', 'trace'] })
  instance = await Instance.declare(weir, 'us-west-2a')
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = { endpoint: await recordAnswers(), region: weir.region, credentials }
  clients = {
    iam: new IAM(client),
    acm: new ACM(client),
    elb: new ElasticLoadBalancing(client),
  }
}, 60_000)

afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy()
  recorder.close()
  await instance[Symbol.asyncDispose]()
  await weir[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Where the data folder, the log, the API's answers or the metrics have a part of the key, and in which form. */
async function traces(privateKey: string): Promise<string[]> {
  const secret = new SecretTraces(privateKey)
  // That it finds what is there: the key file and the clients have it, nobody else.
  expect(secret.in(privateKey)).toContain('base64')
  const places: [string, Buffer | string][] = [
    ['the log', weir.output()],
    ['an answer', Buffer.concat(answered)],
    ['the metrics', await (await fetch(`${weir.api}/metrics`)).text()],
  ]
  for (const found of await readdir(data(), { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue
    const name = join(found.parentPath, found.name)
    places.push([name, await readFile(name)])
  }
  expect(places.some(([name]) => name.includes('weir.db'))).toBe(true)
  return places.flatMap(([place, content]) => secret.in(content).map((form) => `${place}: ${form}`))
}

/** Of a call that is refused. */
async function refused(call: Promise<unknown>): Promise<void> {
  await expect(call).rejects.toHaveProperty('$metadata.httpStatusCode', expect.any(Number))
}

test.each(Object.entries(keys))(
  'a private key (%s) that is uploaded and served with is nowhere to be seen',
  async (name, key) => {
    const { iam, acm, elb } = clients
    const { certificate, privateKey } = await selfSigned({ key })
    const { ServerCertificateMetadata } = await iam.uploadServerCertificate({
      ServerCertificateName: name,
      CertificateBody: certificate,
      PrivateKey: privateKey,
    })
    const material = { Certificate: bytes(certificate), PrivateKey: bytes(privateKey) }
    const { CertificateArn } = await acm.importCertificate(material)
    await acm.importCertificate({ CertificateArn, ...material })
    const LoadBalancerPort = key === 'P-256' ? 8443 : 9443
    const listener = {
      Protocol: 'HTTPS',
      LoadBalancerPort,
      InstanceProtocol: 'HTTP',
      InstancePort: instancePort,
      SSLCertificateId: ServerCertificateMetadata?.Arn ?? '',
    }
    await createLoadBalancer(weir, `${LoadBalancerName}-${name}`, [instance], [listener])
    const [node = ''] = await nodeAddresses(weir, `${LoadBalancerName}-${name}`)
    const client = new KeepAliveClient(node, LoadBalancerPort, { rejectUnauthorized: false })
    await client.next()
    await client.stop()
    expect(client.failures).toEqual([])
    const plain = new KeepAliveClient(node, LoadBalancerPort)
    await plain.next()
    await plain.stop()

    await iam.listServerCertificates({})
    await iam.getServerCertificate({ ServerCertificateName: name })
    await acm.listCertificates({})
    await acm.describeCertificate({ CertificateArn })
    await acm.getCertificate({ CertificateArn })
    await elb.describeLoadBalancers({})
    await elb.describeLoadBalancerPolicies({ LoadBalancerName: `${LoadBalancerName}-${name}` })
    const openBox = () => openSecretBox(join(folder, 'key'), { mayCreate: false })
    await eventually('the snapshot on disk', async () => {
      const snapshot = await loadSnapshot(join(data(), 'proxy', 'snapshot.json'), openBox)
      return snapshot?.certificates.some((one) => one.chain.trim() === certificate.trim())
    })
    expect(await traces(privateKey)).toEqual([])
  },
  60_000,
)

test('a private key that is handed in wrongly is not repeated', async () => {
  const { iam, acm, elb } = clients
  const { certificate, privateKey } = await selfSigned({ key: 'RSA-2048' })
  const other = await selfSigned({ key: 'RSA-2048' })
  const right = {
    ServerCertificateName: 'wrong',
    CertificateBody: certificate,
    PrivateKey: privateKey,
  }
  const half = privateKey.slice(0, privateKey.length / 2)
  const uploads = [
    { CertificateBody: privateKey, PrivateKey: certificate },
    { CertificateBody: other.certificate },
    { CertificateBody: certificate + privateKey },
    { CertificateChain: privateKey },
    { ServerCertificateName: privateKey },
    { Path: privateKey },
    { PrivateKey: half },
    { PrivateKey: privateKey + privateKey },
    { PrivateKey: `${privateKey}${'x'.repeat(20_000)}` },
    { Tags: [{ Key: privateKey, Value: '' }] },
    { Tags: [{ Key: 'key', Value: privateKey }] },
  ]
  for (const wrong of uploads) await refused(iam.uploadServerCertificate({ ...right, ...wrong }))
  await refused(iam.getServerCertificate({ ServerCertificateName: privateKey }))
  await refused(
    iam.updateServerCertificate({ ServerCertificateName: 'x', NewServerCertificateName: half }),
  )

  const material = { Certificate: bytes(certificate), PrivateKey: bytes(privateKey) }
  const imports = [
    { Certificate: bytes(privateKey), PrivateKey: bytes(certificate) },
    { Certificate: bytes(other.certificate) },
    { CertificateChain: bytes(privateKey) },
    { PrivateKey: bytes(half) },
    { CertificateArn: privateKey },
    { Tags: [{ Key: 'key', Value: privateKey }] },
  ]
  for (const wrong of imports) await refused(acm.importCertificate({ ...material, ...wrong }))
  await refused(acm.describeCertificate({ CertificateArn: privateKey }))

  await createLoadBalancer(weir, LoadBalancerName, [instance])
  await refused(elb.describeLoadBalancers({ LoadBalancerNames: [privateKey] }))
  const listener = { Protocol: 'HTTPS', LoadBalancerPort: 443, InstancePort: 80 }
  await refused(
    elb.createLoadBalancerListeners({
      LoadBalancerName,
      Listeners: [{ ...listener, SSLCertificateId: privateKey }],
    }),
  )
  const base64 = privateKey.replaceAll(/-----.*-----|\s/g, '')
  for (const PublicKey of [privateKey, base64, half]) {
    await refused(
      elb.createLoadBalancerPolicy({
        LoadBalancerName,
        PolicyName: 'wrong',
        PolicyTypeName: 'PublicKeyPolicyType',
        PolicyAttributes: [{ AttributeName: 'PublicKey', AttributeValue: PublicKey }],
      }),
    )
  }
  const bodies = [
    ['application/x-www-form-urlencoded', `Action=${encodeURIComponent(privateKey)}`],
    ['application/x-www-form-urlencoded', privateKey],
    ['application/x-amz-json-1.1', `{"Certificate": ${privateKey}`],
    ['application/x-amz-json-1.1', JSON.stringify({ Certificate: privateKey })],
    ['application/x-amz-json-1.1', JSON.stringify({ [privateKey]: 1, MaxItems: privateKey })],
  ]
  for (const [type = '', body = ''] of bodies) {
    const headers = { 'content-type': type, 'x-amz-target': 'CertificateManager.ImportCertificate' }
    const answer = await fetch(weir.api, { method: 'POST', headers, body })
    expect(answer.ok).toBe(false)
    answered.push(Buffer.from(await answer.text()))
  }
  expect(await traces(privateKey)).toEqual([])
}, 60_000)
