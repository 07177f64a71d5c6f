/**
 * TLS over Node's documented sockets, as `socket-wire.ts`. What it lacks beside `tls-wire.ts`: proofs that a certificate is not revoked
 * are not sent, and a certificate that is chosen by name should have the same kind of key as the default one.
 */
import net from 'node:net'
import tls from 'node:tls'
import { SocketWire, socketOptions } from './socket-wire.ts'
import { alpnIn, type ClientTls, otherKey, type ServerTls, tlsFacts } from './tls.ts'
import { unclaimed, type Wire, type WireHandler } from './wire.ts'

/** What is not documented of a socket: the handle, and errors between handshake and the first listener of a server's. */
interface SocketInternals {
  readonly ssl: { verifyError(): Error | null }
  /** Of servers: the name that the client asks for. */
  readonly servername?: string | false | null
  on(event: '_tlsError', listener: (error: Error) => void): void
}

/** Takes the place of an accepted wire of which nothing was read. */
export function secureSocket({ socket: tcp }: SocketWire, role: ServerTls): Wire {
  const { credentials, byName, alpn, asksCertificate } = role
  const socket: tls.TLSSocket = new tls.TLSSocket(tcp, {
    isServer: true,
    secureContext: credentials.context,
    requestCert: asksCertificate,
    rejectUnauthorized: asksCertificate,
    ...(alpn.length > 0
      ? { ALPNCallback: ({ protocols }) => chosen(alpnIn(socket.getProtocol(), role), protocols) }
      : {}),
    ...(byName === null
      ? {}
      : {
          SNICallback: (name, done) => {
            role.shown = byName(name) ?? credentials
            done(null, role.shown.context)
          },
        }),
  })
  const wire = new SocketWire(socket, unclaimed, tcp)
  const internals = socket as unknown as SocketInternals
  internals.on('_tlsError', (error) => socket.destroy(error))
  // With allowHalfOpen, Node would wait for the rest of a handshake that does not come.
  socket.once('end', () => wire.tls ?? socket.destroy())
  socket.on('secure', () => {
    const refusal = asksCertificate ? internals.ssl.verifyError() : null
    wire.serverName = internals.servername || null
    wire.shownCertificate = role.shown.certificate
    if (refusal === null) established(wire, socket)
    else socket.destroy(refusal)
  })
  return wire
}

/** The first of ours that the client has too; undefined ends the handshake (RFC 7301, section 3.2). */
function chosen(ours: readonly string[], clients: readonly string[]): string | undefined {
  return ours.find((name) => clients.includes(name))
}

/** Connects to an IP literal. Writes are held until the handshake is over. */
export function connectSecureSocket(
  host: string,
  port: number,
  handler: WireHandler,
  role: ClientTls,
): Wire {
  const tcp = new net.Socket(socketOptions)
  const { context: secureContext, session } = role
  const socket = tls.connect({
    socket: tcp,
    secureContext,
    rejectUnauthorized: false,
    ...(session === null ? {} : { session }),
  })
  const wire = new SocketWire(socket, handler, tcp)
  let early: Buffer | null = null
  socket.on('session', (session) => {
    if (wire.tls === null) early = session
    else role.keepSession(session)
  })
  socket.once('secureConnect', () => {
    if (!socket.isSessionReused() && role.accepts?.(socket.getPeerCertificate().raw) === false) {
      socket.destroy(new Error(otherKey))
      return
    }
    if (early !== null) role.keepSession(early)
    established(wire, socket)
  })
  tcp.connect({ host, port })
  return wire
}

function established(wire: SocketWire, socket: tls.TLSSocket): void {
  if (socket.destroyed) return
  wire.tls = tlsFacts(
    socket.getProtocol() ?? '',
    socket.getCipher().name,
    socket.alpnProtocol || null,
  )
  wire.handler.connected()
}
