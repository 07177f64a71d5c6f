/** What a policy does with a request that its rules are for, and what it needs for that. */
import { invalidInput } from '../../wire/errors.ts'
import { checkUsable } from '../pools/usable.ts'
import type { Project } from '../project.ts'
import type { L7PolicyRecord, ListenerRecord } from '../records.ts'
import { poolsOfPolicy } from '../relations.ts'
import { placeholder } from './placeholders.ts'
import type { L7PolicyFields, L7PolicyUpdate } from './schema.ts'

type RedirectUrl = NonNullable<L7PolicyFields['redirect_url_config']>
type FixedResponse = NonNullable<L7PolicyFields['fixed_response_config']>

const sameUrl: Omit<RedirectUrl, 'status_code'> = {
  protocol: placeholder('protocol'),
  host: placeholder('host'),
  port: placeholder('port'),
  path: placeholder('path'),
  query: placeholder('query'),
}

/** @throws HuaweiError ELB.8902 for one that leads back to where it came from */
export function redirectUrlOf(
  { redirect_url_config: existing }: L7PolicyRecord,
  sent: L7PolicyUpdate['redirect_url_config'],
): RedirectUrl | null {
  if (sent === undefined || sent === null) return sent === null ? null : existing
  const url = { ...sameUrl, status_code: '302', ...existing, ...present(sent) } as RedirectUrl
  const parts = ['protocol', 'host', 'port', 'path'] as const
  if (parts.every((part) => url[part] === sameUrl[part])) {
    throw invalidInput(
      `One of ${parts.join(', ')} of 'redirect_url_config' has to be another than the request's`,
    )
  }
  return url
}

export function fixedResponseOf(
  { fixed_response_config: existing }: L7PolicyRecord,
  sent: L7PolicyUpdate['fixed_response_config'],
): FixedResponse | null {
  if (sent === undefined || sent === null) return sent === null ? null : existing
  const usual = { content_type: 'text/plain', message_body: '' }
  const response = { ...usual, ...existing, ...present(sent) } as FixedResponse
  if (response.status_code !== undefined) return response
  throw invalidInput("Attribute 'fixed_response_config.status_code' is required")
}

function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** @throws HuaweiError ELB.8902 when what the action needs is missing, ELB.8904 when it is not there, ELB.8907 when it does not fit */
export function checkAction(
  project: Project,
  listener: ListenerRecord,
  record: L7PolicyRecord,
): void {
  checkForeign(record)
  switch (record.action) {
    case 'REDIRECT_TO_POOL':
      checkPools(project, listener, record)
      break
    case 'REDIRECT_TO_LISTENER':
      checkListener(project, listener, record)
      break
    case 'REDIRECT_TO_URL':
      requireAdvanced(listener, record)
      requirePresent('redirect_url_config', record.redirect_url_config)
      break
    case 'FIXED_RESPONSE':
      requireAdvanced(listener, record)
      requirePresent('fixed_response_config', record.fixed_response_config)
      break
  }
}

/** What each attribute of an action is for. */
const ownAction = {
  redirect_pool_id: 'REDIRECT_TO_POOL',
  redirect_pools_config: 'REDIRECT_TO_POOL',
  redirect_listener_id: 'REDIRECT_TO_LISTENER',
  redirect_url_config: 'REDIRECT_TO_URL',
  fixed_response_config: 'FIXED_RESPONSE',
} as const satisfies Partial<Record<keyof L7PolicyRecord, L7PolicyRecord['action']>>

/** @throws HuaweiError ELB.8902 for an attribute of another action */
function checkForeign(record: L7PolicyRecord): void {
  for (const [name, action] of Object.entries(ownAction)) {
    const value = record[name as keyof typeof ownAction]
    const isSet = Array.isArray(value) ? value.length > 0 : value !== null
    if (isSet && action !== record.action) {
      throw invalidInput(`Attribute '${name}' goes with action ${action}, not ${record.action}`)
    }
  }
}

function checkPools(project: Project, listener: ListenerRecord, record: L7PolicyRecord): void {
  const pools = poolsOfPolicy(record)
  if (pools.length === 0) {
    throw invalidInput("One of 'redirect_pool_id' and 'redirect_pools_config' is required")
  }
  for (const { pool_id } of pools) {
    checkUsable(project, listener, project.pools.need(pool_id))
  }
}

function checkListener(project: Project, listener: ListenerRecord, record: L7PolicyRecord): void {
  if (listener.protocol !== 'HTTP') {
    throw invalidInput('Only HTTP listeners can redirect to a listener')
  }
  requirePresent('redirect_listener_id', record.redirect_listener_id)
  const other = project.listeners.need(record.redirect_listener_id ?? '')
  if (other.protocol === 'HTTPS' && other.loadbalancer_id === listener.loadbalancer_id) return
  throw invalidInput(
    `Invalid input for 'redirect_listener_id': ${other.id}. It is an HTTPS listener of the same load balancer.`,
  )
}

function requireAdvanced(
  { id, enhance_l7policy_enable }: ListenerRecord,
  { action }: L7PolicyRecord,
) {
  if (enhance_l7policy_enable) return
  throw invalidInput(
    `Action ${action} needs a listener with enhance_l7policy_enable; ${id} has it not`,
  )
}

function requirePresent(name: string, value: unknown): void {
  if (value === null) throw invalidInput(`Attribute '${name}' is required`)
}
