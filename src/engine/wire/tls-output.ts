/**
 * What goes out on a TLS handle. A handle takes one write at a time (Node ends the process otherwise) and tells later that it is over,
 * so what is written meanwhile, or before the handshake is over, is held, and written in one piece.
 */

import { copyInto } from './copy-into.ts'
import type { HandleWire } from './handle-wire.ts'
import type { Handles, Request, WriteRequest } from './tcp-handle.ts'
import type { TlsHandle } from './tls-handle.ts'
import { writeBound } from './wire.ts'
import { wireError } from './wire-error.ts'

export interface TlsOutputOwner {
  /** A write answered false, and everything has been written since. */
  outputDrained(): void
  /** The end was sent, after everything else. */
  endSent(): void
  /** The peer takes no more. What it said before, such as why, is still to be read, and its end follows. */
  writeFailed(error: Error): void
  /** The peer is gone, and there is nothing to be read that says so. */
  failed(error: Error): void
}

/** The callback of a request has the request only. */
interface OutputRequest extends WriteRequest {
  output?: TlsOutput
}

/**
 * Turns of the event loop by which what OpenSSL says by itself (tickets, alerts, its part of the handshake) is with the kernel. When the peer is
 * gone by then, Node tells nobody, and writes nothing any more.
 */
const lostAfter = 8

export class TlsOutput {
  readonly #handles: Handles
  readonly #owner: TlsOutputOwner
  /** What is below TLS. */
  readonly #tcp: HandleWire
  #tls: TlsHandle | null = null
  /** Of the last write, until it is known to be over: `#busy` finds out. */
  #request: WriteRequest | null = null
  /** Its end will be told. */
  #watched = false
  #held: Buffer[] = []
  /** Bytes that are held, or in a write of which the kernel has not taken all. */
  #waiting = 0
  #full = false
  /** `sending`: it waits for what was written before it. `over`: sent, or given up. */
  #end: 'none' | 'sending' | 'over' = 'none'

  constructor(handles: Handles, tcp: HandleWire, owner: TlsOutputOwner) {
    this.#handles = handles
    this.#tcp = tcp
    this.#owner = owner
  }

  get full(): boolean {
    return this.#full
  }

  get flushed(): boolean {
    return this.#waiting === 0
  }

  get isOver(): boolean {
    return this.#end === 'over'
  }

  /** The handshake is over: writes what was held. What waits for that goes on with {@link settle}. */
  open(tls: TlsHandle): void {
    this.#tls = tls
    this.#flush()
  }

  /** Nothing is written any more. */
  shut(): void {
    this.#tls = null
    this.#held = []
    this.#end = 'over'
  }

  /** As {@link shut}, where the end is still to come. @returns false: it was on its way */
  giveUp(): boolean {
    if (this.#end !== 'none') return false
    this.#end = 'over'
    return true
  }

  text(text: string): boolean {
    if (this.#end !== 'none') return false
    const tls = this.#tls
    if (tls === null || this.#busy(tls)) return this.#hold(Buffer.from(text, 'latin1'))
    if (text === '') return !this.#full
    return this.#written(tls, tls.writeLatin1String(this.#begin(tls), text), text.length)
  }

  bytes(buffer: Buffer, start: number, end: number): boolean {
    if (this.#end !== 'none') return false
    const tls = this.#tls
    if (tls === null || this.#busy(tls)) {
      return this.#hold(Buffer.from(buffer.subarray(start, end)))
    }
    return start === end ? !this.#full : this.#write(tls, buffer.subarray(start, end))
  }

  framed(before: string, buffer: Buffer, start: number, end: number, behind: string): boolean {
    if (this.#end !== 'none') return false
    const room = roomFor(before.length + end - start + behind.length)
    const piece = copyInto(room, before, buffer, start, end, behind)
    const tls = this.#tls
    return tls === null || this.#busy(tls)
      ? this.#hold(Buffer.from(piece))
      : this.#write(tls, piece)
  }

  end(): void {
    if (this.#end !== 'none') return
    this.#end = 'sending'
    const tls = this.#tls
    if (tls !== null && !this.#busy(tls)) this.#shutDown(tls)
  }

  /** What waits for all to be written. What the kernel has is as good as sent. */
  settle(): void {
    const tls = this.#tls
    if (this.#watched || tls === null) return
    if (this.#end === 'sending') this.#shutDown(tls)
    if (!this.#full) return
    this.#full = false
    this.#owner.outputDrained()
  }

  writeDone(status: number): void {
    if (this.#tls === null) return
    this.#request = null
    this.#watched = false
    if (status !== 0) {
      this.#failed(status)
      return
    }
    this.#waiting = 0
    for (const piece of this.#held) this.#waiting += piece.length
    this.#flush()
    this.settle()
  }

  #hold(piece: Buffer): boolean {
    this.#held.push(piece)
    this.#waiting += piece.length
    if (this.#waiting >= writeBound) this.#full = true
    return !this.#full
  }

  #flush(): void {
    if (this.#held.length === 0 || this.#tls === null) return
    const held = this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held)
    this.#held = []
    this.#waiting = 0
    this.#write(this.#tls, held)
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
    const request = this.#handles.newWriteRequest() as OutputRequest
    request.output = this
    request.oncomplete = onWritten
    this.#request = request
    this.#watched = true
    if (tls.writeQueueSize > 0) this.#doubt(request, lostAfter)
    return request
  }

  /** A write behind something of OpenSSL's own, which may have been lost. */
  #doubt(request: WriteRequest, turns: number): void {
    setImmediate(() => {
      if (this.#request !== request || !this.#watched || this.#tls === null) return
      // Then the kernel is slow.
      if (this.#tcp.handle.writeQueueSize !== 0) return
      if (turns > 0) this.#doubt(request, turns - 1)
      else this.#lost()
    })
  }

  #lost(): void {
    this.#owner.failed(Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET' }))
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
      this.#failed(status)
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

  #failed(status: number): void {
    this.#held = []
    this.#waiting = 0
    this.#owner.writeFailed(wireError('write', status))
  }

  #shutDown(tls: TlsHandle, turns = lostAfter): void {
    if (this.#tls === null) return
    if (tls.writeQueueSize > 0) {
      // TLS's own end would wait for what is being written, and TCP's would not.
      if (turns > 0) setImmediate(() => this.#shutDown(tls, turns - 1))
      else this.#lost()
      return
    }
    const request = this.#handles.newShutdownRequest()
    request.oncomplete = () => this.#sentEnd()
    // It fails when the peer is gone, which the next read tells.
    if (tls.shutdown(request) !== 0) this.#sentEnd()
  }

  #sentEnd(): void {
    if (this.#tls === null) return
    this.#end = 'over'
    this.#owner.endSent()
  }
}

/** Where pieces are put together: what is in it has been encrypted when the write returns. */
let scratch = Buffer.allocUnsafeSlow(2 * writeBound)

function roomFor(length: number): Buffer {
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length)
  return scratch
}

function onWritten(this: Request, status: number): void {
  ;(this as OutputRequest).output?.writeDone(status)
}
