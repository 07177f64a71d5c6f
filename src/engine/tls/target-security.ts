/** How targets are spoken to with TLS (guide, p. 39: "a static cipher suite for back-end connections"). */
import { constants, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { TargetTls } from '../../snapshot/snapshot.ts'
import type { ClientTls } from '../wire/tls.ts'

let shared: SecureContext | null = null

/** The same for all targets: every protocol, and the ciphers that OpenSSL has by default; who is at the other end is not asked of any authority. */
function targetContext(): SecureContext {
  shared ??= createSecureContext({
    minVersion: 'TLSv1',
    ciphers:
      'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:DEFAULT:@SECLEVEL=0',
    // Old servers do not know of secure renegotiation, which nobody does here.
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT | constants.SSL_OP_NO_RENEGOTIATION,
    ca: [],
  })
  return shared
}

/** Of one target: sessions are resumed there and nowhere else. */
export class TargetSecurity implements ClientTls {
  readonly side = 'client'
  readonly accepts: ((certificate: Buffer) => boolean) | null
  session: Buffer | null = null
  /** That of the connection before, which was accepted. */
  #certificate: Buffer | null = null

  constructor({ publicKeys }: TargetTls) {
    const known = publicKeys === null ? null : new Set(publicKeys)
    this.accepts = known === null ? null : (certificate) => this.#accepts(known, certificate)
  }

  get context(): SecureContext {
    return targetContext()
  }

  keepSession(session: Buffer): void {
    this.session = session
  }

  #accepts(publicKeys: ReadonlySet<string>, certificate: Buffer): boolean {
    if (this.#certificate?.equals(certificate) === true) return true
    const key = publicKeyOf(certificate)
    if (key === null || !publicKeys.has(key)) return false
    this.#certificate = certificate
    return true
  }
}

/** Base64 of DER; null when it cannot be read. */
function publicKeyOf(certificate: Buffer): string | null {
  try {
    const { publicKey } = new X509Certificate(certificate)
    return publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  } catch {
    return null
  }
}
