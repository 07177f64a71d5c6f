/** HTTPS and SSL listeners through a whole system: certificates of IAM and ACM, their replacement, and where their keys lie. */
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer as createSecureServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { ImportCertificateCommand } from '@aws-sdk/client-acm'
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  CreateLoadBalancerPolicyCommand,
  RegisterInstancesWithLoadBalancerCommand,
  SetLoadBalancerListenerSSLCertificateCommand,
  SetLoadBalancerPoliciesForBackendServerCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { UploadServerCertificateCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSnapshot } from '../../src/proxy/snapshot-file.ts'
import { openSecretBox } from '../../src/std/secret-box.ts'
import {
  CertificateAuthority,
  type ServerCertificate,
  selfSigned,
} from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import {
  createLoadBalancer,
  httpListener,
  Instance,
  inService,
  instancePort,
  nodeAddresses,
} from '../support/system.ts'
import { keyPair } from '../support/tls.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'secure'
const httpsPort = 8443
const sslPort = 9443
const echoPort = 9000
const endToEndPort = 7443
const securePort = 9001

let folder: string
let weir: Weir
let instance: Instance
let echo: Server
let secure: Server
let own: ServerCertificate
let root: CertificateAuthority
let first: ServerCertificate
let node: string

const bytes = (text: string) => new TextEncoder().encode(text)

/** @returns the certificate's ARN */
async function upload(name: string, server: ServerCertificate): Promise<string> {
  const { ServerCertificateMetadata } = await weir.iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: name,
      CertificateBody: server.certificate,
      PrivateKey: server.privateKey,
    }),
  )
  return ServerCertificateMetadata?.Arn ?? ''
}

/** Imports into ACM, or again under an ARN. @returns the ARN */
async function importAs(server: ServerCertificate, CertificateArn?: string): Promise<string> {
  const answer = await weir.acm.send(
    new ImportCertificateCommand({
      ...(CertificateArn === undefined ? {} : { CertificateArn }),
      Certificate: bytes(server.certificate),
      PrivateKey: bytes(server.privateKey),
    }),
  )
  return answer.CertificateArn ?? ''
}

async function setCertificate(SSLCertificateId: string): Promise<void> {
  await weir.elb.send(
    new SetLoadBalancerListenerSSLCertificateCommand({
      LoadBalancerName,
      LoadBalancerPort: httpsPort,
      SSLCertificateId,
    }),
  )
}

/** A connection whose handshake is over, with an authority's word for the other side. */
async function connection(port: number): Promise<TLSSocket> {
  const options = { ca: root.certificate, servername: 'www.example.com', host: node, port }
  const socket = connect(options)
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject)
  })
  return socket
}

/** What is answered to one request more on the connection. */
async function answer(socket: TLSSocket): Promise<string> {
  const answered = new Promise<string>((resolve, reject) => {
    let text = ''
    const take = (chunk: Buffer) => {
      text += chunk.toString()
      if (!text.endsWith(instance.id)) return
      socket.off('data', take)
      resolve(text)
    }
    socket.on('data', take).once('error', reject)
    socket.once('close', () => reject(new Error(`closed after: ${text}`)))
  })
  socket.write('GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n')
  return answered
}

/** Serial number of the certificate that new connections are shown. */
async function shownSerial(): Promise<string> {
  const socket = await connection(httpsPort)
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

function serialOf({ certificate }: ServerCertificate): string {
  return new X509Certificate(certificate).serialNumber
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-https-'))
  weir = await Weir.start({
    dev: false,
    args: ['--data', join(folder, 'data'), '--key-file', join(folder, 'key'), '--auth', 'none'],
  })
  root = await CertificateAuthority.create()
  first = await root.server()
  instance = await Instance.declare(weir, 'us-west-2a', (request, response) => {
    const { 'x-forwarded-proto': proto, 'x-forwarded-port': port } = request.headers
    response.end(`${proto} ${port} ${instance.id}`)
  })
  echo = createServer((socket: Socket) => socket.pipe(socket))
  await new Promise<void>((resolve) => echo.listen(echoPort, instance.address, resolve))
  own = await selfSigned()
  secure = createSecureServer(keyPair(own), (_, response) => response.end('secret'))
  await new Promise<void>((resolve) => secure.listen(securePort, instance.address, resolve))
  const SSLCertificateId = await upload('first', first)
  await createLoadBalancer(
    weir,
    LoadBalancerName,
    [instance],
    [
      {
        Protocol: 'HTTPS',
        LoadBalancerPort: httpsPort,
        InstanceProtocol: 'HTTP',
        InstancePort: instancePort,
        SSLCertificateId,
      },
      {
        Protocol: 'SSL',
        LoadBalancerPort: sslPort,
        InstanceProtocol: 'TCP',
        InstancePort: echoPort,
        SSLCertificateId,
      },
      {
        Protocol: 'HTTP',
        LoadBalancerPort: endToEndPort,
        InstanceProtocol: 'HTTPS',
        InstancePort: securePort,
      },
    ],
  )
  node = (await nodeAddresses(weir, LoadBalancerName))[0] ?? ''
  // An instance may be in service before all ports are open.
  await eventually('the listener', shownSerial)
})

afterAll(async () => {
  echo.close()
  secure.close()
  await instance[Symbol.asyncDispose]()
  await weir[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test('an HTTPS listener serves with the certificate, and tells the instance so', async () => {
  const socket = await connection(httpsPort)
  expect(await answer(socket)).toContain(`https ${httpsPort} ${instance.id}`)
  expect(socket.getPeerCertificate().serialNumber).toBe(serialOf(first))
  socket.destroy()
})

test('an SSL listener passes on what is in the connection', async () => {
  const socket = await connection(sslPort)
  const echoed = new Promise((resolve) => socket.once('data', resolve))
  socket.write('hello')
  expect(String(await echoed)).toBe('hello')
  socket.destroy()
})

/** Lets instances be taken at the HTTPS port only that have the key. */
async function authenticate(name: string, publicKey: string): Promise<void> {
  const policies = [
    [`${name}-key`, 'PublicKeyPolicyType', 'PublicKey', publicKey],
    [name, 'BackendServerAuthenticationPolicyType', 'PublicKeyPolicyName', `${name}-key`],
  ]
  for (const [PolicyName, PolicyTypeName, AttributeName, AttributeValue] of policies) {
    const PolicyAttributes = [{ AttributeName, AttributeValue }]
    const policy = { LoadBalancerName, PolicyName, PolicyTypeName, PolicyAttributes }
    await weir.elb.send(new CreateLoadBalancerPolicyCommand(policy))
  }
  const enabled = { LoadBalancerName, InstancePort: securePort, PolicyNames: [name] }
  await weir.elb.send(new SetLoadBalancerPoliciesForBackendServerCommand(enabled))
}

test('instances are spoken to over TLS, and those with another key than they have to have are not', async () => {
  const status = async () => (await fetch(`http://${node}:${endToEndPort}/`)).status
  expect(await status()).toBe(200)
  await authenticate('other', (await selfSigned()).publicKey)
  await eventually('a refusal', async () => (await status()) === 503)
  await authenticate('right', own.publicKey)
  await eventually('an answer', async () => (await status()) === 200)
})

test('an instance is in service when its health check over HTTPS passes', async () => {
  const checked = { LoadBalancerName: 'checked' }
  await weir.elb.send(
    new CreateLoadBalancerCommand({
      ...checked,
      Listeners: [httpListener],
      AvailabilityZones: [instance.zone],
    }),
  )
  const HealthCheck = {
    Target: `HTTPS:${securePort}/`,
    Interval: 5,
    Timeout: 2,
    UnhealthyThreshold: 2,
    HealthyThreshold: 2,
  }
  await weir.elb.send(new ConfigureHealthCheckCommand({ ...checked, HealthCheck }))
  const Instances = [{ InstanceId: instance.id }]
  await weir.elb.send(new RegisterInstancesWithLoadBalancerCommand({ ...checked, Instances }))
  await inService(weir, 'checked', [instance])
})

test('a certificate that is replaced, or imported again, is shown to new connections; others go on', async () => {
  const before = await connection(httpsPort)
  await answer(before)
  const second = await root.server({ key: 'RSA-2048' })
  const arn = await importAs(second)
  await setCertificate(arn)
  await eventually('the second certificate', async () => (await shownSerial()) === serialOf(second))
  const third = await root.server({ key: 'RSA-2048' })
  await importAs(third, arn)
  await eventually('the third certificate', async () => (await shownSerial()) === serialOf(third))
  expect(await answer(before)).toContain(instance.id)
  before.destroy()
})

test('the data folder without the key file shows no private key', async () => {
  const stolen = await root.server({ key: 'RSA-2048' })
  await setCertificate(await upload('stolen', stolen))
  await eventually('the certificate', async () => (await shownSerial()) === serialOf(stolen))
  const data = join(folder, 'data')
  const openBox = () => openSecretBox(join(folder, 'key'), { mayCreate: false })
  await eventually('the snapshot on disk', async () => {
    const snapshot = await loadSnapshot(join(data, 'proxy', 'snapshot.json'), openBox)
    return snapshot?.certificates.some(({ chain }) => chain === stolen.certificate)
  })
  const found = await readdir(data, { recursive: true, withFileTypes: true })
  const files = found
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
  expect(files.some((name) => name.includes('weir.db'))).toBe(true)
  const lines = stolen.privateKey.split('\n').filter((line) => line.length === 64)
  // The first lines and the modulus are public; the exponent and the primes come after them.
  const secret = lines.slice(8)
  expect(secret.length).toBeGreaterThan(10)
  for (const file of files) {
    const text = await readFile(file, 'latin1')
    expect([file, secret.filter((line) => text.includes(line))]).toEqual([file, []])
    expect([file, text.includes('PRIVATE KEY')]).toEqual([file, false])
  }
  expect(weir.output()).not.toContain('PRIVATE KEY')
})
