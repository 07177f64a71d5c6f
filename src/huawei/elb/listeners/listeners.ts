import { conflict, invalidInput } from '../../wire/errors.ts'
import { fieldsOf, unprotected } from '../fields.ts'
import { ownIpGroupOf } from '../ip-groups/ip-groups.ts'
import { deleteL7Policy } from '../l7-policies/l7-policies.ts'
import { deletePoolWithAll } from '../pools/pools.ts'
import { checkUsable } from '../pools/usable.ts'
import type { Project } from '../project.ts'
import { isHttp } from '../protocols.ts'
import { checkQuota } from '../quotas/quotas.ts'
import type { ListenerProtocol, ListenerRecord } from '../records.ts'
import { listenersOf, membersOf, usersOf } from '../relations.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import { checkAttributes } from './attributes.ts'
import { checkCertificates } from './certificates.ts'
import {
  type InsertHeaders,
  type ListenerCreation,
  type ListenerFields,
  type ListenerUpdate,
  listenerFields,
} from './schema.ts'

const defaultHeaders: InsertHeaders = {
  'X-Forwarded-ELB-IP': false,
  'X-Forwarded-Port': false,
  'X-Forwarded-For-Port': false,
  'X-Forwarded-Host': true,
  'X-Forwarded-Proto': false,
  'X-Real-IP': false,
  'X-Forwarded-ELB-ID': false,
  'X-Forwarded-TLS-Certificate-ID': false,
  'X-Forwarded-TLS-Protocol': false,
  'X-Forwarded-TLS-Cipher': false,
  'X-Forwarded-Clientcert': false,
  'X-Forwarded-Clientcert-subjectdn': false,
  'X-Forwarded-Clientcert-issuerdn': false,
  'X-Forwarded-Clientcert-fingerprint': false,
  'X-Forwarded-Clientcert-clientverify': false,
  'X-Forwarded-Clientcert-serialnumber': false,
  'X-Forwarded-Clientcert-ciphers': false,
  'X-Forwarded-Clientcert-end': false,
}

/** Huawei's default was tls-1-0 when the page was written, and is tls-1-2 now, which is the least that TLS asks for (RFC 8996). */
const defaultPolicy = 'tls-1-2'

export function defaultsOf(protocol: ListenerProtocol): ListenerFields {
  return {
    name: '',
    description: '',
    admin_state_up: true,
    default_pool_id: null,
    default_tls_container_ref: null,
    client_ca_tls_container_ref: null,
    sni_container_refs: [],
    sni_match_algo: 'wildcard',
    http2_enable: false,
    insert_headers: defaultHeaders,
    tls_ciphers_policy: defaultPolicy,
    security_policy_id: null,
    enable_member_retry: true,
    keepalive_timeout: isHttp(protocol) ? 60 : 300,
    client_timeout: 60,
    member_timeout: 60,
    ipgroup: null,
    transparent_client_ip_enable: true,
    enhance_l7policy_enable: false,
    proxy_protocol_enable: false,
    ...unprotected,
  }
}

/** @throws HuaweiError ELB.8901, ELB.8902, ELB.8904 for what it names, ELB.8905, ELB.8907 for a port or pool in use */
export function createListener(change: Change, fields: ListenerCreation): ListenerRecord {
  const { project, ports } = change
  const { loadbalancer_id, protocol: name, protocol_port, tags, ...given } = fields
  project.loadBalancers.need(loadbalancer_id)
  checkQuota(ports.quotas, 'listener', project.listeners.all().length)
  // Shared load balancers call it by that name.
  const protocol = name === 'TERMINATED_HTTPS' ? 'HTTPS' : name
  checkPortFree(change, loadbalancer_id, protocol_port)
  checkAttributes(protocol, given)
  const place = { loadbalancer_id, protocol, protocol_port, tags: tags ?? [] }
  const base = { ...defaultsOf(protocol), ...newResource(change), ...place }
  return save(change, base, given)
}

/** TCP, TLS, HTTP and HTTPS share one space of ports. */
function checkPortFree({ project }: Change, loadBalancerId: string, port: number): void {
  const other = listenersOf(project, { id: loadBalancerId }).find(
    ({ protocol_port }) => protocol_port === port,
  )
  if (other === undefined) return
  throw conflict(
    `Load balancer ${loadBalancerId} already has listener ${other.id} with protocol_port ${port}`,
  )
}

export function updateListener(
  change: Change,
  record: ListenerRecord,
  fields: ListenerUpdate,
): ListenerRecord {
  checkAttributes(record.protocol, fields)
  if (record.enhance_l7policy_enable && fields.enhance_l7policy_enable === false) {
    throw invalidInput("'enhance_l7policy_enable' cannot be disabled once it is enabled")
  }
  return save(change, { ...record, updated_at: timestamp(change.now) }, fields)
}

/** The record with the fields that were sent, if all that it then names is there and fits. */
function save(change: Change, base: ListenerRecord, fields: ListenerUpdate): ListenerRecord {
  const { insert_headers, ipgroup, ...plain } = fields
  const record = {
    ...changed(base, fieldsOf(listenerFields, plain)),
    ...(insert_headers === undefined
      ? {}
      : { insert_headers: changed(defaultHeaders, insert_headers) }),
    ...(ipgroup === undefined ? {} : { ipgroup: ipGroupOf(base, ipgroup) }),
  }
  checkReferences(change, record)
  return change.project.listeners.put(record)
}

/** A part of it may be sent, if there is one already; null takes it away. */
function ipGroupOf(
  { ipgroup: existing }: ListenerRecord,
  sent: NonNullable<ListenerUpdate['ipgroup']> | null,
): ListenerFields['ipgroup'] {
  if (sent === null) return null
  const ipgroup_id = sent.ipgroup_id ?? existing?.ipgroup_id
  if (ipgroup_id === undefined) throw invalidInput("Attribute 'ipgroup.ipgroup_id' is required")
  return {
    ipgroup_id,
    enable_ipgroup: sent.enable_ipgroup ?? existing?.enable_ipgroup ?? true,
    type: sent.type ?? existing?.type ?? 'white',
  }
}

function checkReferences(change: Change, record: ListenerRecord): void {
  const { project } = change
  checkCertificates(change, record)
  if (record.ipgroup !== null) project.ipGroups.need(record.ipgroup.ipgroup_id)
  if (record.security_policy_id !== null) project.securityPolicies.need(record.security_policy_id)
  if (record.default_pool_id === null) return
  checkUsable(project, record, project.pools.need(record.default_pool_id))
}

/** @throws HuaweiError ELB.8907 while its pool has members, or it is protected */
export function deleteListener({ project }: Change, record: ListenerRecord): void {
  checkDeletable(record)
  const members = membersOf(project, { id: record.default_pool_id ?? '' })
  if (members.length > 0) {
    throw conflict(
      `Listener ${record.id} still has pool ${record.default_pool_id}, which has members`,
    )
  }
  const [policy] = project.l7Policies.where(
    (each) => each.listener_id === record.id || each.redirect_listener_id === record.id,
  )
  if (policy !== undefined) {
    throw conflict(`Listener ${record.id} still has forwarding policy ${policy.id}`)
  }
  forget(project, record)
}

/** Deletes the listener with the pool that it sends requests to, and that pool's members. */
export function deleteListenerWithAll(
  change: Change,
  record: ListenerRecord,
  { keepPools }: { readonly keepPools: boolean },
): void {
  const { project } = change
  checkDeletable(record)
  const policies = project.l7Policies.where(
    (each) => each.listener_id === record.id || each.redirect_listener_id === record.id,
  )
  for (const policy of policies) deleteL7Policy(change, policy)
  forget(project, record)
  const pool = project.pools.find(record.default_pool_id ?? '')
  if (pool === undefined || keepPools || usersOf(project, pool).length > 0) return
  deletePoolWithAll(change, pool)
}

function forget(project: Project, record: ListenerRecord): void {
  const ownGroup = ownIpGroupOf(project, record)
  if (ownGroup !== undefined) project.ipGroups.delete(ownGroup.id)
  project.listeners.delete(record.id)
}

function checkDeletable({ id, protection_status }: ListenerRecord): void {
  if (protection_status === 'consoleProtection') {
    throw conflict(`Listener ${id} is protected: protection_status is consoleProtection`)
  }
}
