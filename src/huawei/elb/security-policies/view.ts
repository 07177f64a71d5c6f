import { z } from 'zod'
import { systemTlsPolicies } from '../../../snapshot/tls-policies.ts'
import { enterpriseProject, ids, owned } from '../answers.ts'
import type { SecurityPolicyRecord } from '../records.ts'
import { references } from '../relations.ts'
import type { Scope } from '../scope.ts'
import { securityPolicyFields } from './schema.ts'
import { securityPolicyUsers } from './security-policies.ts'

export const securityPolicyAnswer = securityPolicyFields
  .extend({ ...owned, listeners: ids, enterprise_project_id: enterpriseProject })
  .meta({ id: 'SecurityPolicy' })

/** A custom security policy as the API shows it. */
export function securityPolicyView(
  { project }: Scope,
  record: SecurityPolicyRecord,
): z.infer<typeof securityPolicyAnswer> {
  return {
    ...record,
    listeners: references(securityPolicyUsers(project, record)),
    enterprise_project_id: '0',
  }
}

export const systemPolicyAnswer = z
  .strictObject({
    name: z.string(),
    /** Between spaces. */
    protocols: z.string(),
    /** Between colons. */
    ciphers: z.string(),
    project_id: z.string(),
  })
  .meta({ id: 'SystemSecurityPolicy' })

/** As ListSystemSecurityPolicies shows them. */
export function systemPolicies(projectId: string): z.infer<typeof systemPolicyAnswer>[] {
  return [...systemTlsPolicies].map(([name, { protocols, ciphers }]) => ({
    name,
    protocols: protocols.join(' '),
    ciphers: ciphers.join(':'),
    project_id: projectId,
  }))
}
