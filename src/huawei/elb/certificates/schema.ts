import { z } from 'zod'
import { description, name, protection } from '../fields.ts'

/** What can be changed later, as it is stored. */
export const certificateFields = z.strictObject({
  name,
  description,
  admin_state_up: z.literal(true),
  /** Names that the certificate is found by (SNI), separated by commas. */
  domain: z.string().max(10_000).nullable(),
  source: z.string().max(255).nullable(),
  scm_certificate_id: z.string().max(255).nullable(),
  ...protection,
})

export type CertificateFields = z.infer<typeof certificateFields>

/** PEM, with the certificates of the authorities behind. */
const certificate = z.string().min(1).max(65_536)
/** PEM, not encrypted. */
const privateKey = z.string().min(1).max(8192)

export const certificateUpdate = certificateFields
  .extend({ certificate, private_key: privateKey.nullable() })
  .partial()

export const certificateCreation = certificateUpdate.extend({
  certificate,
  type: z.enum(['server', 'client']).optional(),
  enterprise_project_id: z.string().max(36).optional(),
})

export type CertificateUpdate = z.infer<typeof certificateUpdate>
export type CertificateCreation = z.infer<typeof certificateCreation>
