/** What Octavia's policies do with requests, in the words of the ELB API, and back. */
import type { L7PolicyRecord } from '../elb/records.ts'
import { invalidInput } from '../wire/errors.ts'
import { isPrefix, partsOfPrefix, partsOfUrl, urlOf } from './redirects.ts'

export const actions = ['REDIRECT_TO_POOL', 'REDIRECT_TO_URL', 'REDIRECT_PREFIX', 'REJECT'] as const

type Action = (typeof actions)[number]

interface Sent {
  readonly action?: Action | undefined
  readonly redirect_pool_id?: string | null | undefined
  readonly redirect_url?: string | null | undefined
  readonly redirect_prefix?: string | null | undefined
  readonly redirect_http_code?: number | null | undefined
}

const names = ['redirect_pool_id', 'redirect_url', 'redirect_prefix', 'redirect_http_code'] as const

/** Octavia's word for a refusal is the status of its answer. */
const rejected = '403'

/** As Octavia shows it. What only the ELB API can do has that API's name. */
export function actionView(record: L7PolicyRecord) {
  const { redirect_url_config: parts, fixed_response_config } = record
  const nothing = {
    redirect_pool_id: null,
    redirect_url: null,
    redirect_prefix: null,
    redirect_http_code: null,
  }
  switch (record.action) {
    case 'REDIRECT_TO_POOL':
      return { ...nothing, action: record.action, redirect_pool_id: record.redirect_pool_id }
    case 'REDIRECT_TO_URL': {
      if (parts === null) return { ...nothing, action: record.action }
      const redirect = { ...nothing, redirect_http_code: Number(parts.status_code) }
      return isPrefix(parts)
        ? { ...redirect, action: 'REDIRECT_PREFIX', redirect_prefix: urlOf(parts) }
        : { ...redirect, action: record.action, redirect_url: urlOf(parts) }
    }
    case 'FIXED_RESPONSE': {
      const action = fixed_response_config?.status_code === rejected ? 'REJECT' : record.action
      return { ...nothing, action }
    }
    case 'REDIRECT_TO_LISTENER':
      return { ...nothing, action: record.action }
  }
}

/**
 * What was sent of it, beside what there is already.
 * @returns undefined when nothing was
 * @throws HuaweiError ELB.8902 when it does not go together
 */
export function actionFields(sent: Sent, existing?: L7PolicyRecord) {
  const wanted = wantedAction(sent)
  const given = names.filter((name) => sent[name] !== undefined)
  if (wanted === undefined && given.length === 0) return undefined
  const before = existing && actionView(existing)
  const all = { ...before, action: wanted ?? before?.action }
  const changes = Object.fromEntries(given.map((name) => [name, sent[name]]))
  return { ...nowhere, ...destinationOf({ ...all, ...changes }) }
}

/** Who names where requests go says what happens to them. */
function wantedAction(sent: Sent): Action | undefined {
  const named: Action[] = []
  if (sent.redirect_pool_id) named.push('REDIRECT_TO_POOL')
  if (sent.redirect_url) named.push('REDIRECT_TO_URL')
  if (sent.redirect_prefix) named.push('REDIRECT_PREFIX')
  const wanted = sent.action ?? named[0]
  if (named.every((each) => each === wanted)) return wanted
  throw invalidInput(`A policy with action ${wanted} has no destination of ${named.join(', ')}`)
}

const nowhere = {
  redirect_pool_id: null,
  redirect_pools_config: [],
  redirect_listener_id: null,
  redirect_url_config: null,
  fixed_response_config: null,
}

function destinationOf(all: Omit<Sent, 'action'> & { readonly action?: string | undefined }) {
  const { action, redirect_pool_id, redirect_url, redirect_prefix } = all
  const status = all.redirect_http_code ?? 302
  switch (action) {
    case 'REDIRECT_TO_POOL':
      return { action, redirect_pool_id: needed('redirect_pool_id', redirect_pool_id) } as const
    case 'REDIRECT_TO_URL': {
      const parts = partsOfUrl(needed('redirect_url', redirect_url), status)
      return { action, redirect_url_config: parts } as const
    }
    case 'REDIRECT_PREFIX': {
      const parts = partsOfPrefix(needed('redirect_prefix', redirect_prefix), status)
      return { action: 'REDIRECT_TO_URL', redirect_url_config: parts } as const
    }
    case 'REJECT':
      return { action: 'FIXED_RESPONSE', fixed_response_config: { status_code: rejected } } as const
    default:
      throw invalidInput(`Only the ELB API can change a policy with action ${action}`)
  }
}

function needed(name: string, value: string | null | undefined): string {
  if (value) return value
  throw invalidInput(`Attribute '${name}' is required`)
}
