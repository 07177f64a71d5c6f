import { z } from 'zod'
import { enterpriseProject, listOf, owned } from '../answers.ts'
import type { CertificateRecord } from '../records.ts'
import type { Scope } from '../scope.ts'
import { certificateFields } from './schema.ts'

/** The private key never leaves: Huawei calls that "private-key-echo" switched off. */
export const certificateAnswer = certificateFields
  .extend({
    ...owned,
    certificate: z.string(),
    type: z.enum(['server', 'client']),
    expire_time: z.string(),
    common_name: z.string(),
    fingerprint: z.string(),
    subject_alternative_names: listOf(z.string()),
    enterprise_project_id: enterpriseProject,
  })
  .meta({ id: 'Certificate' })

/** A certificate as the API shows it. */
export function certificateView(
  _: Scope,
  record: CertificateRecord,
): z.infer<typeof certificateAnswer> {
  const { sealed_key: _sealed, key_kind: _kind, ...fields } = record
  return { ...fields, enterprise_project_id: '0' }
}
