/**
 * Wires with TLS, straight on Node's TLS handles over those of `handle-wire.ts`: no stream stands between, and bytes are encrypted
 * from where they are. The wire below connects and closes; this one does the handshake, and `tls-input.ts` and `tls-output.ts` read and
 * write.
 */
import type { Endpoint } from '../endpoint.ts'
import type { HandleWire } from './handle-wire.ts'
import type { Handles } from './tcp-handle.ts'
import { type ClientTls, type ServerTls, type TlsFacts, tlsFacts } from './tls.ts'
import type { TlsHandle, WrapTls } from './tls-handle.ts'
import { readBuffer, TlsInput, type TlsInputOwner } from './tls-input.ts'
import { TlsOutput, type TlsOutputOwner } from './tls-output.ts'
import { prepareServer, refusal, startClient } from './tls-roles.ts'
import type { Wire, WireHandler } from './wire.ts'
import { endOfFile, wireError } from './wire-error.ts'

/** A handle knows its wire, as the callbacks have the handle only. */
interface WiredHandle extends TlsHandle {
  wire: TlsWire
}

export class TlsWire implements Wire, WireHandler, TlsInputOwner, TlsOutputOwner {
  handler: WireHandler
  tls: TlsFacts | null = null
  serverName: string | null = null
  readonly #handles: Handles
  readonly #tcp: HandleWire
  readonly #wrap: WrapTls
  readonly #role: ServerTls | ClientTls
  readonly #input = new TlsInput(this)
  readonly #output: TlsOutput
  #tls: TlsHandle | null = null
  #state: 'connecting' | 'handshake' | 'open' | 'closed' = 'connecting'
  /** One to keep, once the server is accepted. */
  #session: Buffer | null = null
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
    this.#output = new TlsOutput(handles, tcp, this)
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
    return this.#output.full
  }

  get flushed(): boolean {
    return this.#output.flushed
  }

  writeText(text: string): boolean {
    return this.#output.text(text)
  }

  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    return this.#output.bytes(buffer, start, end)
  }

  writeFramed(before: string, buffer: Buffer, start: number, end: number, behind: string): boolean {
    return this.#output.framed(before, buffer, start, end, behind)
  }

  end(): void {
    this.#output.end()
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#closeWhenSent = true
    if (this.#output.isOver || (this.#state !== 'open' && this.flushed)) this.destroy()
    else this.#output.end()
  }

  destroy(): void {
    this.#shut()
    this.#tcp.destroy()
  }

  reset(): void {
    this.#shut()
    this.#tcp.reset()
  }

  pause(): void {
    this.#input.pause()
  }

  resume(): void {
    this.#input.resume()
  }

  // What the wire below says

  /** The wire below stands, and nothing was read from it. */
  connected(): void {
    const role = this.#role
    const { context } = role.side === 'server' ? role.credentials : role
    const tls = this.#wrap(this.#tcp.handle, context, role.side === 'server')
    this.#tls = tls
    ;(tls as WiredHandle).wire = this
    tls.onread = onRead
    tls.onerror = onError
    tls.onhandshakedone = onHandshakeDone
    tls.onnewsession = onSession
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
    this.#shut()
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
    this.serverName = tls.servername || null
    this.#state = 'open'
    if (this.#session !== null) this.sessionCame(this.#session)
    this.#session = null
    this.#input.open(tls)
    this.#output.open(tls)
    this.handler.connected()
    this.#output.settle()
  }

  /** Of TLS 1.2, in the handshake; of TLS 1.3, after it. */
  sessionCame(session: Buffer): void {
    if (this.#state === 'handshake') this.#session = session
    else if (this.#state === 'open' && this.#role.side === 'client') this.#role.keepSession(session)
  }

  came(length: number): void {
    if (this.#state !== 'closed') this.#input.came(length)
  }

  readFailed(status: number): void {
    if (status === endOfFile && this.#state !== 'handshake') this.#input.ended()
    else this.failed(wireError('read', status))
  }

  failed(error: Error): void {
    if (this.#state === 'closed') return
    this.#error ??= error
    this.destroy()
  }

  // What input and output say

  peerEnded(): void {
    this.handler.ended()
    if (this.#output.isOver) this.destroy()
  }

  outputDrained(): void {
    this.handler.drained()
  }

  endSent(): void {
    if (this.#input.isOver || this.#closeWhenSent) this.destroy()
  }

  writeFailed(error: Error): void {
    if (this.#input.isReading && this.#output.giveUp()) this.#error = error
    else this.failed(error)
  }

  #shut(): void {
    this.#state = 'closed'
    this.#input.shut()
    this.#output.shut()
  }
}

function destroyTls(tls: TlsHandle): void {
  tls.destroySSL()
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
