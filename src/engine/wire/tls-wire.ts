/**
 * Wires with TLS, straight on Node's TLS handles over those of `handle-wire.ts`: no stream stands between, and bytes are encrypted
 * from where they are. The wire below connects and closes; this one does the handshake, reads and writes. A handle takes one write
 * at a time and tells later that it is over, so what is written meanwhile is held, and written in one piece.
 */
import { getSystemErrorName } from 'node:util'
import type { Endpoint } from '../endpoint.ts'
import type { HandleWire } from './handle-wire.ts'
import type { Handles, Request, WriteRequest } from './tcp-handle.ts'
import { type ClientTls, type ServerTls, type TlsFacts, tlsFacts } from './tls.ts'
import type { TlsHandle, WrapTls } from './tls-handle.ts'
import { prepareServer, refusal } from './tls-roles.ts'
import { type Wire, type WireHandler, writeBound } from './wire.ts'

/** One record of TLS has no more (RFC 8446, section 5.1), and records are read one by one. */
const recordBytes = 16_384
/** libuv's UV_EOF. */
const endOfFile = -4095

/**
 * Turns of the event loop by which what OpenSSL says by itself (tickets, alerts, its part of the handshake) is with the kernel. When the peer is
 * gone by then, Node tells nobody, and writes nothing any more.
 */
const lostAfter = 8

const readBuffer = Buffer.allocUnsafeSlow(recordBytes)

/** A handle knows its wire, as the callbacks have the handle only. */
interface WiredHandle extends TlsHandle {
  wire: TlsWire
}
interface WiredRequest extends WriteRequest {
  wire?: TlsWire
}

export class TlsWire implements Wire, WireHandler {
  handler: WireHandler
  tls: TlsFacts | null = null
  readonly #handles: Handles
  readonly #tcp: HandleWire
  readonly #wrap: WrapTls
  readonly #role: ServerTls | ClientTls
  #tls: TlsHandle | null = null
  #state: 'connecting' | 'handshake' | 'open' | 'closed' = 'connecting'
  /** One to keep, once the server is accepted. */
  #session: Buffer | null = null
  #paused = false
  /** What came after `pause`: it had been read by then. */
  #kept: Buffer | null = null
  #peerEnded: 'no' | 'kept' | 'told' = 'no'
  /** Of the last write, until it is known to be over: `#busy` finds out. */
  #request: WriteRequest | null = null
  /** Its end will be told. */
  #watched = false
  /** What waits for the handshake, or for the write that is under way. */
  #held: Buffer[] = []
  /** Bytes that are held, or in a write of which the kernel has not taken all. */
  #waiting = 0
  #full = false
  /** `sending`: our end waits for what was written before it. */
  #end: 'none' | 'sending' | 'sent' = 'none'
  #closeWhenSent = false
  #error: Error | undefined

  /** @param tcp connected, or about to be; its handler is this from now on */
  constructor(
    { handles, wrapTls }: { readonly handles: Handles; readonly wrapTls: WrapTls },
    tcp: HandleWire,
    handler: WireHandler,
    role: ServerTls | ClientTls,
  ) {
    this.handler = handler
    this.#handles = handles
    this.#wrap = wrapTls
    this.#tcp = tcp
    this.#role = role
    tcp.handler = this
  }

  get peerCertificate(): Buffer | null {
    return this.#tls?.getPeerCertificate(false)?.raw ?? null
  }

  get shownCertificate(): string | null {
    return this.#role.side === 'server' ? this.#role.shown.certificate : null
  }

  get remote(): Endpoint {
    return this.#tcp.remote
  }

  /** Bytes that the read which is just being told of brought, or its error. */
  get lastRead(): number {
    return this.#handles.state[this.#handles.read] as number
  }

  get full(): boolean {
    return this.#full
  }

  get flushed(): boolean {
    return this.#waiting === 0
  }

  writeText(text: string): boolean {
    if (this.#state === 'closed' || this.#end !== 'none') return false
    const tls = this.#tls
    if (this.#state !== 'open' || tls === null || this.#busy(tls)) {
      return this.#hold(Buffer.from(text, 'latin1'))
    }
    if (text === '') return !this.#full
    return this.#written(tls, tls.writeLatin1String(this.#begin(tls), text), text.length)
  }

  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    if (this.#state === 'closed' || this.#end !== 'none') return false
    const tls = this.#tls
    if (this.#state !== 'open' || tls === null || this.#busy(tls)) {
      return this.#hold(Buffer.from(buffer.subarray(start, end)))
    }
    return start === end ? !this.#full : this.#write(tls, buffer.subarray(start, end))
  }

  writeFramed(before: string, buffer: Buffer, start: number, end: number, behind: string): boolean {
    if (this.#state === 'closed' || this.#end !== 'none') return false
    const piece = framed(before, buffer, start, end, behind)
    const tls = this.#tls
    return this.#state !== 'open' || tls === null || this.#busy(tls)
      ? this.#hold(Buffer.from(piece))
      : this.#write(tls, piece)
  }

  end(): void {
    if (this.#end !== 'none' || this.#state === 'closed') return
    this.#end = 'sending'
    const tls = this.#tls
    if (this.#state === 'open' && tls !== null && !this.#busy(tls)) this.#shutdown()
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#closeWhenSent = true
    if (this.#end === 'sent' || (this.#state !== 'open' && this.flushed)) this.destroy()
    else this.end()
  }

  destroy(): void {
    this.#state = 'closed'
    this.#tcp.destroy()
  }

  reset(): void {
    this.#state = 'closed'
    this.#tcp.reset()
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    if (this.#state === 'open') this.#tls?.readStop()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#kept === null && this.#peerEnded !== 'kept') this.#read()
    else queueMicrotask(() => this.#giveKept())
  }

  // What the wire below says

  /** The wire below stands, and nothing was read from it. */
  connected(): void {
    const { handle } = this.#tcp
    const role = this.#role
    const { context } = role.side === 'server' ? role.credentials : role
    const tls = this.#wrap(handle, context, role.side === 'server')
    this.#tls = tls
    ;(tls as WiredHandle).wire = this
    tls.onread = onRead
    tls.onerror = onError
    tls.onhandshakedone = onHandshakeDone
    tls.useUserBuffer(readBuffer)
    this.#state = 'handshake'
    if (role.side === 'server') prepareServer(tls, role)
    else startClient(tls, role)
    tls.readStart()
  }

  bytes(): void {
    // All that is read goes to the TLS handle.
  }

  ended(): void {
    // As bytes.
  }

  drained(): void {
    // As bytes.
  }

  closed(error: Error | undefined): void {
    this.#state = 'closed'
    this.#held = []
    this.#kept = null
    // OpenSSL may be what this is called out of.
    if (this.#tls !== null) setImmediate(destroyTls, this.#tls)
    this.#tls = null
    this.handler.closed(this.#error ?? error)
  }

  // What the handle says

  handshakeDone(): void {
    const tls = this.#tls
    if (this.#state !== 'handshake' || tls === null) return
    const refused = refusal(tls, this.#role)
    if (refused !== null) {
      this.failed(refused)
      return
    }
    const alpn = tls.getALPNNegotiatedProtocol()
    this.tls = tlsFacts(tls.getProtocol(), tls.getCipher()?.name ?? '', alpn || null)
    this.#state = 'open'
    if (this.#session !== null) this.sessionCame(this.#session)
    this.#session = null
    if (this.#paused) tls.readStop()
    this.#flush()
    this.handler.connected()
    this.#settle()
  }

  failed(error: Error): void {
    if (this.#state === 'closed') return
    this.#error ??= error
    this.destroy()
  }

  /** Of TLS 1.2, in the handshake; of TLS 1.3, after it. */
  sessionCame(session: Buffer): void {
    if (this.#state === 'handshake') this.#session = session
    else if (this.#state === 'open' && this.#role.side === 'client') this.#role.keepSession(session)
  }

  came(length: number): void {
    if (this.#state === 'closed') return
    if (this.#paused || this.#kept !== null) this.#keep(readBuffer.subarray(0, length))
    else this.handler.bytes(readBuffer, length)
  }

  readFailed(status: number): void {
    if (status !== endOfFile || this.#state === 'handshake') {
      this.failed(failure('read', status))
    } else if (this.#state === 'open' && this.#peerEnded === 'no') {
      this.#tls?.readStop()
      this.#peerEnded = 'kept'
      if (!this.#paused && this.#kept === null) this.#tellEnd()
    }
  }

  writeDone(status: number): void {
    if (this.#state === 'closed') return
    this.#request = null
    this.#watched = false
    if (status !== 0) {
      this.#writeFailed(status)
      return
    }
    this.#waiting = 0
    for (const piece of this.#held) this.#waiting += piece.length
    this.#goOn()
  }

  #read(): void {
    if (this.#state === 'open' && !this.#paused && this.#peerEnded === 'no') this.#tls?.readStart()
  }

  #keep(bytes: Buffer): void {
    this.#kept = this.#kept === null ? Buffer.from(bytes) : Buffer.concat([this.#kept, bytes])
  }

  #giveKept(): void {
    if (this.#state !== 'open' || this.#paused) return
    const kept = this.#kept
    this.#kept = null
    if (kept !== null) this.handler.bytes(kept, kept.length)
    if (this.#paused) return
    if (this.#peerEnded === 'kept') this.#tellEnd()
    else this.#read()
  }

  #tellEnd(): void {
    this.#peerEnded = 'told'
    this.handler.ended()
    if (this.#end === 'sent') this.destroy()
  }

  #hold(piece: Buffer): boolean {
    this.#held.push(piece)
    this.#waiting += piece.length
    if (this.#waiting >= writeBound) this.#full = true
    return !this.#full
  }

  /** Whether a write is under way. If so, its end will be told. */
  #busy(tls: TlsHandle): boolean {
    const request = this.#request
    if (request === null || this.#watched) return this.#watched
    if (tls.writeQueueSize === 0) {
      this.#request = null
      return false
    }
    request.oncomplete = onWritten
    this.#watched = true
    this.#doubt(request, lostAfter)
    return true
  }

  #begin(tls: TlsHandle): WriteRequest {
    const request = this.#handles.newWriteRequest() as WiredRequest
    request.wire = this
    request.oncomplete = onWritten
    this.#request = request
    this.#watched = true
    if (tls.writeQueueSize > 0) this.#doubt(request, lostAfter)
    return request
  }

  /** A write behind something of OpenSSL's own, which may have been lost. */
  #doubt(request: WriteRequest, turns: number): void {
    setImmediate(() => {
      if (this.#request !== request || !this.#watched || this.#state !== 'open') return
      // Then the kernel is slow.
      if (this.#tcp.handle.writeQueueSize > 0) return
      if (turns > 0) this.#doubt(request, turns - 1)
      else this.#lost()
    })
  }

  #lost(): void {
    this.failed(Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET' }))
  }

  #write(tls: TlsHandle, bytes: Buffer): boolean {
    // Encrypted before the call returns: the bytes are the caller's again then.
    return this.#written(tls, tls.writeBuffer(this.#begin(tls), bytes), bytes.length)
  }

  /**
   * A write is never over when it returns, but the kernel usually has all of it, and it cannot fail then. That it is over is asked for
   * by the next write: to be told costs as much as the write itself.
   */
  #written(tls: TlsHandle, status: number, bytes: number): boolean {
    const request = this.#request
    if (status !== 0) {
      this.#request = null
      this.#watched = false
      this.#writeFailed(status)
      return false
    }
    // It has failed already.
    if (request === null) return !this.#full
    if (this.#tcp.handle.writeQueueSize === 0 && tls.writeQueueSize > 0) {
      this.#watched = false
      request.oncomplete = null
      return !this.#full
    }
    this.#waiting += bytes
    if (this.#waiting >= writeBound) this.#full = true
    return !this.#full
  }

  /** Nothing is being written: writes what is held, else does what waited for it. */
  #goOn(): void {
    this.#flush()
    this.#settle()
  }

  #flush(): void {
    if (this.#held.length === 0 || this.#tls === null) return
    const held = this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held)
    this.#held = []
    this.#waiting = 0
    this.#write(this.#tls, held)
  }

  /** What waits for all to be written. What the kernel has is as good as sent. */
  #settle(): void {
    if (this.#watched || this.#state === 'closed') return
    if (this.#end === 'sending') this.#shutdown()
    if (!this.#full) return
    this.#full = false
    this.handler.drained()
  }

  #shutdown(turns = lostAfter): void {
    const tls = this.#tls
    if (tls === null || this.#state !== 'open') return
    if (tls.writeQueueSize > 0) {
      // TLS's own end would wait for what is being written, and TCP's would not.
      if (turns > 0) setImmediate(() => this.#shutdown(turns - 1))
      else this.#lost()
      return
    }
    const request = this.#handles.newShutdownRequest()
    request.oncomplete = () => this.#shutDown()
    // It fails when the peer is gone, which the next read tells.
    if (tls.shutdown(request) !== 0) this.#shutDown()
  }

  #shutDown(): void {
    if (this.#state === 'closed') return
    this.#end = 'sent'
    if (this.#peerEnded === 'told' || this.#closeWhenSent) this.destroy()
  }

  /** The peer takes no more. What it said before, such as why, is still to be read, and its end follows. */
  #writeFailed(status: number): void {
    this.#held = []
    this.#waiting = 0
    const reading = this.#state === 'open' && !this.#paused && this.#peerEnded === 'no'
    if (reading && this.#end === 'none') {
      this.#end = 'sent'
      this.#error = failure('write', status)
    } else this.failed(failure('write', status))
  }
}

function startClient(tls: TlsHandle, role: ClientTls): void {
  tls.setVerifyMode(true, false)
  if (role.session !== null) tls.setSession(role.session)
  tls.onnewsession = onSession
  tls.enableSessionCallbacks()
  tls.start()
}

/** Where pieces are put together: what is in it has been encrypted when the write returns. */
let scratch = Buffer.allocUnsafeSlow(2 * writeBound)

function framed(
  before: string,
  buffer: Buffer,
  start: number,
  end: number,
  behind: string,
): Buffer {
  const length = before.length + end - start + behind.length
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length)
  let at = scratch.write(before, 0, 'latin1')
  at += buffer.copy(scratch, at, start, end)
  scratch.write(behind, at, 'latin1')
  return scratch.subarray(0, length)
}

function destroyTls(tls: TlsHandle): void {
  tls.destroySSL()
}

function failure(operation: string, status: number): Error {
  const code = status === endOfFile ? 'EOF' : getSystemErrorName(status)
  return Object.assign(new Error(`${operation} ${code}`), { code })
}

function onWritten(this: Request, status: number): void {
  ;(this as WiredRequest).wire?.writeDone(status)
}

function onRead(this: TlsHandle): void {
  const { wire } = this as WiredHandle
  const outcome = wire.lastRead
  if (outcome > 0) wire.came(outcome)
  else if (outcome < 0) wire.readFailed(outcome)
}

function onError(this: TlsHandle, error: Error): void {
  ;(this as WiredHandle).wire.failed(error)
}

function onSession(this: TlsHandle, _id: Buffer, session: Buffer): void {
  ;(this as WiredHandle).wire.sessionCame(session)
}

function onHandshakeDone(this: TlsHandle): void {
  ;(this as WiredHandle).wire.handshakeDone()
}
