/** What TLS this process can speak: of names of ciphers, as OpenSSL has them, those that a handshake can come to. */
import { createSecureContext } from 'node:tls'

/** All that this OpenSSL has for TLS 1.3. */
const suites = new Set([
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
])

/** Of older protocols; what has been asked for, by name. */
const usable = new Map<string, boolean>()

/**
 * Those of the ciphers that a handshake in the protocol can come to, in their order.
 * @param protocol `TLSv1.2`; of one that OpenSSL does not speak (SSL 2.0 and 3.0), there are none
 */
export function negotiable(protocol: string, ciphers: readonly string[]): string[] {
  switch (protocol) {
    case 'TLSv1.3':
      return ciphers.filter((name) => suites.has(name))
    case 'TLSv1.2':
      return ciphers.filter(isUsable)
    case 'TLSv1.1':
    case 'TLSv1':
      // SHA-256 and SHA-384 came with TLS 1.2 (RFC 5246, section 1.2).
      return ciphers.filter(
        (name) => isUsable(name) && !/SHA(256|384)$|CCM8?$|POLY1305$/.test(name),
      )
    default:
      return []
  }
}

function isUsable(cipher: string): boolean {
  let is = usable.get(cipher)
  if (is === undefined) {
    is = !needsMore(cipher) && isKnown(cipher)
    usable.set(cipher, is)
  }
  return is
}

/** What load balancers never have: certificates of DSA keys, and secrets that they share with clients beforehand. */
function needsMore(cipher: string): boolean {
  return /DSS|PSK|SRP/.test(cipher)
}

function isKnown(cipher: string): boolean {
  // Not what else a list of OpenSSL's can have: aliases of many, exclusions, commands.
  if (!/^[A-Z0-9]+(-[A-Z0-9]+)+$/.test(cipher)) return false
  try {
    createSecureContext({ ciphers: `${cipher}:@SECLEVEL=0` })
    return true
  } catch {
    return false
  }
}
