import { negotiable } from '../../../std/tls-ciphers.ts'
import { conflict, invalidInput } from '../../wire/errors.ts'
import type { Project } from '../project.ts'
import { checkQuota } from '../quotas/quotas.ts'
import type { ListenerRecord, SecurityPolicyRecord } from '../records.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import type { SecurityPolicyCreation, SecurityPolicyUpdate } from './schema.ts'

/** @throws HuaweiError ELB.8902, ELB.8905 */
export function createSecurityPolicy(
  change: Change,
  fields: SecurityPolicyCreation,
): SecurityPolicyRecord {
  const { project, ports } = change
  checkQuota(ports.quotas, 'security_policy', project.securityPolicies.all().length)
  const { name = '', description = '', protocols, ciphers } = fields
  return save(change, { ...newResource(change), name, description, protocols, ciphers })
}

export function updateSecurityPolicy(
  change: Change,
  record: SecurityPolicyRecord,
  fields: SecurityPolicyUpdate,
): SecurityPolicyRecord {
  return save(change, { ...changed(record, fields), updated_at: timestamp(change.now) })
}

function save({ project }: Change, record: SecurityPolicyRecord): SecurityPolicyRecord {
  for (const protocol of record.protocols) {
    if (negotiable(protocol, record.ciphers).length === 0) {
      throw invalidInput(
        `Invalid input for 'ciphers': none of them is for ${protocol}, as far as OpenSSL has them`,
      )
    }
  }
  return project.securityPolicies.put(record)
}

/** @throws HuaweiError ELB.8907 while a listener uses it */
export function deleteSecurityPolicy({ project }: Change, record: SecurityPolicyRecord): void {
  const [listener] = securityPolicyUsers(project, record)
  if (listener !== undefined) {
    throw conflict(`Security policy ${record.id} is used by listener ${listener.id}`)
  }
  project.securityPolicies.delete(record.id)
}

export function securityPolicyUsers(
  project: Project,
  { id }: SecurityPolicyRecord,
): ListenerRecord[] {
  return project.listeners.where(({ security_policy_id }) => security_policy_id === id)
}
