/** When something is to be done about a certificate. All times are milliseconds, since the epoch where they are points in time. */
import type { Attempts, RequestRecord } from '../aws/acm/request-records.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** "Validation timed out": ACM waits 72 hours for the names to be validated. */
const validationTime = 72 * hour

/** ACM begins 60 days before the end of its 13 months. Shorter lives leave a third of them. */
const renewalTime = 60 * day

/** Let's Encrypt takes five failed validations of a name an hour. */
const firstPause = 2 * minute
const longestPause = { pending: hour, issued: 12 * hour } as const

/** When the request has to be looked at next; Infinity: never. */
export function dueAt({ state, requestedAt }: RequestRecord): number {
  if (state.kind === 'pending') return Math.min(state.attempts.nextAt, requestedAt + validationTime)
  return state.kind === 'issued' ? state.attempts.nextAt : Number.POSITIVE_INFINITY
}

export function hasTimedOut({ state, requestedAt }: RequestRecord, now: number): boolean {
  return state.kind === 'pending' && now >= requestedAt + validationTime
}

/** With one more begun now. */
export function begun({ begun }: Attempts, kind: keyof typeof longestPause, now: number): Attempts {
  const pause = Math.min(firstPause * 2 ** begun, longestPause[kind])
  return { begun: begun + 1, nextAt: now + pause }
}

/** The renewal of a certificate that is issued now. */
export function renewalOf(notAfter: number, now: number): Attempts {
  const before = Math.min(renewalTime, Math.floor((notAfter - now) / 3))
  return { begun: 0, nextAt: notAfter - before }
}
