/** What a client's certificate says, as it is told to targets. */
import { X509Certificate } from 'node:crypto'

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
  /** PEM, percent-encoded: one line, fit for a header. */
  readonly escapedPem: string
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
    escapedPem: encodeURIComponent(certificate.toString()),
  }
}

/** Node has a line for each part, in the certificate's order, with values escaped as in RFC 2253. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').split('\n').reverse().join(',')
}

function fingerprint(colons: string): string {
  return colons.replaceAll(':', '').toLowerCase()
}
