import { z } from 'zod'
import { systemTlsPolicies } from '../../../snapshot/tls-policies.ts'
import { description, name } from '../fields.ts'

/** Huawei's list for custom policies: those of tls-1-0-with-1-3, and some. */
export const customCiphers = [
  ...(systemTlsPolicies.get('tls-1-0-with-1-3')?.ciphers ?? []),
  'CAMELLIA128-SHA',
  'DES-CBC3-SHA',
  'CAMELLIA256-SHA',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
] as const

export const securityPolicyFields = z.strictObject({
  name,
  description,
  protocols: z
    .array(z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']))
    .min(1)
    .max(4),
  ciphers: z.array(z.enum(customCiphers)).min(1).max(customCiphers.length),
})

export type SecurityPolicyFields = z.infer<typeof securityPolicyFields>

export const securityPolicyUpdate = securityPolicyFields.partial()

export const securityPolicyCreation = securityPolicyUpdate.extend({
  protocols: securityPolicyFields.shape.protocols,
  ciphers: securityPolicyFields.shape.ciphers,
  enterprise_project_id: z.string().max(36).optional(),
})

export type SecurityPolicyUpdate = z.infer<typeof securityPolicyUpdate>
export type SecurityPolicyCreation = z.infer<typeof securityPolicyCreation>
