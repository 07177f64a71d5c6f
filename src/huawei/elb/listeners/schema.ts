import { z } from 'zod'
import { systemTlsPolicies } from '../../../snapshot/tls-policies.ts'
import { alwaysOn, description, name, port, protection, reference, tags } from '../fields.ts'

/** Header fields that a back-end server gets: each is written over what the client sent under its name. */
export const insertHeaders = z.strictObject({
  'X-Forwarded-ELB-IP': z.boolean(),
  'X-Forwarded-Port': z.boolean(),
  'X-Forwarded-For-Port': z.boolean(),
  'X-Forwarded-Host': z.boolean(),
  'X-Forwarded-Proto': z.boolean(),
  'X-Real-IP': z.boolean(),
  'X-Forwarded-ELB-ID': z.boolean(),
  'X-Forwarded-TLS-Certificate-ID': z.boolean(),
  'X-Forwarded-TLS-Protocol': z.boolean(),
  'X-Forwarded-TLS-Cipher': z.boolean(),
  'X-Forwarded-Clientcert': z.boolean(),
  'X-Forwarded-Clientcert-subjectdn': z.boolean(),
  'X-Forwarded-Clientcert-issuerdn': z.boolean(),
  'X-Forwarded-Clientcert-fingerprint': z.boolean(),
  'X-Forwarded-Clientcert-clientverify': z.boolean(),
  'X-Forwarded-Clientcert-serialnumber': z.boolean(),
  'X-Forwarded-Clientcert-ciphers': z.boolean(),
  'X-Forwarded-Clientcert-end': z.boolean(),
})

export type InsertHeaders = z.infer<typeof insertHeaders>

const ipGroup = z.strictObject({
  ipgroup_id: reference,
  enable_ipgroup: z.boolean(),
  type: z.enum(['white', 'black']),
})

const policyNames = [...systemTlsPolicies.keys()]

/** What can be changed later, as it is stored. */
export const listenerFields = z.strictObject({
  name,
  description,
  admin_state_up: z.boolean(),
  default_pool_id: reference.nullable(),
  default_tls_container_ref: reference.nullable(),
  client_ca_tls_container_ref: reference.nullable(),
  sni_container_refs: z.array(reference).max(50),
  sni_match_algo: z.enum(['wildcard', 'longest_suffix']),
  http2_enable: z.boolean(),
  insert_headers: insertHeaders,
  tls_ciphers_policy: z.enum(policyNames),
  security_policy_id: reference.nullable(),
  enable_member_retry: z.boolean(),
  keepalive_timeout: z.number().int().min(0).max(4000),
  client_timeout: z.number().int().min(1).max(300),
  member_timeout: z.number().int().min(1).max(300),
  ipgroup: ipGroup.nullable(),
  transparent_client_ip_enable: alwaysOn,
  enhance_l7policy_enable: z.boolean(),
  proxy_protocol_enable: z.boolean(),
  ...protection,
})

export type ListenerFields = z.infer<typeof listenerFields>

/** What the API has and nothing here does: it can be sent as long as it is off. */
export const alwaysOff = {
  gzip_enable: z.literal(false),
  ssl_early_data_enable: z.literal(false),
  nat64_enable: z.literal(false),
  quic_config: z.null(),
  cps: z.literal(0),
  connection: z.literal(0),
}

export const listenerUpdate = listenerFields
  .extend({
    ...alwaysOff,
    insert_headers: insertHeaders.partial(),
    ipgroup: ipGroup.partial().nullable(),
  })
  .partial()

export const listenerCreation = listenerUpdate.extend({
  loadbalancer_id: reference,
  protocol: z.enum(['TCP', 'HTTP', 'HTTPS', 'TERMINATED_HTTPS', 'TLS']),
  protocol_port: port,
  ipgroup: ipGroup.partial({ enable_ipgroup: true, type: true }).nullable().optional(),
  tags: tags.optional(),
})

export type ListenerUpdate = z.infer<typeof listenerUpdate>
export type ListenerCreation = z.infer<typeof listenerCreation>
