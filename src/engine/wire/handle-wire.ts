/**
 * Wires straight on Node's TCP handles: all of a thread read into one buffer, a write that the kernel takes at once allocates
 * nothing, and no stream stands between. Callbacks come from the event loop only, never out of a call to the wire.
 */
import { type Endpoint, endpoint } from '../endpoint.ts'
import { copyInto } from './copy-into.ts'
import { latin1 } from './latin1.ts'
import type { Address, Handles, Request, TcpHandle, WriteRequest } from './tcp-handle.ts'
import { textBytes, unclaimed, type Wire, type WireHandler, writeBound } from './wire.ts'
import { endOfFile, wireError } from './wire-error.ts'

/** The size of one read: a body of 64 KiB, which many send in one piece, with its head. */
const readBytes = 81_920
/** What one read brings, with a head in front of it. */
const copyBytes = readBytes + 16_384

/** What getpeername last said: made once, as its fields cost more than the call. */
const peer: Address = { address: '', family: '', port: 0 }

const readBuffer = Buffer.allocUnsafeSlow(readBytes)

/** A handle knows its wire, as the callbacks have the handle only. */
interface WiredHandle extends TcpHandle {
  wire: HandleWire
}
interface WiredRequest extends WriteRequest {
  wire?: HandleWire
  /** What is written from: the kernel has not taken it all, and nobody else refers to it. */
  buffer?: Buffer
}

export class HandleWire implements Wire {
  handler: WireHandler
  readonly #handles: Handles
  readonly #handle: TcpHandle
  #state: 'connecting' | 'open' | 'closed'
  #paused = false
  /** Text that waits for the connection to stand. */
  #held = ''
  /** Bytes that the kernel has not taken yet. */
  #waiting = 0
  #full = false
  #peerEnded = false
  /** `sending`: our FIN waits for what was written before it. */
  #end: 'none' | 'sending' | 'sent' = 'none'
  #closeWhenSent = false
  #error: Error | undefined

  constructor(
    handles: Handles,
    handle: TcpHandle,
    handler: WireHandler,
    state: 'connecting' | 'open',
  ) {
    this.handler = handler
    this.#handles = handles
    this.#handle = handle
    this.#state = state
    ;(handle as WiredHandle).wire = this
    handle.onread = onRead
    handle.useUserBuffer(readBuffer)
  }

  /** For TLS, which takes over reading and writing. */
  get handle(): TcpHandle {
    return this.#handle
  }

  get tls(): null {
    return null
  }

  get serverName(): null {
    return null
  }

  get shownCertificate(): null {
    return null
  }

  get peerCertificate(): null {
    return null
  }

  get remote(): Endpoint {
    const known = this.#state !== 'closed' && this.#handle.getpeername(peer) === 0
    return known ? endpoint(peer.address, peer.port) : endpoint()
  }

  /** Bytes that the read which is just being told of brought, or its error. */
  get lastRead(): number {
    return this.#handles.state[this.#handles.read] as number
  }

  get full(): boolean {
    return this.#full
  }

  get flushed(): boolean {
    return this.#waiting === 0 && this.#held === ''
  }

  writeText(text: string): boolean {
    if (this.#state === 'connecting') return this.#hold(text)
    if (this.#state === 'closed' || this.#end !== 'none') return false
    const request = freeRequest(this.#handles)
    return this.#written(request, text.length, this.#handle.writeLatin1String(request, text))
  }

  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    return end - start <= textBytes
      ? this.writeText(latin1(buffer, start, end))
      : this.writeFramed('', buffer, start, end, '')
  }

  writeFramed(before: string, buffer: Buffer, start: number, end: number, behind: string): boolean {
    if (this.#state !== 'open')
      return this.writeText(`${before}${latin1(buffer, start, end)}${behind}`)
    if (this.#end !== 'none') return false
    const request = freeRequest(this.#handles)
    // A copy: what the kernel does not take at once is read from it later, and behind what waits already, all of it.
    const length = before.length + end - start + behind.length
    const room =
      this.#waiting > 0 || length > copyBytes ? Buffer.allocUnsafeSlow(length) : roomyCopy()
    const copy = copyInto(room, before, buffer, start, end, behind)
    const status = this.#handle.writeBuffer(request, copy)
    const goesOn = status === 0 && this.#handles.state[this.#handles.writeIsAsync] !== 0
    if (goesOn) keepCopy(request, copy)
    return this.#written(request, length, status)
  }

  end(): void {
    if (this.#end !== 'none' || this.#state === 'closed') return
    this.#end = 'sending'
    if (this.#state === 'open') this.#shutdown()
  }

  close(): void {
    if (this.#state === 'closed') return
    if (this.flushed) {
      this.destroy()
      return
    }
    this.#closeWhenSent = true
    this.end()
    if (this.#end === 'sent') this.destroy()
  }

  destroy(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#handle.close()
    tellClosed(this)
  }

  reset(): void {
    if (this.#state === 'closed') return
    // A handle that waits for its FIN to go out refuses to be reset (libuv, uv_tcp_close_reset).
    if (this.#state === 'connecting' || this.#end !== 'none') {
      this.destroy()
      return
    }
    this.#state = 'closed'
    if (this.#handle.reset() !== 0) this.#handle.close()
    tellClosed(this)
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    if (this.#state === 'open') this.#handle.readStop()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.read()
  }

  /** Begins to read, or goes on, unless paused. */
  read(): void {
    if (this.#state === 'open' && !this.#paused && !this.#peerEnded) this.#handle.readStart()
  }

  connect(host: string, port: number): void {
    const request = this.#handles.newConnectRequest()
    request.oncomplete = (status) => this.#connected(status)
    this.#handle.setNoDelay(true)
    const status = host.includes(':')
      ? this.#handle.connect6(request, host, port)
      : this.#handle.connect(request, host, port)
    if (status !== 0) this.#fail('connect', status)
  }

  // What the handle says

  readFailed(status: number): void {
    if (status !== endOfFile) {
      this.#fail('read', status)
      return
    }
    this.#peerEnded = true
    this.#handle.readStop()
    this.handler.ended()
    if (this.#end === 'sent') this.destroy()
  }

  writeDone(bytes: number, status: number): void {
    if (this.#state === 'closed') return
    if (status !== 0) {
      this.#writeFailed(status)
      return
    }
    this.#waiting -= bytes
    this.#drain()
  }

  closed(): void {
    this.handler.closed(this.#error)
  }

  #connected(status: number): void {
    if (this.#state === 'closed') return
    if (status !== 0) {
      this.#fail('connect', status)
      return
    }
    this.#state = 'open'
    const held = this.#held
    this.#held = ''
    if (held !== '') this.#flush(held)
    if (this.#end === 'sending') this.#shutdown()
    this.read()
    this.handler.connected()
    this.#drain()
  }

  #hold(text: string): boolean {
    if (this.#end !== 'none') return false
    this.#held += text
    if (this.#held.length >= writeBound) this.#full = true
    return !this.#full
  }

  #flush(held: string): void {
    const request = freeRequest(this.#handles)
    this.#written(request, held.length, this.#handle.writeLatin1String(request, held))
  }

  #written(request: WriteRequest, bytes: number, status: number): boolean {
    if (status !== 0) {
      this.#writeFailed(status)
      return false
    }
    if (this.#handles.state[this.#handles.writeIsAsync] === 0) return !this.#full
    useRequest(request, this, bytes)
    this.#waiting += bytes
    if (this.#waiting >= writeBound) this.#full = true
    return !this.#full
  }

  #drain(): void {
    if (!this.#full || this.#waiting > 0 || this.#state === 'closed') return
    this.#full = false
    this.handler.drained()
  }

  #shutdown(): void {
    const request = this.#handles.newShutdownRequest()
    request.oncomplete = () => this.#shutDown()
    // It fails when the peer is gone, which the next read tells.
    if (this.#handle.shutdown(request) !== 0) this.#end = 'sent'
  }

  #shutDown(): void {
    if (this.#state === 'closed') return
    this.#end = 'sent'
    if (this.#peerEnded || this.#closeWhenSent) this.destroy()
  }

  /** The peer takes no more. What it said before, such as why, is still to be read, and its end follows. */
  #writeFailed(status: number): void {
    const reading = this.#state === 'open' && !this.#paused && !this.#peerEnded
    if (reading && this.#end === 'none') {
      this.#end = 'sent'
      this.#error = wireError('write', status)
    } else this.#fail('write', status)
  }

  #fail(operation: string, status: number): void {
    if (this.#state === 'closed') return
    this.#error ??= wireError(operation, status)
    this.destroy()
  }
}

/** A wire over a handle that a server accepted; `handler` is set, then `read` begins. */
export function acceptHandle(handles: Handles, handle: TcpHandle): HandleWire {
  return new HandleWire(handles, handle, unclaimed, 'open')
}

/** Connects to an IP literal. Writes are held until the connection stands. */
export function connectHandle(
  handles: Handles,
  host: string,
  port: number,
  handler: WireHandler,
): HandleWire {
  const wire = new HandleWire(handles, handles.newHandle(), handler, 'connecting')
  wire.connect(host, port)
  return wire
}

/** Not in use: most writes are over when the call returns, and leave it free for the next. */
let free: WriteRequest | null = null

function freeRequest(handles: Handles): WriteRequest {
  free ??= handles.newWriteRequest()
  return free
}

/** Most writes are over when the call returns, and leave it free for the next. */
let freeCopy: Buffer | null = null

function roomyCopy(): Buffer {
  freeCopy ??= Buffer.allocUnsafeSlow(copyBytes)
  return freeCopy
}

function keepCopy(request: WiredRequest, copy: Buffer): void {
  if (copy.buffer === freeCopy?.buffer) freeCopy = null
  request.buffer = copy
}

function useRequest(request: WiredRequest, wire: HandleWire, bytes: number): void {
  free = null
  request.wire = wire
  request.bytes = bytes
  request.oncomplete = onWritten
}

function onWritten(this: Request, status: number): void {
  const { wire, bytes = 0 } = this as WiredRequest
  wire?.writeDone(bytes, status)
}

function onRead(this: TcpHandle): void {
  const { wire } = this as WiredHandle
  const outcome = wire.lastRead
  if (outcome > 0) wire.handler.bytes(readBuffer, outcome)
  else if (outcome < 0) wire.readFailed(outcome)
}

/** Closed, and not told so yet. */
let closing: HandleWire[] = []
const settled = Promise.resolve()

/** Once the callback that runs is over. A close callback of the handle would say the same, and cost as much as the rest of closing. */
function tellClosed(wire: HandleWire): void {
  if (closing.push(wire) === 1) void settled.then(tellAllClosed)
}

function tellAllClosed(): void {
  const told = closing
  closing = []
  for (const wire of told) wire.closed()
}
