/** Where wires come from: accepted by a server, or connected, plain or with TLS. */
import type { Server } from 'node:net'
import { acceptHandle, connectHandle, HandleWire } from './handle-wire.ts'
import { acceptSocket, connectSocket, SocketWire } from './socket-wire.ts'
import { type TcpHandle, handles as tcpHandles } from './tcp-handle.ts'
import type { ClientTls, ServerTls } from './tls.ts'
import { wrapTls } from './tls-handle.ts'
import { connectSecureSocket, secureSocket } from './tls-socket-wire.ts'
import { TlsWire } from './tls-wire.ts'
import { unclaimed, type Wire, type WireHandler, type WireKind } from './wire.ts'

/** The undocumented part of a server. */
interface ServerInternals {
  readonly _handle?: TcpHandle | null
}

/** All that handle wires need, or nothing. */
const native = tcpHandles === null || wrapTls === null ? null : { handles: tcpHandles, wrapTls }

/** Hands over what a listening server accepts from now on. `accept` sets the wire's handler; reading begins after it. */
export function acceptWires(server: Server, kind: WireKind, accept: (wire: Wire) => void): void {
  const listening = (server as unknown as ServerInternals)._handle
  const handles = native?.handles
  if (kind === 'socket' || handles === undefined || typeof listening?.onconnection !== 'function') {
    server.on('connection', (socket) => {
      const wire = acceptSocket(socket)
      accept(wire)
      wire.read()
    })
    return
  }
  // Accepted sockets inherit it (Linux, tcp(7)): one system call a listener instead of one a connection.
  listening.setNoDelay(true)
  listening.onconnection = (error, handle) => {
    if (error !== 0 || handle === undefined) return
    const wire = acceptHandle(handles, handle)
    accept(wire)
    wire.read()
  }
}

/** Secures a wire that was just accepted: the one that comes back takes its place, and is connected when the handshake is over. */
export function secureWire(wire: Wire, role: ServerTls): Wire {
  if (wire instanceof SocketWire) return secureSocket(wire, role)
  if (!(wire instanceof HandleWire) || native === null) throw new TypeError('not a wire of TCP')
  const secured = new TlsWire(native, wire, unclaimed, role)
  secured.connected()
  return secured
}

/** Connects to an IP literal. Writes are held until the connection stands, and its handshake is over. */
export function connectWire(
  host: string,
  port: number,
  handler: WireHandler,
  kind: WireKind,
  tls: ClientTls | null = null,
): Wire {
  if (kind === 'socket' || native === null) {
    return tls === null
      ? connectSocket(host, port, handler)
      : connectSecureSocket(host, port, handler, tls)
  }
  if (tls === null) return connectHandle(native.handles, host, port, handler)
  const tcp = connectHandle(native.handles, host, port, unclaimed)
  return new TlsWire(native, tcp, handler, tls)
}
