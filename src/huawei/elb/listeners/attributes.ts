/** What the protocol of a listener allows (Huawei's CreateListener: the notes on its attributes). */
import { invalidInput, notForProtocol } from '../../wire/errors.ts'
import { isHttp, isSecure } from '../protocols.ts'
import type { ListenerProtocol } from '../records.ts'
import type { ListenerUpdate } from './schema.ts'

const ofHttp = [
  'client_timeout',
  'member_timeout',
  'enable_member_retry',
  'insert_headers',
  'enhance_l7policy_enable',
] as const

const ofTls = [
  'default_tls_container_ref',
  'client_ca_tls_container_ref',
  'sni_container_refs',
  'tls_ciphers_policy',
  'security_policy_id',
] as const

/** @throws HuaweiError ELB.8901 for attributes that the protocol has not, ELB.8902 for an idle timeout out of its range */
export function checkAttributes(protocol: ListenerProtocol, fields: ListenerUpdate): void {
  const sent = (name: keyof ListenerUpdate) => isSet(fields[name])
  if (!isHttp(protocol) && ofHttp.some(sent)) {
    throw notForProtocol(['HTTP', 'HTTPS'], 'listeners', ofHttp.filter(sent))
  }
  if (!isSecure(protocol) && ofTls.some(sent)) {
    throw notForProtocol(['HTTPS', 'TLS'], 'listeners', ofTls.filter(sent))
  }
  if (protocol !== 'TLS' && sent('proxy_protocol_enable')) {
    throw notForProtocol(['TLS'], 'listeners', ['proxy_protocol_enable'])
  }
  const { keepalive_timeout } = fields
  if (!isHttp(protocol) && keepalive_timeout !== undefined && keepalive_timeout < 10) {
    throw invalidInput(
      `Invalid input for 'keepalive_timeout': ${keepalive_timeout}. With protocol ${protocol} it is 10 to 4000.`,
    )
  }
}

/** Clients that send every attribute send what is not there as null, [] or false. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false
  return !(Array.isArray(value) && value.length === 0)
}
