import { overQuota } from '../../wire/errors.ts'
import type { Kind } from '../records.ts'

/** How many of each kind a project may have. */
export type Quotas = Readonly<Record<LimitedKind, number>>

/** Rules are counted by policy; of log configurations, a load balancer has one. */
export type LimitedKind = Exclude<Kind, 'l7rule' | 'logtank'>

/** @throws HuaweiError ELB.8905 when one more, or `more`, would be too many */
export function checkQuota(quotas: Quotas, kind: LimitedKind, has: number, more = 1): void {
  if (has + more > quotas[kind]) throw overQuota(kind)
}
