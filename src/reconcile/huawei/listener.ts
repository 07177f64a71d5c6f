import type { InsertHeaders } from '../../huawei/elb/listeners/schema.ts'
import { isHttp } from '../../huawei/elb/protocols.ts'
import {
  type CertificateRecord,
  type ListenerRecord,
  listenerIdentity,
} from '../../huawei/elb/records.ts'
import type { ForwardedField, Forwarding, RequestFact } from '../../snapshot/forwarding.ts'
import type {
  AccessList,
  ErrorAnswers,
  HttpListener,
  Listener,
  ListenerTls,
  TlsPolicy,
} from '../../snapshot/snapshot.ts'
import { systemTlsPolicies } from '../../snapshot/tls-policies.ts'
import { routingRules } from './rules.ts'
import { stickinessOf } from './stickiness.ts'
import type { HuaweiTranslation } from './translate.ts'

/** Huawei's FAQ on status codes (elb_faq_0087), and the header field `x-router-code`. */
const errors: ErrorAnswers = {
  refused: 502,
  lost: 502,
  headersTooLarge: 400,
  unknownCoding: 501,
  routerCode: true,
}

export function neutralListener(at: HuaweiTranslation, listener: ListenerRecord): Listener {
  const { protocol, protocol_port, keepalive_timeout } = listener
  const tls = tlsOf(at, listener)
  const access = accessOf(at, listener)
  const base = {
    id: listenerIdentity(listener),
    port: protocol_port,
    pool: at.poolId(listener, at.poolOf(listener)),
    idleTimeout: keepalive_timeout * 1000,
    ...(tls === undefined ? {} : { tls }),
    ...(access === undefined ? {} : { access }),
  }
  return isHttp(protocol) ? { ...base, ...httpOf(at, listener) } : { ...base, protocol: 'tcp' }
}

function httpOf(
  at: HuaweiTranslation,
  listener: ListenerRecord,
): Omit<HttpListener, 'id' | 'port' | 'pool' | 'tls' | 'access'> {
  const { keepalive_timeout, client_timeout, member_timeout, http2_enable } = listener
  const pool = at.poolOf(listener)
  const stickiness = pool === undefined ? undefined : stickinessOf(at, pool)
  return {
    protocol: 'http',
    // Of tunnels: each side may be silent as long as a member may.
    idleTimeout: Math.max(keepalive_timeout, member_timeout) * 1000,
    timeouts: {
      request: client_timeout * 1000,
      response: member_timeout * 1000,
      keepAlive: keepalive_timeout * 1000,
    },
    desync: 'defensive',
    forwarding: forwardingOf(at, listener),
    rules: routingRules(at, listener),
    retries: listener.enable_member_retry ? 'silent' : 'none',
    errors,
    ...(listener.protocol === 'HTTPS' && http2_enable ? { http2: true } : {}),
    ...(stickiness === undefined ? {} : { stickiness }),
  }
}

const facts: Readonly<Partial<Record<keyof InsertHeaders, RequestFact>>> = {
  'X-Forwarded-Port': 'listener-port',
  'X-Forwarded-For-Port': 'client-port',
  'X-Forwarded-Host': 'host',
  'X-Forwarded-Proto': 'scheme',
  'X-Real-IP': 'client-address',
  'X-Forwarded-TLS-Certificate-ID': 'tls-certificate',
  'X-Forwarded-TLS-Protocol': 'tls-protocol',
  'X-Forwarded-TLS-Cipher': 'tls-cipher',
  'X-Forwarded-Clientcert': 'client-certificate',
  'X-Forwarded-Clientcert-subjectdn': 'client-subject',
  'X-Forwarded-Clientcert-issuerdn': 'client-issuer',
  'X-Forwarded-Clientcert-fingerprint': 'client-fingerprint',
  'X-Forwarded-Clientcert-clientverify': 'client-verified',
  'X-Forwarded-Clientcert-serialnumber': 'client-serial',
  'X-Forwarded-Clientcert-ciphers': 'tls-cipher',
  'X-Forwarded-Clientcert-end': 'client-not-after',
}

/** What is switched on is written over what a client sent; without an EIP there is none to tell, and nobody can pretend one. */
function forwardingOf(
  { record }: HuaweiTranslation,
  { insert_headers, forwarded_for = true }: ListenerRecord,
): Forwarding {
  const set: ForwardedField[] = []
  if (forwarded_for) {
    set.push({ name: 'X-Forwarded-For', value: { kind: 'fact', fact: 'client-addresses' } })
  }
  const texts: Partial<Record<string, string | undefined>> = {
    'X-Forwarded-ELB-IP': record.eip?.address,
    'X-Forwarded-ELB-ID': record.id,
  }
  const remove: string[] = []
  for (const [name, on] of Object.entries(insert_headers)) {
    if (!on) continue
    const fact = facts[name as keyof InsertHeaders]
    const text = texts[name]
    if (fact !== undefined) set.push({ name, value: { kind: 'fact', fact } })
    else if (text !== undefined) set.push({ name, value: { kind: 'text', text } })
    else remove.push(name)
  }
  return { set, remove }
}

function tlsOf(at: HuaweiTranslation, listener: ListenerRecord): ListenerTls | undefined {
  const certificate = at.certificate(listener.default_tls_container_ref)
  if (certificate === undefined) return undefined
  return {
    certificate: certificate.id,
    sni: listener.sni_container_refs.flatMap((id) => at.certificate(id)?.id ?? []),
    sniMatch: listener.sni_match_algo === 'wildcard' ? 'wildcard' : 'longest-suffix',
    policy: policyOf(at, listener),
    clientCa: clientCaOf(at, listener)?.certificate ?? null,
  }
}

/** @throws Error when it is gone: the listener must not take clients without a certificate then */
function clientCaOf(
  { project }: HuaweiTranslation,
  { client_ca_tls_container_ref: id }: ListenerRecord,
): CertificateRecord | undefined {
  return id === null ? undefined : project.certificates.need(id)
}

/** A policy of one's own comes before a system policy. */
function policyOf({ project }: HuaweiTranslation, listener: ListenerRecord): TlsPolicy {
  const { security_policy_id, tls_ciphers_policy } = listener
  if (security_policy_id !== null) {
    const { protocols, ciphers } = project.securityPolicies.need(security_policy_id)
    return { protocols, ciphers, serverOrder: true }
  }
  const policy = systemTlsPolicies.get(tls_ciphers_policy)
  if (policy === undefined) throw new Error(`there is no TLS policy ${tls_ciphers_policy}`)
  return policy
}

function accessOf(
  { project }: HuaweiTranslation,
  { ipgroup }: ListenerRecord,
): AccessList | undefined {
  if (ipgroup === null || !ipgroup.enable_ipgroup) return undefined
  const { ip_list } = project.ipGroups.need(ipgroup.ipgroup_id)
  return {
    kind: ipgroup.type === 'white' ? 'allow' : 'deny',
    addresses: ip_list.map(({ ip }) => ip),
  }
}
