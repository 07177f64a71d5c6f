import { z } from 'zod'
import { createL7Rule, deleteL7Rule, updateL7Rule } from '../elb/l7-rules/l7-rules.ts'
import { l7Rule } from '../elb/nouns.ts'
import type { Params } from '../elb/operations.ts'
import type { L7RuleRecord } from '../elb/records.ts'
import type { Change, Scope } from '../elb/scope.ts'
import {
  asHuawei,
  type Comparison,
  checkComparable,
  compareTypes,
  comparisonOf,
  ruleTypes,
} from './comparisons.ts'
import { common, orDefault, owner, shown } from './fields.ts'
import type { Resource } from './resource.ts'
import { switchStatus } from './statuses.ts'

const creation = z.strictObject({
  ...common,
  ...owner,
  type: z.enum(ruleTypes),
  compare_type: z.enum(compareTypes),
  key: z.string().max(255).nullish(),
  value: z.string().min(1).max(255),
  invert: z.literal(false, 'Rules cannot be inverted: it can only be false').nullish(),
})

const update = creation.omit({ project_id: true, tenant_id: true }).partial()

/** A rule of a policy that is made with it. */
export const l7RulePart = creation

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export const l7Rules: Resource<L7RuleRecord, Creation, Update> = {
  ...l7Rule,
  creation,
  update,
  view,
  filterBy: ['type', 'compare_type', 'key', 'value', 'invert'],
  create,
  change,
  remove: deleteL7Rule,
}

/** @throws HuaweiError as createL7Rule does, and for what cannot be compared so */
function create(made: Change, fields: Creation, params: Params): L7RuleRecord {
  const { type, compare_type, value, key } = fields
  return createL7Rule(made, made.project.l7Policies.need(params.l7policy_id ?? ''), {
    ...asHuawei({ type, compare_type, value, key: key ?? null }),
    admin_state_up: fields.admin_state_up ?? true,
  })
}

function change(made: Change, record: L7RuleRecord, fields: Update): L7RuleRecord {
  const admin_state_up = orDefault(fields.admin_state_up, true)
  const { type, compare_type, value, key } = fields
  const sent = { type, compare_type, value, key }
  if (Object.values(sent).every((each) => each === undefined)) {
    return updateL7Rule(made, record, { admin_state_up })
  }
  checkComparable(record)
  const present = Object.entries(sent).filter(([, each]) => each !== undefined)
  const wanted = { ...comparisonOf(record), ...Object.fromEntries(present) } as Comparison
  const { type: huaweiType, ...comparison } = asHuawei(wanted)
  const base = { ...record, type: huaweiType, conditions: [] }
  return updateL7Rule(made, base, { ...comparison, admin_state_up })
}

function view(_: Scope, record: L7RuleRecord) {
  return {
    ...shown(record),
    operating_status: switchStatus(record),
    ...comparisonOf(record),
    invert: false,
  }
}
