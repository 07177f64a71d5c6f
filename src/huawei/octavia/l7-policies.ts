import { z } from 'zod'
import { reference } from '../elb/fields.ts'
import { createL7Policy, deleteL7Policy, updateL7Policy } from '../elb/l7-policies/l7-policies.ts'
import { updateListener } from '../elb/listeners/listeners.ts'
import { l7Policy } from '../elb/nouns.ts'
import { isHttp } from '../elb/protocols.ts'
import type { L7PolicyRecord, ListenerRecord } from '../elb/records.ts'
import { policiesOf, references, rulesOf } from '../elb/relations.ts'
import type { Change, Scope } from '../elb/scope.ts'
import { conflict, invalidInput } from '../wire/errors.ts'
import { actionFields, actions, actionView } from './actions.ts'
import { commonFields, described, owner, shown } from './fields.ts'
import { l7RulePart, l7Rules } from './l7-rules.ts'
import { poolPart, pools } from './pools.ts'
import { arrange, closeGap } from './positions.ts'
import { redirectPrefix, redirectUrl } from './redirects.ts'
import { createResource, type Resource } from './resource.ts'
import { switchStatus } from './statuses.ts'

const update = z.strictObject({
  ...described,
  action: z.enum(actions).optional(),
  redirect_pool_id: reference.nullish(),
  redirect_url: redirectUrl.nullish(),
  redirect_prefix: redirectPrefix.nullish(),
  redirect_http_code: z.literal([301, 302, 303, 307, 308]).nullish(),
  position: z.number().int().min(1).max(2_147_483_647).nullish(),
})

const creation = update.extend({
  ...owner,
  listener_id: reference,
  action: z.enum(actions),
  redirect_pool: poolPart.nullish(),
  rules: z.array(l7RulePart).optional(),
})

/** A policy of a listener that is made with it. */
export const l7PolicyPart = creation.omit({ listener_id: true })

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export const l7Policies: Resource<L7PolicyRecord, Creation, Update> = {
  ...l7Policy,
  creation,
  update,
  view,
  filterBy: [
    'description',
    'action',
    'listener_id',
    'redirect_pool_id',
    'redirect_url',
    'redirect_prefix',
    'redirect_http_code',
    'position',
  ],
  create: createWithParts,
  change,
  remove: (made, record) => {
    deleteL7Policy(made, record)
    closeGap(made, record.listener_id)
  },
}

const last = Number.MAX_SAFE_INTEGER

/** With what hangs on it. @throws HuaweiError as createL7Policy and createL7Rule do */
async function createWithParts(made: Change, fields: Creation): Promise<L7PolicyRecord> {
  const listener = made.project.listeners.need(fields.listener_id)
  needPriorities(made, listener)
  const { loadbalancer_id } = listener
  const pool = fields.redirect_pool
    ? await createResource(pools, made, { ...fields.redirect_pool, loadbalancer_id })
    : undefined
  const does = actionFields({ ...fields, redirect_pool_id: pool?.id ?? fields.redirect_pool_id })
  if (does === undefined) throw invalidInput("Attribute 'action' is required")
  const { id } = createL7Policy(made, {
    ...commonFields(fields),
    ...does,
    listener_id: listener.id,
  })
  for (const rule of fields.rules ?? []) {
    await createResource(l7Rules, made, rule, { l7policy_id: id })
  }
  arrange(made, listener.id, { id, position: fields.position ?? last })
  return made.project.l7Policies.need(id)
}

/** Octavia's policies have an order of their own, which a listener keeps to only with `enhance_l7policy_enable` of the ELB API. */
function needPriorities(made: Change, listener: ListenerRecord): void {
  if (listener.enhance_l7policy_enable || !isHttp(listener.protocol)) return
  const [other] = policiesOf(made.project, listener)
  if (other === undefined) {
    updateListener(made, listener, { enhance_l7policy_enable: true })
    return
  }
  throw conflict(
    `Listener ${listener.id} has policy ${other.id}, which has no position: enable enhance_l7policy_enable by the ELB API first`,
  )
}

function change(made: Change, record: L7PolicyRecord, fields: Update): L7PolicyRecord {
  const { id, listener_id } = record
  const { position } = fields
  if (position !== undefined) needPriorities(made, made.project.listeners.need(listener_id))
  const does = actionFields(fields, record)
  const base = does === undefined ? record : { ...record, action: does.action }
  updateL7Policy(made, base, { ...commonFields(fields), ...does })
  if (position !== undefined) arrange(made, listener_id, { id, position: position ?? last })
  else if (does !== undefined) arrange(made, listener_id)
  return made.project.l7Policies.need(id)
}

function view({ project }: Scope, record: L7PolicyRecord) {
  return {
    ...shown(record),
    name: record.name,
    description: record.description,
    operating_status: switchStatus(record),
    listener_id: record.listener_id,
    ...actionView(record),
    position: record.position,
    rules: references(rulesOf(project, record)),
  }
}
