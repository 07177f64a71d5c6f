/** Clients that begin handshakes by the thousand and never finish them: others are served, and all is given back. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ModifyLoadBalancerAttributesCommand } from '@aws-sdk/client-elastic-load-balancing'
import { UploadServerCertificateCommand } from '@aws-sdk/client-iam'
import { expect, test } from 'vitest'
import { selfSigned } from '../support/certificate-authority.ts'
import { childProcess, openDescriptors, residentBytes } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { KeepAliveClient } from '../support/keep-alive-client.ts'
import { openConnections } from '../support/metrics.ts'
import { createLoadBalancer, Instance, instancePort, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'besieged'
const LoadBalancerPort = 8443
const clientsOfAKind = 1000
/** Less than 64 KiB a connection, OpenSSL's part included: a handshake takes about half of that. */
const mostMemory = 2 * clientsOfAKind * 65_536
/** Of a ClientHello of 512 bytes. */
const halfHello = Buffer.concat([
  Buffer.from('1603010200010001fc0303', 'hex'),
  Buffer.alloc(245, 'h'),
])

async function begin(host: string, bytes: Buffer): Promise<Socket> {
  const socket = connect({ host, port: LoadBalancerPort })
  // To be cut off is what it is there for.
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

function beginMany(host: string, bytes: Buffer): Promise<Socket[]> {
  return Promise.all(Array.from({ length: clientsOfAKind }, () => begin(host, bytes)))
}

async function listen(weir: Weir, instance: Instance): Promise<string> {
  const { certificate: CertificateBody, privateKey: PrivateKey } = await selfSigned()
  const upload = { ServerCertificateName: 'own', CertificateBody, PrivateKey }
  const answer = await weir.iam.send(new UploadServerCertificateCommand(upload))
  const listener = {
    Protocol: 'HTTPS',
    LoadBalancerPort,
    InstanceProtocol: 'HTTP',
    InstancePort: instancePort,
    SSLCertificateId: answer.ServerCertificateMetadata?.Arn ?? '',
  }
  await createLoadBalancer(weir, LoadBalancerName, [instance], [listener])
  const [node = ''] = await nodeAddresses(weir, LoadBalancerName)
  return node
}

function setIdleTimeout(weir: Weir, IdleTimeout: number) {
  const LoadBalancerAttributes = { ConnectionSettings: { IdleTimeout } }
  return weir.elb.send(
    new ModifyLoadBalancerAttributesCommand({ LoadBalancerName, LoadBalancerAttributes }),
  )
}

test('half a ClientHello from a thousand clients, and nothing from a thousand others, keeps nobody waiting, and is cut off', async () => {
  await using weir = await Weir.start()
  await using instance = await Instance.declare(weir, 'us-west-2a')
  const node = await listen(weir, instance)
  const proxy = childProcess(weir.process.pid ?? 0, 'proxy') ?? 0
  const tls = { rejectUnauthorized: false }
  const lasting = new KeepAliveClient(node, LoadBalancerPort, tls)
  await lasting.next()
  const descriptors = openDescriptors(proxy)
  const memory = residentBytes(proxy)

  const besiegers = await beginMany(node, halfHello)
  besiegers.push(...(await beginMany(node, Buffer.alloc(0))))
  await eventually('all of them', async () => (await openConnections(weir)) > 2 * clientsOfAKind)
  expect(residentBytes(proxy) - memory).toBeLessThan(mostMemory)
  const fresh = new KeepAliveClient(node, LoadBalancerPort, tls)
  await eventually('answers', () => fresh.requests > 100 && lasting.requests > 100)
  await fresh.stop()
  expect(fresh.failures).toEqual([])

  // Each has as long as a connection on which nothing comes.
  const closed = Promise.all(besiegers.map((socket) => once(socket.resume(), 'close')))
  await setIdleTimeout(weir, 1)
  await closed
  await lasting.stop()
  expect(lasting.failures).toEqual([])
  await eventually('no connection', async () => (await openConnections(weir)) === 0)
  await eventually('no descriptor of them', () => openDescriptors(proxy) <= descriptors)
}, 60_000)
