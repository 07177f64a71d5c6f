import { compilePattern } from '../../../std/pattern.ts'
import { invalidInput, overQuota } from '../../wire/errors.ts'
import { canonicalAddress } from '../ip-groups/addresses.ts'
import type { L7PolicyRecord, L7RuleRecord } from '../records.ts'
import { rulesOf } from '../relations.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import type { L7RuleCreation, L7RuleFields, L7RuleUpdate } from './schema.ts'

/** Of one policy. */
const maxRules = 10

const defaults = {
  admin_state_up: true,
  invert: false,
  key: null,
  value: '',
  conditions: [],
} as const satisfies Partial<L7RuleFields>

/** @throws HuaweiError ELB.8902; ELB.8905 for an eleventh */
export function createL7Rule(
  change: Change,
  policy: L7PolicyRecord,
  fields: L7RuleCreation,
): L7RuleRecord {
  const { type, compare_type, ...given } = fields
  const others = rulesOf(change.project, policy)
  if (others.length >= maxRules) throw overQuota('l7rule')
  const place = { l7policy_id: policy.id }
  const base = { ...defaults, conditions: [], type, compare_type, ...newResource(change), ...place }
  return save(change, base, given)
}

export function updateL7Rule(
  change: Change,
  record: L7RuleRecord,
  fields: L7RuleUpdate,
): L7RuleRecord {
  return save(change, { ...record, updated_at: timestamp(change.now) }, fields)
}

export function deleteL7Rule({ project }: Change, { id }: L7RuleRecord): void {
  project.l7Rules.delete(id)
}

/** What a rule looks for: its conditions, or where it has none its value. */
export function conditionsOf({ conditions, key, value }: L7RuleRecord): L7RuleFields['conditions'] {
  if (conditions.length > 0) return conditions
  return value === '' ? [] : [{ ...(key === null ? {} : { key }), value }]
}

const ofNamed = ['HEADER', 'QUERY_STRING', 'COOKIE']

function save({ project }: Change, base: L7RuleRecord, fields: L7RuleUpdate): L7RuleRecord {
  const record = changed(base, fields)
  const { type, compare_type, l7policy_id } = record
  const { listener_id } = project.l7Policies.need(l7policy_id)
  const isAdvanced = project.listeners.need(listener_id).enhance_l7policy_enable
  if (!isAdvanced && type !== 'HOST_NAME' && type !== 'PATH') {
    throw invalidInput(
      `Rules of type ${type} need a listener with enhance_l7policy_enable; ${listener_id} has it not`,
    )
  }
  if (type !== 'PATH' && compare_type !== 'EQUAL_TO') {
    throw invalidInput(
      `Invalid input for 'compare_type': ${compare_type}. With ${type} it is EQUAL_TO.`,
    )
  }
  const conditions = conditionsOf(record)
  if (conditions.length === 0) throw invalidInput("One of 'value' and 'conditions' is required")
  if (ofNamed.includes(type)) checkKeys(type, conditions)
  for (const { value } of conditions) checkValue(record, value)
  return project.l7Rules.put(record)
}

function checkKeys(type: string, conditions: L7RuleFields['conditions']): void {
  const [first] = conditions
  if (!first?.key) throw invalidInput(`Attribute 'conditions.key' is required with ${type}`)
  if (conditions.some(({ key }) => key !== first.key)) {
    throw invalidInput(`All conditions of a rule of type ${type} have the same key`)
  }
}

const methods = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']

function checkValue({ type, compare_type }: L7RuleRecord, value: string): void {
  const refuse = (rule: string) => invalidInput(`Invalid input for 'value': '${value}'. ${rule}`)
  if (type === 'HOST_NAME' && !/^(\*\.)?[A-Za-z0-9*?.-]{1,128}$/.test(value)) {
    throw refuse('It is a host name, which may begin with *.')
  }
  if (type === 'PATH' && compare_type !== 'REGEX' && !value.startsWith('/')) {
    throw refuse('A path begins with a slash')
  }
  if (type === 'PATH' && compare_type === 'REGEX') checkPattern(value)
  if (type === 'METHOD' && !methods.includes(value))
    throw refuse(`It is one of ${methods.join(', ')}`)
  if (type === 'SOURCE_IP') canonicalAddress(value)
}

/** Backtracking expressions could be made to take for ever: what the engine cannot run in time linear to the path is refused. */
function checkPattern(pattern: string): void {
  try {
    compilePattern(pattern)
  } catch {
    throw invalidInput(
      `Invalid input for 'value': '${pattern}' is not a regular expression in RE2's syntax`,
    )
  }
}
