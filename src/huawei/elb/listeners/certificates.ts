/** Which certificates a listener can have. */
import { conflict, invalidInput } from '../../wire/errors.ts'
import { domainsOf } from '../certificates/domains.ts'
import { isSecure } from '../protocols.ts'
import type { CertificateRecord, ListenerRecord } from '../records.ts'
import type { Scope } from '../scope.ts'

/** Over all SNI certificates of a listener. */
const maxDomains = 200

/** @throws HuaweiError ELB.8902 when one is missing or of the wrong type, ELB.8904 for one that is not there, ELB.8907 */
export function checkCertificates({ project }: Scope, record: ListenerRecord): void {
  const { protocol, default_tls_container_ref, client_ca_tls_container_ref } = record
  if (!isSecure(protocol)) return
  if (default_tls_container_ref === null) {
    throw invalidInput(
      `Attribute 'default_tls_container_ref' is required with protocol ${protocol}`,
    )
  }
  requireType(project.certificates.need(default_tls_container_ref), 'server')
  if (client_ca_tls_container_ref !== null) {
    requireType(project.certificates.need(client_ca_tls_container_ref), 'client')
  }
  checkSni(record.sni_container_refs.map((id) => project.certificates.need(id)))
}

function requireType(certificate: CertificateRecord, type: CertificateRecord['type']): void {
  if (certificate.type === type) return
  throw invalidInput(
    `Certificate ${certificate.id} is of type ${certificate.type}; type ${type} is needed here`,
  )
}

/** The same domain may have two certificates: one with an RSA key and one with an ECC key. */
function checkSni(certificates: readonly CertificateRecord[]): void {
  const seen = new Map<string, CertificateRecord>()
  for (const certificate of certificates) {
    requireType(certificate, 'server')
    const domains = domainsOf(certificate)
    if (domains.length === 0) {
      throw invalidInput(`Certificate ${certificate.id} has no domain: it cannot be found by SNI`)
    }
    for (const domain of domains) {
      const key = `${domain} ${certificate.key_kind}`
      const other = seen.get(key)
      if (other !== undefined) {
        throw conflict(
          `Certificates ${other.id} and ${certificate.id} are both for ${domain} with ${certificate.key_kind} keys`,
        )
      }
      seen.set(key, certificate)
    }
  }
  if (seen.size > maxDomains) {
    throw invalidInput(`The SNI certificates have ${seen.size} domains, more than ${maxDomains}`)
  }
}
