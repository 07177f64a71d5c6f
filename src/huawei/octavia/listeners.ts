import {
  createListener,
  defaultsOf,
  deleteListenerWithAll,
  updateListener,
} from '../elb/listeners/listeners.ts'
import { listener } from '../elb/nouns.ts'
import { isHttp, isSecure } from '../elb/protocols.ts'
import type { ListenerRecord } from '../elb/records.ts'
import { policiesOf, references } from '../elb/relations.ts'
import { type Change, changed, type Scope } from '../elb/scope.ts'
import { allow, allowedCidrs } from './allowed-cidrs.ts'
import { shown } from './fields.ts'
import { l7Policies } from './l7-policies.ts'
import {
  type ListenerCreation,
  type ListenerUpdate,
  listenerCreation,
  listenerUpdate,
} from './listener-schema.ts'
import { asHuawei, checkAuthentication, forwardedFor } from './listener-terms.ts'
import { pools } from './pools.ts'
import { createResource, type Resource } from './resource.ts'
import { switchStatus } from './statuses.ts'

export const listeners: Resource<ListenerRecord, ListenerCreation, ListenerUpdate> = {
  ...listener,
  creation: listenerCreation,
  update: listenerUpdate,
  view,
  filterBy: [
    'description',
    'protocol',
    'protocol_port',
    'connection_limit',
    'default_pool_id',
    'default_tls_container_ref',
    'client_authentication',
    'loadbalancer_id',
  ],
  create: createWithParts,
  change,
  // Its pool belongs to the load balancer.
  remove: (made, record) => deleteListenerWithAll(made, record, { keepPools: true }),
}

/** With what hangs on it. @throws HuaweiError as createListener, createPool and createL7Policy do */
async function createWithParts(made: Change, fields: ListenerCreation): Promise<ListenerRecord> {
  const { loadbalancer_id, protocol, protocol_port } = fields
  checkAuthentication(fields, null)
  const huaweiProtocol = protocol === 'TERMINATED_HTTPS' ? 'HTTPS' : protocol
  const { keepalive_timeout } = defaultsOf(huaweiProtocol)
  const record = createListener(made, {
    ...asHuawei(fields, { protocol: huaweiProtocol, keepalive_timeout }),
    loadbalancer_id,
    protocol,
    protocol_port,
  })
  const { id } = withOwn(made, { ...record, forwarded_for: false }, fields)
  if (fields.default_pool) {
    await createResource(pools, made, { ...fields.default_pool, listener_id: id })
  }
  for (const policy of fields.l7policies ?? []) {
    await createResource(l7Policies, made, { ...policy, listener_id: id })
  }
  return made.project.listeners.need(id)
}

function change(made: Change, record: ListenerRecord, fields: ListenerUpdate): ListenerRecord {
  checkAuthentication(fields, record.client_ca_tls_container_ref)
  return withOwn(made, updateListener(made, record, asHuawei(fields, record)), fields)
}

/** With what the ELB API has not, or has elsewhere. */
function withOwn(made: Change, record: ListenerRecord, fields: ListenerUpdate): ListenerRecord {
  const forwarded_for = forwardedFor(fields)
  const saved = made.project.listeners.put(changed(record, { forwarded_for }))
  return fields.allowed_cidrs === undefined ? saved : allow(made, saved, fields.allowed_cidrs)
}

function view({ project }: Scope, record: ListenerRecord) {
  const { protocol } = record
  const secure = isSecure(protocol)
  const idle = record.keepalive_timeout * 1000
  return {
    ...shown(record),
    name: record.name,
    description: record.description,
    operating_status: switchStatus(record),
    protocol: protocol === 'HTTPS' ? 'TERMINATED_HTTPS' : protocol,
    protocol_port: record.protocol_port,
    connection_limit: -1,
    loadbalancers: [{ id: record.loadbalancer_id }],
    default_pool_id: record.default_pool_id,
    l7policies: references(policiesOf(project, record)),
    default_tls_container_ref: record.default_tls_container_ref,
    sni_container_refs: record.sni_container_refs,
    insert_headers: isHttp(protocol) ? insertedHeaders(record) : {},
    timeout_client_data: idle,
    timeout_member_connect: 5000,
    timeout_member_data: isHttp(protocol) ? record.member_timeout * 1000 : idle,
    timeout_tcp_inspect: 0,
    client_ca_tls_container_ref: record.client_ca_tls_container_ref,
    client_authentication: record.client_ca_tls_container_ref === null ? 'NONE' : 'MANDATORY',
    client_crl_container_ref: null,
    allowed_cidrs: allowedCidrs(project, record),
    tls_ciphers: null,
    tls_versions: [],
    hsts_max_age: null,
    hsts_include_subdomains: false,
    hsts_preload: false,
    alpn_protocols: protocol === 'HTTPS' ? alpn(record) : secure ? [] : null,
  }
}

function insertedHeaders({
  insert_headers,
  forwarded_for = true,
}: ListenerRecord): Record<string, string> {
  const added = (['X-Forwarded-Port', 'X-Forwarded-Proto'] as const).filter(
    (name) => insert_headers[name],
  )
  return Object.fromEntries(
    [...(forwarded_for ? ['X-Forwarded-For'] : []), ...added].map((name) => [name, 'true']),
  )
}

function alpn({ http2_enable }: ListenerRecord): string[] {
  return http2_enable ? ['h2', 'http/1.1'] : ['http/1.1']
}
