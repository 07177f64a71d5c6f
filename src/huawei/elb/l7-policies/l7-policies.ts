import { conflict, invalidInput, notForProtocol } from '../../wire/errors.ts'
import { createL7Rule } from '../l7-rules/l7-rules.ts'
import { isHttp } from '../protocols.ts'
import { checkQuota } from '../quotas/quotas.ts'
import type { L7PolicyRecord, ListenerRecord } from '../records.ts'
import { policiesOf, rulesOf } from '../relations.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import { checkAction, fixedResponseOf, redirectUrlOf } from './actions.ts'
import type { L7PolicyCreation, L7PolicyFields, L7PolicyUpdate } from './schema.ts'

/** Of one listener. */
const maxPolicies = 100

const defaults: L7PolicyFields = {
  name: '',
  description: '',
  admin_state_up: true,
  priority: 0,
  redirect_pool_id: null,
  redirect_pools_config: [],
  redirect_listener_id: null,
  redirect_url_config: null,
  fixed_response_config: null,
}

/** @throws HuaweiError ELB.8901, ELB.8902, ELB.8904, ELB.8905; ELB.8907 for a priority that another policy has */
export function createL7Policy(change: Change, fields: L7PolicyCreation): L7PolicyRecord {
  const { project, ports } = change
  const { listener_id, action, position = 100, redirect_url: _, ...given } = fields
  const listener = project.listeners.need(listener_id)
  if (!isHttp(listener.protocol))
    throw notForProtocol(['HTTP', 'HTTPS'], 'listeners', ['l7policies'])
  checkQuota(ports.quotas, 'l7policy', project.l7Policies.all().length)
  const others = policiesOf(project, listener)
  if (others.length >= maxPolicies) {
    throw conflict(`Listener ${listener_id} already has ${maxPolicies} forwarding policies`)
  }
  const base = { ...defaults, ...newResource(change), listener_id, action, position }
  return save(change, listener, base, {
    priority: nextPriority(listener, action, others),
    ...given,
  })
}

/** A redirection to another listener goes before everything. */
function nextPriority(
  { enhance_l7policy_enable }: ListenerRecord,
  action: L7PolicyRecord['action'],
  others: readonly L7PolicyRecord[],
): number {
  if (!enhance_l7policy_enable || action === 'REDIRECT_TO_LISTENER') return 0
  return Math.max(0, ...others.map(({ priority }) => priority)) + 1
}

export function updateL7Policy(
  change: Change,
  record: L7PolicyRecord,
  fields: L7PolicyUpdate,
): L7PolicyRecord {
  const listener = change.project.listeners.need(record.listener_id)
  return save(change, listener, { ...record, updated_at: timestamp(change.now) }, fields)
}

/** Rules that are sent take the place of all rules. */
function save(
  change: Change,
  listener: ListenerRecord,
  base: L7PolicyRecord,
  fields: L7PolicyUpdate,
): L7PolicyRecord {
  const { project } = change
  const { rules, redirect_url_config, fixed_response_config, redirect_pools_config, ...plain } =
    fields
  const record: L7PolicyRecord = {
    ...changed(base, plain),
    redirect_pools_config:
      redirect_pools_config?.map((pool) => ({ weight: 100, ...pool })) ??
      base.redirect_pools_config,
    redirect_url_config: redirectUrlOf(base, redirect_url_config),
    fixed_response_config: fixedResponseOf(base, fixed_response_config),
  } as L7PolicyRecord
  checkPriority(change, listener, record)
  checkAction(project, listener, record)
  const saved = project.l7Policies.put(record)
  if (rules !== undefined) {
    deleteRules(change, saved)
    for (const rule of rules) createL7Rule(change, saved, rule)
  }
  return saved
}

function checkPriority(
  { project }: Change,
  listener: ListenerRecord,
  record: L7PolicyRecord,
): void {
  const { id, priority, action } = record
  if (action === 'REDIRECT_TO_LISTENER') return
  if (!listener.enhance_l7policy_enable) {
    if (priority === 0) return
    throw invalidInput(`'priority' needs a listener with enhance_l7policy_enable`)
  }
  const other = policiesOf(project, listener).find(
    (each) =>
      each.id !== id && each.priority === priority && each.action !== 'REDIRECT_TO_LISTENER',
  )
  if (other !== undefined) {
    throw conflict(`Policy ${other.id} of listener ${listener.id} already has priority ${priority}`)
  }
}

/** All at once, so that two can change places. */
export function updatePriorities(
  change: Change,
  wanted: readonly { readonly id: string; readonly priority: number }[],
): void {
  const { project, now } = change
  const records = wanted.map(({ id, priority }) =>
    project.l7Policies.put({
      ...project.l7Policies.need(id),
      priority,
      updated_at: timestamp(now),
    }),
  )
  for (const record of records) {
    checkPriority(change, project.listeners.need(record.listener_id), record)
  }
}

export function deleteL7Policy(change: Change, record: L7PolicyRecord): void {
  deleteRules(change, record)
  change.project.l7Policies.delete(record.id)
}

function deleteRules({ project }: Change, policy: L7PolicyRecord): void {
  for (const { id } of rulesOf(project, policy)) project.l7Rules.delete(id)
}
