/**
 * Wires over Node's sockets. With `onread`, all sockets of a thread read into one buffer, and the readable half of their stream
 * stays unused. Node offers `onread` for outgoing sockets; an accepted one gets it by taking its handle from the server before a
 * socket is made of it, which is not documented. This is the only file that knows; `data` is the portable way, and the same tests run over both.
 */
import net from 'node:net'
import { latin1 } from './latin1.ts'
import { type ReadPath, type Wire, type WireHandler, writeBound } from './wire.ts'

/** The size of one read: libuv's own suggestion. */
const readBytes = 65_536
/** Up to here a string is written from the stack of Node's native side, without an allocation (StreamBase::WriteString). */
const textBytes = 16_384

type WiredSocket = net.Socket & { wire: SocketWire }

/** The undocumented parts of servers and sockets that this file uses. */
interface ServerInternals {
  readonly _handle?: { onconnection?: (error: number, handle?: AcceptedHandle) => void } | null
}
interface AcceptedHandle {
  setNoDelay(on: boolean): void
}
interface WireOptions {
  readonly handle?: AcceptedHandle
  readonly onread?: typeof shared
  readonly allowHalfOpen: true
  readonly noDelay: true
  readonly writableHighWaterMark: number
}

class SocketWire implements Wire {
  handler: WireHandler
  readonly #socket: net.Socket
  #error: Error | undefined
  #ended = false
  #paused = false

  constructor(socket: net.Socket, handler: WireHandler, path: ReadPath) {
    this.handler = handler
    this.#socket = socket
    ;(socket as WiredSocket).wire = this
    socket.on('error', onError)
    socket.on('end', onEnd)
    socket.on('drain', onDrain)
    socket.on('close', onClose)
    if (path === 'data') socket.on('data', onData)
  }

  get remoteAddress(): string {
    const address = this.#socket.remoteAddress ?? ''
    return address.startsWith('::ffff:') ? address.slice(7) : address
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

  end(): void {
    this.#ended = true
    this.#socket.end()
  }

  close(): void {
    this.#ended = true
    if (this.flushed) this.#socket.destroy()
    else this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  reset(): void {
    // A socket that waits for its FIN to go out refuses to be reset, and would stay open (libuv, uv_tcp_close_reset).
    if (this.#ended || this.#socket.connecting) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
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

const shared = {
  buffer: Buffer.allocUnsafeSlow(readBytes),
  // Node calls this with the socket as `this`.
  callback(this: unknown, length: number, buffer: Uint8Array): boolean {
    ;(this as WiredSocket).wire.handler.bytes(buffer as Buffer, length)
    return true
  },
}

const socketOptions: WireOptions = {
  allowHalfOpen: true,
  noDelay: true,
  writableHighWaterMark: writeBound,
}

function newSocket(options: WireOptions): net.Socket {
  return new net.Socket(options as unknown as net.SocketConstructorOpts)
}

/** Until a connection takes an accepted wire, which is before anything can happen to it. */
const unclaimed: WireHandler = {
  connected() {},
  bytes() {},
  ended() {},
  drained() {},
  closed() {},
}

/**
 * Hands over what a listening server accepts from now on, as wires that are being read; the caller sets their handler.
 * A Node without the properties that `onread` needs here gets the portable way.
 */
export function acceptWires(
  server: net.Server,
  path: ReadPath,
  accept: (wire: Wire) => void,
): void {
  const listening = (server as unknown as ServerInternals)._handle
  if (path === 'onread' && typeof listening?.onconnection === 'function') {
    listening.onconnection = (error, handle) => {
      if (error !== 0 || handle === undefined) return
      handle.setNoDelay(true)
      const socket = newSocket({ ...socketOptions, handle, onread: shared })
      accept(new SocketWire(socket, unclaimed, path))
    }
    return
  }
  server.on('connection', (socket) => {
    accept(new SocketWire(socket, unclaimed, 'data'))
    socket.resume()
  })
}

/** Connects to an IP literal. Writes are held until the connection stands. */
export function connectWire(
  host: string,
  port: number,
  handler: WireHandler,
  path: ReadPath,
): Wire {
  const socket = newSocket(path === 'onread' ? { ...socketOptions, onread: shared } : socketOptions)
  const wire = new SocketWire(socket, handler, path)
  socket.once('connect', onConnect)
  socket.connect({ host, port })
  return wire
}
