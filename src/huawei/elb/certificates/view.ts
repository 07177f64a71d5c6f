import type { CertificateRecord } from '../records.ts'
import type { Scope } from '../scope.ts'

/** A certificate as the API shows it. The private key never leaves: Huawei calls that "private-key-echo" switched off. */
export function certificateView(_: Scope, record: CertificateRecord) {
  const { sealed_key: _sealed, key_kind: _kind, ...fields } = record
  return { ...fields, enterprise_project_id: '0' }
}
