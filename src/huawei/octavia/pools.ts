import { z } from 'zod'
import { reference } from '../elb/fields.ts'
import { pool } from '../elb/nouns.ts'
import { createPool, deletePoolWithAll, updatePool } from '../elb/pools/pools.ts'
import type { PoolUpdate as HuaweiUpdate } from '../elb/pools/schema.ts'
import { isHttp, isSecure } from '../elb/protocols.ts'
import type { PoolProtocol, PoolRecord } from '../elb/records.ts'
import {
  loadBalancersOf,
  membersOf,
  monitorOf,
  policiesTo,
  references,
  usersOf,
} from '../elb/relations.ts'
import type { Change, Scope } from '../elb/scope.ts'
import { conflict, invalidInput } from '../wire/errors.ts'
import { commonFields, described, owner, shown, unsupported, unsupportedList } from './fields.ts'
import { healthMonitorPart, healthMonitors } from './health-monitors.ts'
import { memberPart, members } from './members.ts'
import { createResource, type Resource } from './resource.ts'
import { poolStatus } from './statuses.ts'

const sessionPersistence = z.strictObject({
  type: z.enum(['SOURCE_IP', 'HTTP_COOKIE', 'APP_COOKIE']),
  cookie_name: z.string().min(1).nullish(),
  persistence_timeout: unsupported,
  persistence_granularity: unsupported,
})

const update = z.strictObject({
  ...described,
  lb_algorithm: z.enum(['ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP']).optional(),
  session_persistence: sessionPersistence.nullish(),
  tls_enabled: z.boolean().nullish(),
  tls_container_ref: unsupported,
  ca_tls_container_ref: unsupported,
  crl_container_ref: unsupported,
  tls_ciphers: unsupported,
  tls_versions: unsupportedList,
  alpn_protocols: unsupportedList,
})

const creation = update.extend({
  ...owner,
  protocol: z.enum(['HTTP', 'TCP'], 'It is HTTP or TCP; HTTP with tls_enabled is HTTPS to members'),
  lb_algorithm: update.shape.lb_algorithm.unwrap(),
  listener_id: reference.nullish(),
  loadbalancer_id: reference.nullish(),
  members: z.array(memberPart).optional(),
  healthmonitor: healthMonitorPart.nullish(),
})

/** The pool of a listener or load balancer that is made with it. */
export const poolPart = creation.omit({ listener_id: true, loadbalancer_id: true })

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export const pools: Resource<PoolRecord, Creation, Update> = {
  ...pool,
  creation,
  update,
  view,
  filterBy: [
    'description',
    'protocol',
    'lb_algorithm',
    'healthmonitor_id',
    'loadbalancer_id',
    'listener_id',
  ],
  create: createWithParts,
  change,
  remove,
}

/** What members speak, by what the pool speaks; Octavia has TLS beside the protocol. */
const encrypted: Readonly<Record<Creation['protocol'], PoolProtocol>> = {
  HTTP: 'HTTPS',
  TCP: 'TLS',
}

/** With what hangs on it. @throws HuaweiError as createPool, createMember and createHealthMonitor do */
async function createWithParts(made: Change, fields: Creation): Promise<PoolRecord> {
  const { protocol, tls_enabled, lb_algorithm, listener_id, loadbalancer_id } = fields
  if (typeof listener_id !== 'string' && typeof loadbalancer_id !== 'string') {
    throw invalidInput("One of 'listener_id' and 'loadbalancer_id' is required")
  }
  const pool = createPool(made, {
    ...asHuawei(fields),
    protocol: tls_enabled ? encrypted[protocol] : protocol,
    lb_algorithm,
    listener_id,
    loadbalancer_id,
  })
  for (const member of fields.members ?? []) {
    await createResource(members, made, member, { pool_id: pool.id })
  }
  if (fields.healthmonitor) {
    await createResource(healthMonitors, made, { ...fields.healthmonitor, pool_id: pool.id })
  }
  return pool
}

function change(made: Change, record: PoolRecord, fields: Update): PoolRecord {
  const { tls_enabled } = fields
  if (typeof tls_enabled === 'boolean' && tls_enabled !== isSecure(record.protocol)) {
    throw invalidInput("'tls_enabled' cannot be changed: make another pool")
  }
  return updatePool(made, record, asHuawei(fields))
}

function asHuawei(fields: Update): HuaweiUpdate {
  const { session_persistence } = fields
  return {
    ...commonFields(fields),
    lb_algorithm: fields.lb_algorithm,
    session_persistence: session_persistence && {
      type: session_persistence.type,
      cookie_name: session_persistence.cookie_name ?? undefined,
    },
  }
}

/** Its members and its health monitor go with it; what forwards requests to it has to go before. */
function remove(made: Change, record: PoolRecord): void {
  const [policy] = policiesTo(made.project, record)
  if (policy !== undefined) {
    throw conflict(`Pool ${record.id} is used by forwarding policy ${policy.id}`)
  }
  deletePoolWithAll(made, record)
}

function view(scope: Scope, record: PoolRecord) {
  const { project } = scope
  const { session_persistence } = record
  return {
    ...shown(record),
    name: record.name,
    description: record.description,
    operating_status: poolStatus(scope, record),
    protocol: isHttp(record.protocol) ? 'HTTP' : 'TCP',
    lb_algorithm: record.lb_algorithm,
    session_persistence: session_persistence && {
      type: session_persistence.type,
      cookie_name: session_persistence.cookie_name || null,
      persistence_timeout: null,
      persistence_granularity: null,
    },
    loadbalancers: loadBalancersOf(project, record).map((id) => ({ id })),
    listeners: references(usersOf(project, record)),
    members: references(membersOf(project, record)),
    healthmonitor_id: monitorOf(project, record)?.id ?? null,
    tls_enabled: isSecure(record.protocol),
    tls_container_ref: null,
    ca_tls_container_ref: null,
    crl_container_ref: null,
    tls_ciphers: null,
    tls_versions: [],
    alpn_protocols: [],
  }
}
