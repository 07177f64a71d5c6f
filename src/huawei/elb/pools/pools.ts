import { conflict, invalidInput } from '../../wire/errors.ts'
import { fieldsOf, unprotected } from '../fields.ts'
import { deleteL7Policy } from '../l7-policies/l7-policies.ts'
import { checkPoolProtocol, isHttp } from '../protocols.ts'
import { checkQuota } from '../quotas/quotas.ts'
import type { ListenerRecord, PoolRecord } from '../records.ts'
import { membersOf, monitorOf, policiesTo } from '../relations.ts'
import { type Change, changed, type Fields, newResource, timestamp } from '../scope.ts'
import { type PoolCreation, type PoolFields, type PoolUpdate, poolFields } from './schema.ts'
import { sessionPersistenceOf } from './session-persistence.ts'

const defaults: Omit<PoolFields, 'lb_algorithm'> = {
  name: '',
  description: '',
  admin_state_up: true,
  session_persistence: null,
  slow_start: null,
  connection_drain: null,
  member_deletion_protection_enable: false,
  vpc_id: '',
  type: '',
  ...unprotected,
}

/**
 * A pool for a listener becomes the one that it sends requests to.
 * @throws HuaweiError ELB.8901, ELB.8902, ELB.8904, ELB.8905; ELB.8907 when the listener has a pool
 */
export function createPool(change: Change, fields: PoolCreation): PoolRecord {
  const { project, ports } = change
  const { listener_id, loadbalancer_id, protocol, lb_algorithm } = fields
  if (
    typeof listener_id !== 'string' &&
    typeof loadbalancer_id !== 'string' &&
    fields.type === undefined
  ) {
    throw invalidInput("One of 'listener_id', 'loadbalancer_id' and 'type' is required")
  }
  checkQuota(ports.quotas, 'pool', project.pools.all().length)
  const listener = typeof listener_id === 'string' ? project.listeners.need(listener_id) : undefined
  if (typeof loadbalancer_id === 'string') project.loadBalancers.need(loadbalancer_id)
  const owner = loadBalancerOf(listener, loadbalancer_id ?? null)
  const base: PoolRecord = {
    ...defaults,
    lb_algorithm,
    ...newResource(change),
    protocol,
    ip_version: fields.ip_version ?? 'dualstack',
    loadbalancer_id: owner,
    draining: [],
  }
  const pool = save(change, base, fieldsOf(poolFields, fields) as PoolUpdate)
  if (listener !== undefined) attach(change, listener, pool)
  return pool
}

function loadBalancerOf(
  listener: ListenerRecord | undefined,
  wanted: string | null,
): string | null {
  if (listener === undefined || wanted === null) return listener?.loadbalancer_id ?? wanted
  if (listener.loadbalancer_id === wanted) return wanted
  throw conflict(`Listener ${listener.id} belongs to load balancer ${listener.loadbalancer_id}`)
}

function attach({ project }: Change, listener: ListenerRecord, pool: PoolRecord): void {
  checkPoolProtocol(listener.protocol, pool)
  if (listener.default_pool_id !== null) {
    throw conflict(`Listener ${listener.id} already has pool ${listener.default_pool_id}`)
  }
  project.listeners.put({ ...listener, default_pool_id: pool.id })
}

export function updatePool(change: Change, record: PoolRecord, fields: PoolUpdate): PoolRecord {
  if (record.type !== '' && fields.type !== undefined && fields.type !== record.type) {
    throw invalidInput("'type' cannot be changed once it is set")
  }
  return save(change, { ...record, updated_at: timestamp(change.now) }, fields)
}

function save({ project }: Change, base: PoolRecord, fields: PoolUpdate): PoolRecord {
  const { session_persistence, slow_start, connection_drain, ...plain } = fields
  const record = {
    ...changed(base, plain),
    slow_start: merged(usualSlowStart, base.slow_start, slow_start),
    connection_drain: merged(usualDrain, base.connection_drain, connection_drain),
    session_persistence:
      session_persistence === undefined
        ? base.session_persistence
        : sessionPersistenceOf(base, session_persistence),
  }
  checkTogether(record)
  return project.pools.put(record)
}

const usualSlowStart = { enable: false, duration: 30 }
const usualDrain = { enable: false, timeout: 300 }

/** A part that was sent stays beside what there is; null takes all away. */
function merged<Part extends object>(
  usual: Part,
  existing: Part | null,
  sent: Fields<Part> | null | undefined,
): Part | null {
  if (sent === undefined) return existing
  return sent === null ? null : changed(existing ?? usual, sent as Fields<NoInfer<Part>>)
}

/** "Stickiness and slow start" of the user guide: which go together. */
function checkTogether(pool: PoolRecord): void {
  const http = isHttp(pool.protocol)
  if (pool.slow_start?.enable && !(http && pool.lb_algorithm === 'ROUND_ROBIN')) {
    throw invalidInput("'slow_start' needs protocol HTTP or HTTPS and lb_algorithm ROUND_ROBIN")
  }
  if (pool.session_persistence === null) return
  if (http && pool.lb_algorithm === 'SOURCE_IP') {
    throw invalidInput("'session_persistence' does not go with lb_algorithm SOURCE_IP")
  }
}

/** @throws HuaweiError ELB.8907 while it has members or a health monitor, or it is protected */
export function deletePool({ project }: Change, record: PoolRecord): void {
  checkDeletable(record)
  const [member] = membersOf(project, record)
  if (member !== undefined) throw conflict(`Pool ${record.id} still has member ${member.id}`)
  const monitor = monitorOf(project, record)
  if (monitor !== undefined) {
    throw conflict(`Pool ${record.id} still has health monitor ${monitor.id}`)
  }
  const [policy] = policiesTo(project, record)
  if (policy !== undefined) {
    throw conflict(`Pool ${record.id} is used by forwarding policy ${policy.id}`)
  }
  forget(project, record)
}

/** Deletes the pool with its members, its health monitor, and the forwarding policies that send requests to it. */
export function deletePoolWithAll(change: Change, record: PoolRecord): void {
  const { project } = change
  checkDeletable(record)
  for (const policy of policiesTo(project, record)) deleteL7Policy(change, policy)
  for (const { id } of membersOf(project, record)) project.members.delete(id)
  const monitor = monitorOf(project, record)
  if (monitor !== undefined) project.healthMonitors.delete(monitor.id)
  forget(project, record)
}

function checkDeletable({ id, protection_status, member_deletion_protection_enable }: PoolRecord) {
  if (protection_status === 'consoleProtection') {
    throw conflict(`Pool ${id} is protected: protection_status is consoleProtection`)
  }
  if (member_deletion_protection_enable) {
    throw conflict(`Pool ${id} is protected: member_deletion_protection_enable is true`)
  }
}

function forget(project: Change['project'], { id }: PoolRecord): void {
  for (const listener of project.listeners.where(({ default_pool_id }) => default_pool_id === id)) {
    project.listeners.put({ ...listener, default_pool_id: null })
  }
  project.pools.delete(id)
}
