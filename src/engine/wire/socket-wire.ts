/** Wires over Node's documented sockets: the portable way, which costs more CPU. The same tests run over both. */
import net from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { latin1 } from './latin1.ts'
import type { TlsFacts } from './tls.ts'
import { textBytes, unclaimed, type Wire, type WireHandler, writeBound } from './wire.ts'

type WiredSocket = net.Socket & { wire: SocketWire }

export class SocketWire implements Wire {
  handler: WireHandler
  tls: TlsFacts | null = null
  serverName: string | null = null
  shownCertificate: string | null = null
  readonly #socket: net.Socket
  /** The same, or what it encrypts: knows the peer, and can be reset. */
  readonly #tcp: net.Socket
  #error: Error | undefined
  #ended = false
  #paused = false

  /** @param tcp what `socket` encrypts, if it does */
  constructor(socket: net.Socket, handler: WireHandler, tcp = socket) {
    this.handler = handler
    this.#socket = socket
    this.#tcp = tcp
    ;(socket as WiredSocket).wire = this
    socket.on('error', onError)
    socket.on('end', onEnd)
    socket.on('drain', onDrain)
    socket.on('close', onClose)
    socket.on('data', onData)
  }

  /** For TLS, which takes over reading and writing. */
  get socket(): net.Socket {
    return this.#socket
  }

  get peerCertificate(): Buffer | null {
    const socket = this.#socket
    return socket instanceof TLSSocket ? (socket.getPeerCertificate()?.raw ?? null) : null
  }

  get remote(): Endpoint {
    return endpoint(this.#tcp.remoteAddress, this.#tcp.remotePort)
  }

  get full(): boolean {
    return this.#socket.writableNeedDrain
  }

  get flushed(): boolean {
    return this.#socket.writableLength === 0
  }

  writeText(text: string): boolean {
    return this.#socket.write(text, 'latin1')
  }

  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    if (end - start <= textBytes) {
      return this.#socket.write(latin1(buffer, start, end), 'latin1')
    }
    return this.#socket.write(Buffer.from(buffer.subarray(start, end)))
  }

  writeFramed(before: string, buffer: Buffer, start: number, end: number, behind: string): boolean {
    const parts = [Buffer.from(before, 'latin1'), buffer.subarray(start, end)]
    return this.#socket.write(Buffer.concat([...parts, Buffer.from(behind, 'latin1')]))
  }

  end(): void {
    this.#ended = true
    this.#socket.end()
  }

  close(): void {
    this.#ended = true
    // TLS has an end of its own to send.
    if (this.flushed && this.#socket === this.#tcp) this.#socket.destroy()
    else this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  reset(): void {
    // A socket that waits for its FIN to go out refuses to be reset, and would stay open (libuv, uv_tcp_close_reset).
    if (this.#ended || this.#socket.connecting) this.#socket.destroy()
    else this.#tcp.resetAndDestroy()
  }

  pause(): void {
    if (this.#paused || this.#socket.destroyed) return
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#paused || this.#socket.destroyed) return
    this.#paused = false
    this.#socket.resume()
  }

  /** Begins to read, unless paused. */
  read(): void {
    if (!this.#paused) this.#socket.resume()
  }

  fail(error: Error): void {
    this.#error = error
  }

  closed(): void {
    this.handler.closed(this.#error)
  }
}

function onError(this: net.Socket, error: Error): void {
  ;(this as WiredSocket).wire.fail(error)
}

function onEnd(this: net.Socket): void {
  if (!this.destroyed) (this as WiredSocket).wire.handler.ended()
}

function onDrain(this: net.Socket): void {
  if (!this.destroyed) (this as WiredSocket).wire.handler.drained()
}

function onClose(this: net.Socket): void {
  ;(this as WiredSocket).wire.closed()
}

function onConnect(this: net.Socket): void {
  if (!this.destroyed) (this as WiredSocket).wire.handler.connected()
}

function onData(this: net.Socket, chunk: Buffer): void {
  if (!this.destroyed) (this as WiredSocket).wire.handler.bytes(chunk, chunk.length)
}

export const socketOptions = {
  allowHalfOpen: true,
  noDelay: true,
  writableHighWaterMark: writeBound,
} as net.SocketConstructorOpts

/** A wire over a socket that a server accepted with `pauseOnConnect`; `read` begins when its handler is set. */
export function acceptSocket(socket: net.Socket): SocketWire {
  return new SocketWire(socket, unclaimed)
}

/** Connects to an IP literal. Writes are held until the connection stands. */
export function connectSocket(host: string, port: number, handler: WireHandler): Wire {
  const socket = new net.Socket(socketOptions)
  const wire = new SocketWire(socket, handler)
  socket.once('connect', onConnect)
  socket.connect({ host, port })
  return wire
}
