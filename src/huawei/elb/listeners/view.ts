import { z } from 'zod'
import { enterpriseProject, ids, listOf, owned } from '../answers.ts'
import { port, tag } from '../fields.ts'
import { isHttp, isSecure } from '../protocols.ts'
import type { ListenerRecord } from '../records.ts'
import type { Scope } from '../scope.ts'
import { alwaysOff, insertHeaders, listenerFields } from './schema.ts'

const { client_timeout, member_timeout, enable_member_retry, tls_ciphers_policy } =
  listenerFields.shape

export const listenerAnswer = listenerFields
  .extend({
    ...owned,
    ...alwaysOff,
    loadbalancer_id: z.string(),
    loadbalancers: ids,
    protocol: z.enum(['TCP', 'HTTP', 'HTTPS', 'TLS']),
    protocol_port: port,
    tags: listOf(tag),
    connection_limit: z.literal(-1),
    client_timeout: client_timeout.nullable(),
    member_timeout: member_timeout.nullable(),
    enable_member_retry: enable_member_retry.nullable(),
    insert_headers: insertHeaders.partial(),
    tls_ciphers_policy: tls_ciphers_policy.nullable(),
    enterprise_project_id: enterpriseProject,
  })
  .meta({ id: 'Listener' })

/** A listener as the API shows it. */
export function listenerView(_: Scope, record: ListenerRecord): z.infer<typeof listenerAnswer> {
  const { forwarded_for: _forwarded, ...fields } = record
  const { loadbalancer_id, protocol } = fields
  const http = isHttp(protocol)
  return {
    ...fields,
    loadbalancers: [{ id: loadbalancer_id }],
    connection_limit: -1,
    client_timeout: http ? record.client_timeout : null,
    member_timeout: http ? record.member_timeout : null,
    enable_member_retry: http ? record.enable_member_retry : null,
    insert_headers: http ? record.insert_headers : {},
    tls_ciphers_policy: isSecure(protocol) ? record.tls_ciphers_policy : null,
    gzip_enable: false,
    ssl_early_data_enable: false,
    nat64_enable: false,
    quic_config: null,
    cps: 0,
    connection: 0,
    enterprise_project_id: '0',
  }
}
