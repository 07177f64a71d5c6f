/** What a TLS handle is told before its handshake, and asked after it. */
import { alpnList, type ClientTls, otherKey, type ServerTls } from './tls.ts'
import type { TlsHandle } from './tls-handle.ts'

export function prepareServer(tls: TlsHandle, role: ServerTls): void {
  const { credentials, byName, alpn, asksCertificate } = role
  if (asksCertificate) tls.setVerifyMode(true, true)
  if (alpn.length > 0) tls.setALPNProtocols(alpnList(alpn))
  if (byName === null) {
    if (credentials.staple !== null) tls.setOCSPResponse(credentials.staple)
    return
  }
  // Node reads this when the name is known, before anything is decided. The way of `tls.TLSSocket` (`enableCertCb`) comes later, and
  // takes the certificate of one kind of key only from the context that it is given.
  Object.defineProperty(tls, 'sni_context', {
    get() {
      const { servername } = tls
      const chosen = servername === undefined ? null : byName(servername)
      const { staple } = chosen ?? credentials
      if (staple !== null) tls.setOCSPResponse(staple)
      return chosen?.context.context
    },
  })
}

/** Why the peer is not to be spoken to; null: it is. */
export function refusal(tls: TlsHandle, role: ServerTls | ClientTls): Error | null {
  if (role.side === 'server') return role.asksCertificate ? tls.verifyError() : null
  if (role.accepts === null || tls.isSessionReused()) return null
  const { raw } = tls.getPeerCertificate(false) ?? {}
  return raw !== undefined && role.accepts(raw) ? null : new Error(otherKey)
}
