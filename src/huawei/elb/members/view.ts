import type { MemberRecord } from '../records.ts'
import type { Scope } from '../scope.ts'
import { operatingStatus, reasonOf, statusByListener } from './status.ts'

/** A member as the API shows it. */
export function memberView(scope: Scope, record: MemberRecord) {
  const operating_status = operatingStatus(scope, record)
  return {
    ...record,
    ip_version: record.address.includes(':') ? 'v6' : 'v4',
    member_type: record.subnet_cidr_id === null ? 'ip' : 'instance',
    instance_id: '',
    operating_status,
    status: statusByListener(scope, record),
    reason: reasonOf(scope, record, operating_status),
  }
}

export type MemberView = ReturnType<typeof memberView>
