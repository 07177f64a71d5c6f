/** Octavia's operating statuses ("Operating Status Codes" of its API reference). */
import { operatingStatus } from '../elb/members/status.ts'
import type { LoadBalancerRecord, MemberRecord, PoolRecord } from '../elb/records.ts'
import { membersOf, poolsOf } from '../elb/relations.ts'
import type { Scope } from '../elb/scope.ts'

export type Status = 'ONLINE' | 'OFFLINE' | 'DEGRADED' | 'ERROR'

/** Of what only its switch decides about. */
export function switchStatus({ admin_state_up }: { readonly admin_state_up: boolean }): Status {
  return admin_state_up ? 'ONLINE' : 'OFFLINE'
}

export type MemberStatus = 'ONLINE' | 'OFFLINE' | 'DRAINING' | 'ERROR' | 'NO_MONITOR'

/** ERROR: its health check fails. OFFLINE: it is switched off, or was not checked yet. */
export function memberStatus(scope: Scope, member: MemberRecord): MemberStatus {
  if (!member.admin_state_up) return 'OFFLINE'
  if (member.weight === 0) return 'DRAINING'
  const status = operatingStatus(scope, member)
  if (status === 'INITIAL') return 'OFFLINE'
  return status === 'OFFLINE' ? 'ERROR' : status
}

/** OFFLINE: it is switched off. A pool that has failing members is DEGRADED, and one that has no others is in ERROR. */
export function poolStatus(scope: Scope, pool: PoolRecord): Status {
  if (!pool.admin_state_up) return 'OFFLINE'
  const members = membersOf(scope.project, pool)
  const failing = members.filter((member) => memberStatus(scope, member) === 'ERROR')
  if (failing.length === 0) return 'ONLINE'
  return failing.length === members.length ? 'ERROR' : 'DEGRADED'
}

/** As its worst pool, unless it is switched off. */
export function loadBalancerStatus(scope: Scope, record: LoadBalancerRecord): Status {
  if (!record.admin_state_up) return 'OFFLINE'
  return worst(poolsOf(scope.project, record).map((pool) => poolStatus(scope, pool)))
}

function worst(statuses: readonly Status[]): Status {
  if (statuses.includes('ERROR')) return 'ERROR'
  return statuses.includes('DEGRADED') ? 'DEGRADED' : 'ONLINE'
}
