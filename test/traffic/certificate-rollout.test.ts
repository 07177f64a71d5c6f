/** Certificates are replaced under load, a hundred times: nobody notices but new connections, which are shown the new one. */
import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { ImportCertificateCommand } from '@aws-sdk/client-acm'
import { SetLoadBalancerListenerSSLCertificateCommand } from '@aws-sdk/client-elastic-load-balancing'
import { UploadServerCertificateCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CertificateAuthority, type ServerCertificate } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import { KeepAliveClient } from '../support/keep-alive-client.ts'
import { createLoadBalancer, Instance, instancePort, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'rolled'
const LoadBalancerPort = 8443
const changes = 100
const newClients = 4
const lastingClients = 4

let weir: Weir
let instance: Instance
let root: CertificateAuthority
let node: string
/** Of IAM, with their ARNs. */
let uploaded: (readonly [arn: string, server: ServerCertificate])[]

const bytes = (text: string) => new TextEncoder().encode(text)

async function upload(name: string, server: ServerCertificate): Promise<string> {
  const answer = await weir.iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: name,
      CertificateBody: server.certificate,
      PrivateKey: server.privateKey,
    }),
  )
  return answer.ServerCertificateMetadata?.Arn ?? ''
}

/** @param CertificateArn of the certificate to replace; without, it is another one. */
async function importToAcm(server: ServerCertificate, CertificateArn?: string): Promise<string> {
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
      LoadBalancerPort,
      SSLCertificateId,
    }),
  )
}

/** One after the other, and from the first again. */
function taking<T>(these: readonly T[], turn: number): T {
  const one = these[turn % these.length]
  if (one === undefined) throw new Error('there are none')
  return one
}

/** As listeners take it from ACM. */
const rsa = () => root.server({ key: 'RSA-2048' })

const serialOf = ({ certificate }: ServerCertificate) =>
  new X509Certificate(certificate).serialNumber

/** Whether handshakes succeed is judged with the authority's word: each certificate is for this name. */
const trust = () => ({ ca: root.certificate, servername: 'www.example.com' })

/** One connection with one request. @returns its session, and whether it resumed the one of the options */
async function visit(options: { session?: Buffer } = {}) {
  const socket = connect({ host: node, port: LoadBalancerPort, ...trust(), ...options })
  const request = 'GET / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n'
  let session: Buffer | undefined
  socket.on('session', (its: Buffer) => {
    session = its
  })
  let answer = ''
  let resumed = false
  await new Promise<void>((resolve, reject) => {
    socket.setEncoding('latin1').once('error', reject)
    socket.once('secureConnect', () => {
      resumed = socket.isSessionReused()
      socket.write(request)
    })
    socket.on('data', (text: string) => {
      answer += text
    })
    socket.once('end', resolve).once('close', resolve)
  })
  if (!answer.startsWith('HTTP/1.1 200 ') || !answer.endsWith(instance.id)) {
    throw new Error(`answered: ${answer}`)
  }
  return { session, resumed }
}

/** The serial number of the certificate that a new connection is shown. */
async function shown(): Promise<string> {
  const socket = connect({ host: node, port: LoadBalancerPort, ...trust() })
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject)
  })
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

/** Clients that connect anew for each request, until they are stopped. @returns how many visits there were, and what failed */
function newConnections() {
  const failures: string[] = []
  let visits = 0
  let stopping = false
  const client = async () => {
    while (!stopping) {
      try {
        await visit()
        visits += 1
      } catch (error) {
        failures.push(String(error))
      }
    }
  }
  const clients = Promise.all(Array.from({ length: newClients }, client))
  return {
    stop: async () => {
      stopping = true
      await clients
      return { visits, failures }
    },
  }
}

beforeAll(async () => {
  weir = await Weir.start()
  root = await CertificateAuthority.create()
  instance = await Instance.declare(weir, 'us-west-2a')
  const [first, second] = [await root.server(), await rsa()]
  uploaded = [
    [await upload('first', first), first],
    [await upload('second', second), second],
  ]
  const listener = {
    Protocol: 'HTTPS',
    LoadBalancerPort,
    InstanceProtocol: 'HTTP',
    InstancePort: instancePort,
    SSLCertificateId: taking(uploaded, 0)[0],
  }
  await createLoadBalancer(weir, LoadBalancerName, [instance], [listener])
  node = (await nodeAddresses(weir, LoadBalancerName))[0] ?? ''
}, 60_000)

afterAll(async () => {
  await instance[Symbol.asyncDispose]()
  await weir[Symbol.asyncDispose]()
})

test('a certificate is replaced a hundred times under load: no handshake and no request fails, connections go on, and each is shown', async () => {
  const load = newConnections()
  const lasting = Array.from(
    { length: lastingClients },
    () => new KeepAliveClient(node, LoadBalancerPort, trust()),
  )
  for (let change = 0; change < changes / 2; change += 1) {
    const [arn, server] = taking(uploaded, change + 1)
    await setCertificate(arn)
    await eventually(`change ${change}`, async () => (await shown()) === serialOf(server))
  }
  const renewals = [await rsa(), await rsa(), await rsa()]
  const arn = await importToAcm(await rsa())
  await setCertificate(arn)
  for (let change = changes / 2; change < changes; change += 1) {
    const server = taking(renewals, change)
    await importToAcm(server, arn)
    await eventually(`change ${change}`, async () => (await shown()) === serialOf(server))
  }
  const { visits, failures } = await load.stop()
  expect(failures).toEqual([])
  expect(visits).toBeGreaterThan(changes)
  for (const client of lasting) {
    // What was answered so far was asked before or meanwhile: this is asked afterwards.
    const before = client.requests
    while (client.requests < before + 2 && client.failures.length === 0) await client.next()
    await client.stop()
    expect(client.failures).toEqual([])
    expect([...client.answers.keys()]).toEqual([instance.id])
  }
}, 120_000)

test('sessions are resumed whichever engine thread a client meets, after a change of the certificate too', async () => {
  const { session } = await visit()
  if (session === undefined) throw new Error('no session')
  const resumptions = async () => {
    const visits = Array.from({ length: 20 }, () => visit({ session }))
    return (await Promise.all(visits)).map(({ resumed }) => resumed)
  }
  // By chance, all of them would meet one of two threads once in half a million times.
  expect(await resumptions()).toEqual(Array(20).fill(true))
  const [arn, server] = taking(uploaded, 0)
  await setCertificate(arn)
  await eventually('the other certificate', async () => (await shown()) === serialOf(server))
  expect(await resumptions()).toEqual(Array(20).fill(true))
})
