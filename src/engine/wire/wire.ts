/** A socket as the engine uses it: bytes in by callback, bytes out by two writes, and no stream in between. */
import type { Endpoint } from '../endpoint.ts'
import type { TlsFacts } from './tls.ts'

/** What a connection does with its wire's events. None is called after `closed`. */
export interface WireHandler {
  /** An outgoing wire is connected; with TLS, also an accepted one: its handshake is over. */
  connected(): void
  /** The first `length` bytes of `buffer` came. They are the handler's to change, and gone when it returns. */
  bytes(buffer: Buffer, length: number): void
  /** The peer will send no more. The other direction stays open. */
  ended(): void
  /** A write answered false, and everything has been written since. */
  drained(): void
  /** The socket is gone: once, last, and for every wire. */
  closed(error: Error | undefined): void
}

export interface Wire {
  handler: WireHandler
  /** The peer, asked of the kernel at each use. */
  readonly remote: Endpoint
  /** null: it is not encrypted, or its handshake is not over yet. */
  readonly tls: TlsFacts | null
  /** Of accepted wires with TLS: whom the peer asked for, one character a byte (RFC 6066, section 3); null: nobody. */
  readonly serverName: string | null
  /** The certificate that the peer showed, in DER, asked of OpenSSL at each use; null: none, or it is gone. */
  readonly peerCertificate: Buffer | null
  /** Of accepted wires with TLS: the name of the certificate that the peer was shown. null: there is none, or it is not known. */
  readonly shownCertificate: string | null
  /** More than {@link writeBound} bytes wait to be written. */
  readonly full: boolean
  /** Nothing waits to be written. */
  readonly flushed: boolean
  /** Writes one byte per character. false: hold back until `drained`. */
  writeText(text: string): boolean
  /** Copies and writes bytes `start` to `end`. false: hold back until `drained`. */
  writeBytes(buffer: Buffer, start: number, end: number): boolean
  /** As `writeBytes`, with text around them, in one piece. */
  writeFramed(before: string, buffer: Buffer, start: number, end: number, behind: string): boolean
  /** Sends FIN after what was written; with TLS, close_notify before it. */
  end(): void
  /** Closes both directions after what was written. What the peer still sends makes the kernel answer RST. */
  close(): void
  /** Closes both directions at once; unwritten bytes are lost. */
  destroy(): void
  /** Closes with RST, so that the peer cannot take what it has for the whole. */
  reset(): void
  /** Stops reading until `resume`. */
  pause(): void
  resume(): void
}

/**
 * How many bytes may wait in one direction of one connection before the other side is no longer read (64 KiB: about what one
 * read brings, so that a slow reader costs about two reads’ worth of memory).
 */
export const writeBound = 65_536

/** Up to here it costs less to write bytes as text; beyond, copying them twice costs more than a view of them. */
export const textBytes = 1024

/** Until a connection takes an accepted wire, which is before anything can happen to it. */
export const unclaimed: WireHandler = {
  connected() {},
  bytes() {},
  ended() {},
  drained() {},
  closed() {},
}

/** What wires are made of: Node's TCP handles, or its documented sockets. */
export type WireKind = 'handle' | 'socket'
