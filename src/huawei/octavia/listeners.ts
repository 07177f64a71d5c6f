import { z } from 'zod'
import { port, reference } from '../elb/fields.ts'
import {
  createListener,
  defaultsOf,
  deleteListenerWithAll,
  updateListener,
} from '../elb/listeners/listeners.ts'
import type { ListenerUpdate as HuaweiUpdate } from '../elb/listeners/schema.ts'
import { listener } from '../elb/nouns.ts'
import { isHttp, isSecure } from '../elb/protocols.ts'
import type { ListenerProtocol, ListenerRecord } from '../elb/records.ts'
import { policiesOf, references } from '../elb/relations.ts'
import type { Change, Scope } from '../elb/scope.ts'
import { invalidInput, notForProtocol } from '../wire/errors.ts'
import {
  commonFields,
  described,
  milliseconds,
  orDefault,
  owner,
  shown,
  unsupported,
  unsupportedList,
} from './fields.ts'
import { l7Policies, l7PolicyPart } from './l7-policies.ts'
import { poolPart, pools } from './pools.ts'
import { createResource, type Resource } from './resource.ts'
import { switchStatus } from './statuses.ts'

/** Octavia's clients send them as texts. */
const flag = z
  .enum(['true', 'false', 'True', 'False'])
  .transform((text) => /^t/i.test(text))
  .or(z.boolean())

const alwaysAdded = z.literal(['true', 'True', true], 'It is always added: it can only be true')

const update = z.strictObject({
  ...described,
  connection_limit: z.literal([-1, '-1'], 'There is no limit: it can only be -1').nullish(),
  default_pool_id: reference.nullish(),
  default_tls_container_ref: reference.nullish(),
  sni_container_refs: z.array(reference).max(50).nullish(),
  insert_headers: z
    .strictObject({
      'X-Forwarded-For': alwaysAdded.optional(),
      'X-Forwarded-Port': flag.optional(),
      'X-Forwarded-Proto': flag.optional(),
    })
    .nullish(),
  /** How long a connection may be idle. */
  timeout_client_data: milliseconds(0, 4000),
  timeout_member_connect: z.literal(5000, 'It can only be 5000').nullish(),
  /** How long a member may take to answer. */
  timeout_member_data: milliseconds(1, 300),
  timeout_tcp_inspect: z.literal(0, 'It can only be 0').nullish(),
  client_ca_tls_container_ref: reference.nullish(),
  client_authentication: z.enum(['NONE', 'MANDATORY'], 'It is NONE or MANDATORY').nullish(),
  client_crl_container_ref: unsupported,
  allowed_cidrs: unsupportedList,
  tls_ciphers: unsupported,
  tls_versions: unsupportedList,
  alpn_protocols: z.array(z.enum(['h2', 'http/1.1', 'http/1.0'])).nullish(),
})

const creation = update.extend({
  ...owner,
  loadbalancer_id: reference,
  protocol: z.enum(
    ['HTTP', 'TCP', 'TERMINATED_HTTPS'],
    'It is HTTP, TCP or TERMINATED_HTTPS; TCP passes TLS through, as HTTPS would',
  ),
  protocol_port: port,
  default_pool: poolPart.nullish(),
  l7policies: z.array(l7PolicyPart).optional(),
})

/** A listener of a load balancer that is made with it. */
export const listenerPart = creation.omit({ loadbalancer_id: true })

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export const listeners: Resource<ListenerRecord, Creation, Update> = {
  ...listener,
  creation,
  update,
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
async function createWithParts(made: Change, fields: Creation): Promise<ListenerRecord> {
  const { loadbalancer_id, protocol, protocol_port } = fields
  checkAuthentication(fields, null)
  const { id } = createListener(made, {
    ...asHuawei(fields, protocol === 'TERMINATED_HTTPS' ? 'HTTPS' : protocol),
    loadbalancer_id,
    protocol,
    protocol_port,
  })
  if (fields.default_pool)
    await createResource(pools, made, { ...fields.default_pool, listener_id: id })
  for (const policy of fields.l7policies ?? []) {
    await createResource(l7Policies, made, { ...policy, listener_id: id })
  }
  return made.project.listeners.need(id)
}

function change(made: Change, record: ListenerRecord, fields: Update): ListenerRecord {
  checkAuthentication(fields, record.client_ca_tls_container_ref)
  return updateListener(made, record, asHuawei(fields, record.protocol))
}

/** Who names the authorities of clients' certificates asks for these: Octavia says it twice. */
function checkAuthentication(fields: Update, existing: string | null): void {
  const { client_ca_tls_container_ref: sent, client_authentication } = fields
  const authorities = sent === undefined ? existing : sent
  const stays = existing !== null && authorities !== null && client_authentication === undefined
  const asked = client_authentication ?? (stays ? 'MANDATORY' : 'NONE')
  if ((asked === 'MANDATORY') === (authorities !== null)) return
  throw invalidInput(
    "'client_authentication' MANDATORY and 'client_ca_tls_container_ref' are there together, or neither",
  )
}

/** @throws HuaweiError ELB.8901 for what the protocol has not */
function asHuawei(fields: Update, protocol: ListenerProtocol): Omit<HuaweiUpdate, 'ipgroup'> {
  const { timeout_client_data, sni_container_refs } = fields
  const idle = defaultsOf(protocol).keepalive_timeout * 1000
  return {
    ...commonFields(fields),
    default_pool_id: fields.default_pool_id,
    default_tls_container_ref: fields.default_tls_container_ref,
    sni_container_refs: orDefault(sni_container_refs, []),
    client_ca_tls_container_ref: fields.client_ca_tls_container_ref,
    keepalive_timeout: seconds(orDefault(timeout_client_data, idle)),
    ...(isHttp(protocol)
      ? ofHttp(fields)
      : withoutAny(fields, ['HTTP', 'TERMINATED_HTTPS'], httpOnly)),
    ...(protocol === 'HTTPS'
      ? ofHttps(fields)
      : withoutAny(fields, ['TERMINATED_HTTPS'], httpsOnly)),
  }
}

const httpOnly = ['insert_headers', 'timeout_member_data'] as const
const httpsOnly = ['alpn_protocols'] as const

function ofHttp({ insert_headers, timeout_member_data }: Update) {
  return {
    insert_headers: insert_headers === undefined ? undefined : headersOf(insert_headers),
    member_timeout: seconds(orDefault(timeout_member_data, 60_000)),
  }
}

function ofHttps({ alpn_protocols }: Update) {
  return {
    http2_enable: alpn_protocols === undefined ? undefined : (alpn_protocols ?? []).includes('h2'),
  }
}

/** What other protocols have may be unset. */
function withoutAny(
  fields: Update,
  protocols: readonly string[],
  names: readonly (keyof Update)[],
): object {
  const sent = names.filter((name) => (fields[name] ?? null) !== null)
  if (sent.length > 0) throw notForProtocol(protocols, 'listeners', sent)
  return {}
}

function headersOf(sent: NonNullable<Update['insert_headers']> | null) {
  return {
    'X-Forwarded-Port': sent?.['X-Forwarded-Port'] ?? false,
    'X-Forwarded-Proto': sent?.['X-Forwarded-Proto'] ?? false,
  }
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
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
    allowed_cidrs: null,
    tls_ciphers: null,
    tls_versions: [],
    alpn_protocols: protocol === 'HTTPS' ? alpn(record) : secure ? [] : null,
  }
}

function insertedHeaders({ insert_headers }: ListenerRecord): Record<string, string> {
  const added = (['X-Forwarded-Port', 'X-Forwarded-Proto'] as const).filter(
    (name) => insert_headers[name],
  )
  return Object.fromEntries(['X-Forwarded-For', ...added].map((name) => [name, 'true']))
}

function alpn({ http2_enable }: ListenerRecord): string[] {
  return http2_enable ? ['h2', 'http/1.1'] : ['http/1.1']
}
