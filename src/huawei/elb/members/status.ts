/** What the health checks say of a member, in the API's words. */
import { z } from 'zod'
import { checkIdentity, type MemberRecord } from '../records.ts'
import { monitorOf, usersOf } from '../relations.ts'
import type { Scope } from '../scope.ts'
import { reasonCode, reasonCodes } from './failure-reason.ts'

export const operatingStatuses = ['ONLINE', 'OFFLINE', 'NO_MONITOR', 'INITIAL'] as const

export type OperatingStatus = (typeof operatingStatuses)[number]

export const failureReason = z.strictObject({
  reason_code: z.enum(reasonCodes),
  expected_response: z.string(),
  healthcheck_response: z.string(),
})

const statusOf = { healthy: 'ONLINE', unhealthy: 'OFFLINE', initial: 'INITIAL' } as const

/** Without a health monitor, or with one that is switched off, a member is taken for healthy. */
export function operatingStatus(scope: Scope, member: MemberRecord): OperatingStatus {
  if (monitorOf(scope.project, { id: member.pool_id })?.admin_state_up !== true) return 'NO_MONITOR'
  // The API shows one that is to get nothing as one that can get nothing.
  if (!member.admin_state_up || member.weight === 0) return 'OFFLINE'
  return statusOf[scope.ports.health.health(checkIdentity(member))?.state ?? 'initial']
}

/** The status for each listener that uses the member's pool. */
export function statusByListener(scope: Scope, member: MemberRecord) {
  const operating_status = operatingStatus(scope, member)
  const reason = reasonOf(scope, member, operating_status)
  return usersOf(scope.project, { id: member.pool_id }).map(({ id }) => ({
    listener_id: id,
    operating_status,
    reason,
  }))
}

/** Why it is offline, if a health check says so. */
export function reasonOf(
  scope: Scope,
  member: MemberRecord,
  status: OperatingStatus,
): z.infer<typeof failureReason> | null {
  const last = scope.ports.health.health(checkIdentity(member))?.last ?? null
  if (status !== 'OFFLINE' || last === null || last.passed) return null
  const reason_code = reasonCode(last.detail)
  const mismatch = reason_code === 'RESPONSE_MISMATCH'
  return {
    reason_code,
    expected_response: mismatch
      ? (monitorOf(scope.project, { id: member.pool_id })?.expected_codes ?? '')
      : '',
    healthcheck_response: mismatch ? last.detail.replace('answered ', '') : '',
  }
}
