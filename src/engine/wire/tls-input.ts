/** What comes in on a TLS handle. A read decrypts all that came, so some may come after a pause: that is kept for later. */
import type { TlsHandle } from './tls-handle.ts'
import type { WireHandler } from './wire.ts'

/** One record of TLS has no more (RFC 8446, section 5.1), and records are read one by one. */
const recordBytes = 16_384

/** All reads of all handles go in here. */
export const readBuffer = Buffer.allocUnsafeSlow(recordBytes)

export interface TlsInputOwner {
  readonly handler: Pick<WireHandler, 'bytes'>
  /** The peer will send no more, and all that it sent has been told of. */
  peerEnded(): void
}

export class TlsInput {
  readonly #owner: TlsInputOwner
  #tls: TlsHandle | null = null
  #paused = false
  #kept: Buffer | null = null
  #end: 'none' | 'kept' | 'told' = 'none'

  constructor(owner: TlsInputOwner) {
    this.#owner = owner
  }

  /** Something may still come and be told of at once. */
  get isReading(): boolean {
    return this.#tls !== null && !this.#paused && this.#end === 'none'
  }

  get isOver(): boolean {
    return this.#end === 'told'
  }

  /** The handshake is over. */
  open(tls: TlsHandle): void {
    this.#tls = tls
    if (this.#paused) tls.readStop()
  }

  /** Nothing is told any more. */
  shut(): void {
    this.#tls = null
    this.#kept = null
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#tls?.readStop()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#kept === null && this.#end !== 'kept') this.#read()
    else queueMicrotask(() => this.#giveKept())
  }

  /** So many bytes are in the {@link readBuffer}. */
  came(length: number): void {
    if (this.#paused || this.#kept !== null) this.#keep(readBuffer.subarray(0, length))
    else this.#owner.handler.bytes(readBuffer, length)
  }

  ended(): void {
    if (this.#tls === null || this.#end !== 'none') return
    this.#tls.readStop()
    this.#end = 'kept'
    if (!this.#paused && this.#kept === null) this.#tellEnd()
  }

  #read(): void {
    if (this.isReading) this.#tls?.readStart()
  }

  #keep(bytes: Buffer): void {
    this.#kept = this.#kept === null ? Buffer.from(bytes) : Buffer.concat([this.#kept, bytes])
  }

  #giveKept(): void {
    if (this.#tls === null || this.#paused) return
    const kept = this.#kept
    this.#kept = null
    if (kept !== null) this.#owner.handler.bytes(kept, kept.length)
    if (this.#paused) return
    if (this.#end === 'kept') this.#tellEnd()
    else this.#read()
  }

  #tellEnd(): void {
    this.#end = 'told'
    this.#owner.peerEnded()
  }
}
