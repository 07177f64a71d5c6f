import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { lookup as lookupHost } from 'node:dns/promises'
import { once } from 'node:events'
// biome-ignore lint/style/noRestrictedImports: DNS over TCP is a raw protocol of its own, apart from the traffic of load balancers.
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../std/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { failure, type Responder, respond, type Transport } from './respond.ts'
import { serveTcpConnection } from './tcp-connection.ts'
import type { Addresses, Names } from './zone.ts'

export interface DnsServerOptions {
  /** Address or host name to listen on. */
  readonly host: string
  /** 0 picks a port that is free for both UDP and TCP. */
  readonly port: number
  readonly logger: Logger
  readonly clock: Clock
  readonly apexes: Names['apexes']
  readonly lookup: Names['lookup']
  readonly texts: Names['texts']
}

export interface DnsServer extends AsyncDisposable {
  readonly address: string
  readonly port: number
}

/** Connections beyond these are closed at once: a resolver needs one or two (RFC 7766, section 6.2.2). */
export const maxTcpConnections = 256

/** How often port 0 is tried before the machine must be out of ports. */
const bindAttempts = 20

/**
 * Starts the authoritative DNS server for the names of load balancers, on UDP and TCP.
 * @throws Error when it cannot listen there.
 */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { host, clock, logger, apexes, lookup, texts } = options
  const { address, family } = await lookupHost(host)
  const { udp, tcp, port } = await bind(address, family, options.port)

  const names = { apexes, lookup, texts, server: ownAddresses(address, family) }
  const answer = answerer({ names, random: Math.random }, logger)
  const connections = serveTcp(tcp, (packet) => answer(packet, 'tcp'), clock)
  serveUdp(udp, (packet) => answer(packet, 'udp'), logger)
  return {
    address,
    port,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy()
      await Promise.all([closed(udp), closed(tcp)])
    },
  }
}

/** The edge where errors become answers: nothing that a client sends may end the server. */
function answerer(responder: Responder, logger: Logger) {
  return (packet: Buffer, transport: Transport): Buffer | undefined => {
    try {
      return respond(responder, packet, transport)
    } catch (error) {
      logger.error({ err: error, packet: packet.toString('hex') }, 'DNS query failed')
      return failure(packet)
    }
  }
}

function serveUdp(
  udp: UdpSocket,
  answer: (packet: Buffer) => Buffer | undefined,
  logger: Logger,
): void {
  udp.on('message', (packet, { address, port }) => {
    // Nothing can be sent to port 0: only a forged packet comes from there.
    const response = port === 0 ? undefined : answer(packet)
    if (response === undefined) return
    udp.send(response, port, address, (error) => {
      if (error) logger.debug({ err: error, address, port }, 'DNS response not sent')
    })
  })
  udp.on('error', (error) => logger.error({ err: error }, 'DNS socket failed'))
}

function serveTcp(
  tcp: Server,
  answer: (packet: Buffer) => Buffer | undefined,
  clock: Clock,
): ReadonlySet<Socket> {
  const connections = new Set<Socket>()
  tcp.maxConnections = maxTcpConnections
  tcp.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    serveTcpConnection(socket, answer, clock)
  })
  return connections
}

function ownAddresses(address: string, family: number): Addresses {
  const own = address === '0.0.0.0' || address === '::' ? [] : [address]
  return family === 4 ? { ipv4: own, ipv6: [] } : { ipv4: [], ipv6: own }
}

interface Bound {
  readonly udp: UdpSocket
  readonly tcp: Server
  readonly port: number
}

/** Binds UDP and then TCP to the port that UDP got; when another process has that one, both are tried again with a new one. */
async function bind(address: string, family: number, port: number): Promise<Bound> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = createSocket(family === 4 ? 'udp4' : 'udp6')
    const tcp = createServer()
    try {
      udp.bind(port, address)
      await once(udp, 'listening')
      const bound = udp.address().port
      tcp.listen(bound, address)
      await once(tcp, 'listening')
      return { udp, tcp, port: bound }
    } catch (cause) {
      await closed(udp)
      if (port === 0 && isInUse(cause) && attempt < bindAttempts) continue
      throw new Error(`the DNS server cannot listen on ${address} port ${port}`, { cause })
    }
  }
}

function isInUse(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}

async function closed(server: UdpSocket | Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
