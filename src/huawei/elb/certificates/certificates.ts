import { randomUUID } from 'node:crypto'
import type { SecretBox } from '../../../std/secret-box.ts'
import { conflict, invalidInput } from '../../wire/errors.ts'
import { unprotected } from '../fields.ts'
import { checkCertificates } from '../listeners/certificates.ts'
import type { Project } from '../project.ts'
import { checkQuota } from '../quotas/quotas.ts'
import { type CertificateRecord, huaweiKeys, type ListenerRecord } from '../records.ts'
import { type Change, changed, type Fields, newResource, timestamp } from '../scope.ts'
import { checkDomains, domainsOf } from './domains.ts'
import { readClientCa, readServerCertificate } from './material.ts'
import type { CertificateCreation, CertificateFields, CertificateUpdate } from './schema.ts'

const defaults: CertificateFields = {
  name: '',
  description: '',
  admin_state_up: true,
  domain: null,
  source: null,
  scm_certificate_id: null,
  ...unprotected,
}

/** @throws HuaweiError ELB.8902, ELB.8905, ELB.5013, ELB.1011, ELB.5053 */
export function createCertificate(change: Change, fields: CertificateCreation): CertificateRecord {
  const { project, ports } = change
  checkQuota(ports.quotas, 'certificate', project.certificates.all().length)
  const { certificate, private_key, type = 'server', enterprise_project_id: _, ...given } = fields
  const resource = { ...newResource(change), id: randomUUID().replaceAll('-', '') }
  const base = { ...defaults, ...resource, type }
  const content = contentOf(change, base, certificate, private_key ?? null)
  return save(change, { ...base, ...content }, given)
}

type Content = Omit<
  CertificateRecord,
  keyof typeof defaults | 'id' | 'project_id' | 'created_at' | 'updated_at' | 'type'
>

function contentOf(
  { ports }: Change,
  { id, project_id, type }: Pick<CertificateRecord, 'id' | 'project_id' | 'type'>,
  certificate: string,
  privateKey: string | null,
): Content {
  if (type === 'client') return { ...readClientCa(certificate), sealed_key: null }
  if (privateKey === null) {
    throw invalidInput("Attribute 'certificate.private_key' is required with type server")
  }
  const server = readServerCertificate(certificate, privateKey)
  const key = huaweiKeys.resource(project_id, 'certificate', id)
  return { ...server.facts, sealed_key: ports.box.seal(server.privateKey, key) }
}

/**
 * New content comes with its private key; new handshakes get it at once, wherever the certificate is used.
 * @throws HuaweiError as {@link createCertificate}, and as a listener that uses it would have it: ELB.8907 for a domain that another one is for
 */
export function updateCertificate(
  change: Change,
  record: CertificateRecord,
  fields: CertificateUpdate,
): CertificateRecord {
  const { certificate, private_key, ...given } = fields
  const updated = { ...record, updated_at: timestamp(change.now) }
  if (certificate === undefined && typeof private_key !== 'string') {
    return save(change, updated, given)
  }
  const key = private_key ?? openKey(record, change.ports.box)
  const content = contentOf(change, record, certificate ?? record.certificate, key)
  return save(change, { ...updated, ...content }, given)
}

/** PEM; null of a client CA. */
export function openKey(record: CertificateRecord, box: SecretBox): string | null {
  const { project_id, id, sealed_key } = record
  if (sealed_key === null) return null
  return box.open(sealed_key, huaweiKeys.resource(project_id, 'certificate', id))
}

function save(
  change: Change,
  base: CertificateRecord,
  fields: Fields<CertificateFields>,
): CertificateRecord {
  const { project } = change
  const record = changed(base, fields)
  if (record.type === 'client' && domainsOf(record).length > 0) {
    throw invalidInput("'domain' is for certificates of type server only")
  }
  checkDomains(record.domain, record.subject_alternative_names)
  const saved = project.certificates.put(record)
  // Those that are chosen by their domains still have to fit beside each other.
  for (const listener of certificateUsers(project, saved)) checkCertificates(change, listener)
  return saved
}

/** @throws HuaweiError ELB.8907 while a listener uses it, or it is protected */
export function deleteCertificate({ project }: Change, record: CertificateRecord): void {
  if (record.protection_status === 'consoleProtection') {
    throw conflict(`Certificate ${record.id} is protected: protection_status is consoleProtection`)
  }
  const [listener] = certificateUsers(project, record)
  if (listener !== undefined) {
    throw conflict(`Certificate ${record.id} is used by listener ${listener.id}`)
  }
  project.certificates.delete(record.id)
}

export function certificateUsers(project: Project, { id }: CertificateRecord): ListenerRecord[] {
  return project.listeners.where(
    (listener) =>
      listener.default_tls_container_ref === id ||
      listener.client_ca_tls_container_ref === id ||
      listener.sni_container_refs.includes(id),
  )
}
