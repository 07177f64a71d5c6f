/** Huawei Cloud's forwarding policies as rules of the neutral model. */
import { placeholder } from '../../huawei/elb/l7-policies/placeholders.ts'
import { conditionsOf } from '../../huawei/elb/l7-rules/l7-rules.ts'
import type { L7PolicyRecord, L7RuleRecord, ListenerRecord } from '../../huawei/elb/records.ts'
import { policiesOf, poolsOfPolicy, rulesOf } from '../../huawei/elb/relations.ts'
import type {
  PathCondition,
  RequestCondition,
  RoutingAction,
  RoutingRule,
  WeightedPool,
} from '../../snapshot/routing.ts'
import { stickinessOf } from './stickiness.ts'
import type { HuaweiTranslation } from './translate.ts'

/** A policy without rules is for no request, but that which sends all to another listener. */
export function routingRules(at: HuaweiTranslation, listener: ListenerRecord): RoutingRule[] {
  const policies = policiesOf(at.project, listener)
    .filter(({ admin_state_up }) => admin_state_up)
    .map((policy) => ({ policy, rules: rulesOf(at.project, policy).filter(isOn) }))
    .filter(({ policy, rules }) => rules.length > 0 || policy.action === 'REDIRECT_TO_LISTENER')
  const inOrder = listener.enhance_l7policy_enable
    ? policies.sort((a, b) => compare(advancedOrder(a.policy), advancedOrder(b.policy)))
    : policies.sort((a, b) => compare(order(a.policy, a.rules), order(b.policy, b.rules)))
  return inOrder.map(({ policy, rules }) => ({
    id: policy.id,
    conditions: rules.map(conditionOf),
    action: actionOf(at, listener, policy),
  }))
}

/** Rules that are switched off play no part. */
function isOn({ admin_state_up }: L7RuleRecord): boolean {
  return admin_state_up
}

type Order = readonly (number | string)[]

function compare(a: Order, b: Order): number {
  for (const [index, mine] of a.entries()) {
    const other = b[index] ?? 0
    if (mine !== other) return mine < other ? -1 : 1
  }
  return 0
}

/** A redirection to another listener goes before everything; the rest by priority. */
function advancedOrder({ action, priority, created_at }: L7PolicyRecord): Order {
  return [action === 'REDIRECT_TO_LISTENER' ? 0 : 1, priority, created_at]
}

const pathOrder = { EQUAL_TO: 0, STARTS_WITH: 1, REGEX: 2 } as const

/** Without priorities: policies for a host first, those for names of a domain next; then exact paths, prefixes, patterns; long ones first. */
function order({ action, created_at }: L7PolicyRecord, rules: readonly L7RuleRecord[]): Order {
  const host = rules.find(({ type }) => type === 'HOST_NAME')
  const path = rules.find(({ type }) => type === 'PATH')
  return [
    action === 'REDIRECT_TO_LISTENER' ? 0 : 1,
    hostOrder(host),
    path === undefined ? 3 : pathOrder[path.compare_type],
    -longest(path),
    created_at,
  ]
}

function hostOrder(rule: L7RuleRecord | undefined): number {
  if (rule === undefined) return 2
  return conditionsOf(rule).some(({ value }) => value.startsWith('*')) ? 1 : 0
}

function longest(rule: L7RuleRecord | undefined): number {
  if (rule === undefined) return 0
  return Math.max(...conditionsOf(rule).map(({ value }) => value.length))
}

const pathMatch: Readonly<Record<L7RuleRecord['compare_type'], PathCondition['match']>> = {
  EQUAL_TO: 'exact',
  STARTS_WITH: 'prefix',
  REGEX: 'regex',
}

const namedKinds = { HEADER: 'header', QUERY_STRING: 'query', COOKIE: 'cookie' } as const

function conditionOf(rule: L7RuleRecord): RequestCondition {
  const conditions = conditionsOf(rule)
  const values = conditions.map(({ value }) => value)
  switch (rule.type) {
    case 'HOST_NAME':
      return { kind: 'host', values }
    case 'PATH':
      return { kind: 'path', match: pathMatch[rule.compare_type], values }
    case 'METHOD':
      return { kind: 'method', values }
    case 'SOURCE_IP':
      return { kind: 'source', addresses: values }
    default:
      return { kind: namedKinds[rule.type], name: conditions[0]?.key ?? '', values }
  }
}

function actionOf(
  at: HuaweiTranslation,
  listener: ListenerRecord,
  policy: L7PolicyRecord,
): RoutingAction {
  switch (policy.action) {
    case 'REDIRECT_TO_POOL':
      return {
        kind: 'forward',
        pools: poolsOfPolicy(policy).map((each) => weighted(at, listener, each)),
      }
    case 'REDIRECT_TO_LISTENER':
      return redirectToListener(at, policy)
    case 'REDIRECT_TO_URL':
      return redirectToUrl(policy)
    case 'FIXED_RESPONSE':
      return fixedResponse(policy)
  }
}

function weighted(
  at: HuaweiTranslation,
  listener: ListenerRecord,
  { pool_id, weight }: { readonly pool_id: string; readonly weight: number },
): WeightedPool {
  const pool = at.project.pools.need(pool_id)
  const stickiness = stickinessOf(at, pool)
  return {
    pool: at.poolId(listener, pool),
    weight,
    ...(stickiness === undefined ? {} : { stickiness }),
  }
}

function redirectToListener({ project }: HuaweiTranslation, policy: L7PolicyRecord): RoutingAction {
  const { protocol_port } = project.listeners.need(policy.redirect_listener_id ?? '')
  return {
    kind: 'redirect',
    status: 301,
    protocol: 'https',
    host: placeholder('host'),
    port: String(protocol_port),
    path: placeholder('path'),
    query: placeholder('query'),
  }
}

function redirectToUrl({ redirect_url_config: url }: L7PolicyRecord): RoutingAction {
  if (url === null) throw new Error('a redirection has no URL')
  const { protocol, host, port, path, query, status_code } = url
  const status = Number(status_code) as 301 | 302 | 303 | 307 | 308
  const scheme = protocol === placeholder('protocol') ? protocol : protocol.toLowerCase()
  return { kind: 'redirect', status, protocol: scheme, host, port, path, query }
}

function fixedResponse({ fixed_response_config: response }: L7PolicyRecord): RoutingAction {
  if (response === null) throw new Error('a fixed response has no content')
  const { status_code, content_type, message_body } = response
  return {
    kind: 'answer',
    status: Number(status_code),
    contentType: content_type,
    body: message_body,
  }
}
