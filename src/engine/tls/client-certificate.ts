/** What a client's certificate says, as it is told to targets. */
import { X509Certificate } from 'node:crypto'
import type { Wire } from '../wire/wire.ts'

export interface ClientCertificate {
  /** As RFC 2253 writes it: the most specific part first. */
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal, upper case. */
  readonly serial: string
  /** Of the whole certificate, hexadecimal, lower case. */
  readonly sha1: string
  readonly sha256: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** The same as OpenSSL writes it: `Nov 21 15:00:00 2026 GMT`. */
  readonly notAfterText: string
  /** PEM, percent-encoded: one line, fit for a header. */
  readonly escapedPem: string
}

/** Reading one costs as much as several requests. */
const known = new WeakMap<Wire, ClientCertificate | null>()

/** Of the client at the other end; null: it showed none. */
export function certificateOf(wire: Wire): ClientCertificate | null {
  if (wire.tls === null) return null
  let certificate = known.get(wire)
  if (certificate === undefined) {
    const der = wire.peerCertificate
    certificate = der === null ? null : clientCertificate(der)
    known.set(wire, certificate)
  }
  return certificate
}

/** @param der of a certificate that a handshake accepted */
export function clientCertificate(der: Buffer): ClientCertificate {
  const certificate = new X509Certificate(der)
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    serial: certificate.serialNumber,
    sha1: fingerprint(certificate.fingerprint),
    sha256: fingerprint(certificate.fingerprint256),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
    notAfterText: certificate.validTo,
    escapedPem: encodeURIComponent(certificate.toString()),
  }
}

/**
 * Node has a line for each part, in the certificate's order, with values escaped as in RFC 2253; a part of several attributes has them
 * ` + ` apart.
 */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').split('\n').reverse().join(',').replaceAll(' + ', '+')
}

function fingerprint(colons: string): string {
  return colons.replaceAll(':', '').toLowerCase()
}
