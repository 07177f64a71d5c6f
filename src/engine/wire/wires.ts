/** Where wires come from: accepted by a server, or connected. */
import type { Server } from 'node:net'
import { acceptHandle, connectHandle } from './handle-wire.ts'
import { acceptSocket, connectSocket } from './socket-wire.ts'
import { handles, type TcpHandle } from './tcp-handle.ts'
import type { Wire, WireHandler, WireKind } from './wire.ts'

/** The undocumented part of a server. */
interface ServerInternals {
  readonly _handle?: TcpHandle | null
}

/** Hands over what a listening server accepts from now on. `accept` sets the wire's handler; reading begins after it. */
export function acceptWires(server: Server, kind: WireKind, accept: (wire: Wire) => void): void {
  const listening = (server as unknown as ServerInternals)._handle
  const known = handles
  if (kind === 'socket' || known === null || typeof listening?.onconnection !== 'function') {
    server.on('connection', (socket) => {
      accept(acceptSocket(socket))
      socket.resume()
    })
    return
  }
  // Accepted sockets inherit it (Linux, tcp(7)): one system call a listener instead of one a connection.
  listening.setNoDelay(true)
  listening.onconnection = (error, handle) => {
    if (error !== 0 || handle === undefined) return
    const wire = acceptHandle(known, handle)
    accept(wire)
    wire.read()
  }
}

/** Connects to an IP literal. Writes are held until the connection stands. */
export function connectWire(
  host: string,
  port: number,
  handler: WireHandler,
  kind: WireKind,
): Wire {
  return kind === 'socket' || handles === null
    ? connectSocket(host, port, handler)
    : connectHandle(handles, host, port, handler)
}
