/** What Octavia's listeners have, in the words of the ELB API. */
import { defaultsOf } from '../elb/listeners/listeners.ts'
import type { ListenerUpdate as HuaweiUpdate } from '../elb/listeners/schema.ts'
import { isHttp } from '../elb/protocols.ts'
import type { ListenerRecord } from '../elb/records.ts'
import { invalidInput, notForProtocol } from '../wire/errors.ts'
import { commonFields, orDefault } from './fields.ts'
import type { ListenerUpdate } from './listener-schema.ts'

type Base = Pick<ListenerRecord, 'protocol' | 'keepalive_timeout'>

/** Who names the authorities of clients' certificates asks for these: Octavia says it twice. */
export function checkAuthentication(fields: ListenerUpdate, existing: string | null): void {
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
export function asHuawei(fields: ListenerUpdate, listener: Base): Omit<HuaweiUpdate, 'ipgroup'> {
  const { timeout_client_data, sni_container_refs } = fields
  const { protocol } = listener
  const idle = defaultsOf(protocol).keepalive_timeout * 1000
  return {
    ...commonFields(fields),
    default_pool_id: fields.default_pool_id,
    default_tls_container_ref: fields.default_tls_container_ref,
    sni_container_refs: orDefault(sni_container_refs, []),
    client_ca_tls_container_ref: fields.client_ca_tls_container_ref,
    keepalive_timeout: seconds(orDefault(timeout_client_data, idle)),
    ...(isHttp(protocol) ? ofHttp(fields) : ofTcp(fields, listener)),
    ...(protocol === 'HTTPS'
      ? ofHttps(fields)
      : withoutAny(fields, ['TERMINATED_HTTPS'], httpsOnly)),
  }
}

const httpsOnly = ['alpn_protocols'] as const

/** Of HTTP, in milliseconds. */
const maxMemberTimeout = 300_000

function ofHttp({ insert_headers, timeout_member_data }: ListenerUpdate) {
  if ((timeout_member_data ?? 0) > maxMemberTimeout) {
    throw invalidTimeout(timeout_member_data, `With HTTP it is at most ${maxMemberTimeout}.`)
  }
  return {
    insert_headers: insert_headers === undefined ? undefined : headersOf(insert_headers),
    member_timeout: seconds(orDefault(timeout_member_data, 60_000)),
  }
}

/** A connection of TCP is idle as a whole: it has one time for both its sides. */
function ofTcp(fields: ListenerUpdate, { keepalive_timeout }: Base): object {
  const { timeout_member_data, timeout_client_data } = fields
  const idle = timeout_client_data ?? keepalive_timeout * 1000
  if ((timeout_member_data ?? idle) !== idle) {
    throw invalidTimeout(timeout_member_data, `With TCP it is timeout_client_data: ${idle}.`)
  }
  return withoutAny(fields, ['HTTP', 'TERMINATED_HTTPS'], ['insert_headers'])
}

function invalidTimeout(value: number | null | undefined, rule: string): Error {
  return invalidInput(`Invalid input for 'timeout_member_data': ${value}. ${rule}`)
}

function ofHttps({ alpn_protocols }: ListenerUpdate) {
  return {
    http2_enable: alpn_protocols === undefined ? undefined : (alpn_protocols ?? []).includes('h2'),
  }
}

/** What other protocols have may be unset. */
function withoutAny(
  fields: ListenerUpdate,
  protocols: readonly string[],
  names: readonly (keyof ListenerUpdate)[],
): object {
  const sent = names.filter((name) => (fields[name] ?? null) !== null)
  if (sent.length > 0) throw notForProtocol(protocols, 'listeners', sent)
  return {}
}

function headersOf(sent: NonNullable<ListenerUpdate['insert_headers']> | null) {
  return {
    'X-Forwarded-Port': sent?.['X-Forwarded-Port'] ?? false,
    'X-Forwarded-Proto': sent?.['X-Forwarded-Proto'] ?? false,
  }
}

/** Whether members are told clients' addresses; undefined: as before. */
export function forwardedFor({ insert_headers: sent }: ListenerUpdate): boolean | undefined {
  return sent === undefined ? undefined : (sent?.['X-Forwarded-For'] ?? false)
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
