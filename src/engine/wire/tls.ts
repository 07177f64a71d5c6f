/** What wires need to know of TLS, and what they tell of it. */
import type { SecureContext } from 'node:tls'

/** What a handshake agreed on. */
export interface TlsFacts {
  /** `TLSv1.3` and so on. */
  readonly protocol: string
  /** OpenSSL's name. */
  readonly cipher: string
  /** The protocol that is spoken inside (ALPN, RFC 7301); null: none was agreed on. */
  readonly alpn: string | null
}

/** What a server shows its clients. */
export interface Credentials {
  readonly context: SecureContext
  /** Proof that the certificate is not revoked, for clients that ask (RFC 6066, section 8). */
  readonly staple: Buffer | null
  /** Its name; null: which of several is shown is OpenSSL's choice. */
  readonly certificate: string | null
}

/** The server's part of a handshake. */
export interface ServerTls {
  readonly side: 'server'
  /** For clients that name no server. */
  readonly credentials: Credentials
  /** What the client was shown, once it has said for whom it asks. */
  shown: Credentials
  /** For those that name one, as long as it has some for the name; null: there are none for names. */
  readonly byName: ((name: string) => Credentials | null) | null
  /** What may be spoken inside, in the order of preference; empty: the client is not asked. */
  readonly alpn: readonly string[]
  /** What may be spoken inside TLS 1.0 and 1.1, if that is something else. */
  readonly olderAlpn: readonly string[] | null
  /** Clients have to show a certificate of the authorities of the context. */
  readonly asksCertificate: boolean
}

/** Of a version of TLS: it is 1.0 or 1.1. */
export function isOlder(version: string | null): boolean {
  return version === 'TLSv1' || version === 'TLSv1.1'
}

/** What may be spoken inside, once the client's first message has settled on a version. */
export function alpnIn(version: string | null, { alpn, olderAlpn }: ServerTls): readonly string[] {
  return olderAlpn !== null && isOlder(version) ? olderAlpn : alpn
}

const known = new Map<string, TlsFacts>()

/** Connections agree on few different things: one object for all that agree on the same. */
export function tlsFacts(protocol: string, cipher: string, alpn: string | null): TlsFacts {
  const key = `${protocol} ${cipher} ${alpn}`
  let facts = known.get(key)
  if (facts === undefined) {
    facts = { protocol, cipher, alpn }
    known.set(key, facts)
  }
  return facts
}

/** The client's part of a handshake. */
export interface ClientTls {
  readonly side: 'client'
  readonly context: SecureContext
  /** One that an earlier connection was given, to go on with; null: none. */
  readonly session: Buffer | null
  /** Of a server that was accepted. */
  keepSession(session: Buffer): void
  /**
   * Whether this certificate of the server's, in DER, will do; null: any will. Not asked when a session is resumed: that shows no
   * certificate, and nobody else has its secrets.
   */
  readonly accepts: ((certificate: Buffer) => boolean) | null
}

/** Why a connection ends whose server has none of the keys that it should have. */
export const otherKey = 'the certificate has another public key'

const lists = new WeakMap<readonly string[], Buffer>()

/** In the form of RFC 7301, section 3.1: made once for a listener's, which many handshakes refer to. */
export function alpnList(protocols: readonly string[]): Buffer {
  let list = lists.get(protocols)
  if (list === undefined) {
    list = Buffer.concat(protocols.map((name) => Buffer.from([name.length, ...Buffer.from(name)])))
    lists.set(protocols, list)
  }
  return list
}
