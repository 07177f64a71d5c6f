/**
 * Node's own TLS handles: what `tls.TLSSocket` is made of. As `tcp-handle.ts`, they are looked for at start, and where one of their
 * parts is missing there are none. Two rules of theirs: one write at a time (Node ends the process otherwise), and none of their
 * callbacks before `closed` may destroy what it was called from, which is OpenSSL.
 */
import type { SecureContext } from 'node:tls'
import { handles, type Request, type TcpHandle, type WriteRequest } from './tcp-handle.ts'

export interface TlsHandle {
  onread: (this: TlsHandle) => void
  onhandshakedone: (this: TlsHandle) => void
  onerror: (this: TlsHandle, error: Error) => void
  /** Of clients: a session that can be resumed. */
  onnewsession: (this: TlsHandle, id: Buffer, session: Buffer) => void
  /** Of servers, set by Node: the name that the client asks for. */
  servername?: string
  /** Of servers, read by Node when the client's first message is read: the context to go on with. */
  readonly sni_context?: unknown
  useUserBuffer(buffer: Uint8Array): void
  readStart(): number
  readStop(): number
  writeLatin1String(request: WriteRequest, text: string): number
  writeBuffer(request: WriteRequest, buffer: Uint8Array): number
  /** Bytes that are encrypted and not yet known to have been taken by the kernel. */
  readonly writeQueueSize: number
  shutdown(request: Request): number
  /** Of clients: says hello. */
  start(): void
  setVerifyMode(request: boolean, require: boolean): void
  /** null when the peer's certificate is good. */
  verifyError(): Error | null
  /** In the form of RFC 7301, section 3.1. */
  setALPNProtocols(protocols: Uint8Array): void
  /** Of servers, when enabled: given the client's list in the same form, says where in it the one to speak stands. */
  ALPNCallback?: (offered: Buffer) => number | undefined
  enableALPNCb(): void
  getALPNNegotiatedProtocol(): string | false
  getProtocol(): string
  getCipher(): { readonly name: string } | undefined
  getPeerCertificate(detailed: boolean): { readonly raw?: Buffer } | undefined
  isSessionReused(): boolean
  enableSessionCallbacks(): void
  setSession(session: Buffer): void
  setOCSPResponse(response: Buffer): void
  /** Frees what OpenSSL holds. After it, nothing may be asked. */
  destroySSL(): void
}

interface TlsBinding {
  wrap(handle: TcpHandle, context: unknown, isServer: boolean, writing: boolean): TlsHandle
  readonly TLSWrap: { readonly prototype: object }
}

const methods: readonly (keyof TlsHandle)[] = [
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeLatin1String',
  'writeBuffer',
  'writeQueueSize',
  'shutdown',
  'start',
  'setVerifyMode',
  'verifyError',
  'setALPNProtocols',
  'enableALPNCb',
  'getALPNNegotiatedProtocol',
  'getProtocol',
  'getCipher',
  'getPeerCertificate',
  'isSessionReused',
  'enableSessionCallbacks',
  'setSession',
  'setOCSPResponse',
  'destroySSL',
]

/** Encrypts what goes through a TCP handle. */
export type WrapTls = (handle: TcpHandle, context: SecureContext, isServer: boolean) => TlsHandle

/** null when this Node has no such handles. */
export const wrapTls: WrapTls | null = handles === null ? null : findWrap()

function findWrap(): WrapTls | null {
  try {
    const { binding } = process as unknown as { binding: (name: string) => unknown }
    const { wrap, TLSWrap } = binding('tls_wrap') as TlsBinding
    if (typeof wrap !== 'function') return null
    if (!methods.every((name) => name in TLSWrap.prototype)) return null
    return (handle, { context }, isServer) => wrap(handle, context, isServer, false)
  } catch {
    return null
  }
}
