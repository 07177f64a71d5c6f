import type { z } from 'zod'
import { active, owned } from '../answers.ts'
import type { L7RuleRecord } from '../records.ts'
import type { Scope } from '../scope.ts'
import { l7RuleFields } from './schema.ts'

export const l7RuleAnswer = l7RuleFields
  .extend({ ...owned, provisioning_status: active })
  .meta({ id: 'L7Rule' })

/** A forwarding rule as the API shows it. */
export function l7RuleView(
  _: Scope,
  { l7policy_id: _policy, tags: _tags, ...record }: L7RuleRecord,
): z.infer<typeof l7RuleAnswer> {
  return { ...record, provisioning_status: 'ACTIVE' }
}
