/** What a TLS handle is told before its handshake, and asked after it. */
import { type SecureContext, TLSSocket } from 'node:tls'
import { alpnIn, alpnList, type ClientTls, otherKey, type ServerTls } from './tls.ts'
import type { TlsHandle } from './tls-handle.ts'

export function prepareServer(tls: TlsHandle, role: ServerTls): void {
  const { credentials, byName, asksCertificate } = role
  if (asksCertificate) tls.setVerifyMode(true, true)
  offerAlpn(tls, role)
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
      role.shown = chosen ?? credentials
      const { staple } = role.shown
      if (staple !== null) tls.setOCSPResponse(staple)
      if (chosen !== null && role.alpn.length > 0) letChooseAlpn(chosen.context)
      return chosen?.context.context
    },
  })
}

function offerAlpn(tls: TlsHandle, role: ServerTls): void {
  if (role.alpn.length === 0) return
  if (role.olderAlpn === null) {
    tls.setALPNProtocols(alpnList(role.alpn))
    return
  }
  tls.ALPNCallback = (offered) => chooseAlpn(alpnIn(tls.getProtocol(), role), offered)
  tls.enableALPNCb()
}

/** @returns where the first of ours stands in the client's list; undefined: nowhere, which ends the handshake (RFC 7301, section 3.2) */
function chooseAlpn(ours: readonly string[], offered: Buffer): number | undefined {
  const places = new Map<string, number>()
  for (let at = 0; at < offered.length; ) {
    const end = at + 1 + (offered[at] as number)
    places.set(offered.toString('latin1', at + 1, end), at)
    at = end
  }
  const chosen = ours.find((name) => places.has(name))
  return chosen === undefined ? undefined : places.get(chosen)
}

const choosing = new WeakSet<SecureContext>()

/**
 * Has OpenSSL ask Node what to speak inside. It asks by the context in use, which is another one by then, and Node sets that up only
 * when a handle of that very context is told what may be spoken.
 */
function letChooseAlpn(context: SecureContext): void {
  if (choosing.has(context)) return
  choosing.add(context)
  new TLSSocket(undefined as never, {
    isServer: true,
    secureContext: context,
    ALPNProtocols: ['http/1.1'],
  }).destroy()
}

/** Says hello. */
export function startClient(tls: TlsHandle, { session }: ClientTls): void {
  tls.setVerifyMode(true, false)
  if (session !== null) tls.setSession(session)
  tls.enableSessionCallbacks()
  tls.start()
}

/** Why the peer is not to be spoken to; null: it is. */
export function refusal(tls: TlsHandle, role: ServerTls | ClientTls): Error | null {
  if (role.side === 'server') return role.asksCertificate ? tls.verifyError() : null
  if (role.accepts === null || tls.isSessionReused()) return null
  const { raw } = tls.getPeerCertificate(false) ?? {}
  return raw !== undefined && role.accepts(raw) ? null : new Error(otherKey)
}
