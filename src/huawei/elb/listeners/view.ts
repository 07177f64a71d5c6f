import { isHttp, isSecure } from '../protocols.ts'
import type { ListenerRecord } from '../records.ts'
import type { Scope } from '../scope.ts'

/** A listener as the API shows it. */
export function listenerView(_: Scope, record: ListenerRecord) {
  const { loadbalancer_id, protocol } = record
  const http = isHttp(protocol)
  return {
    ...record,
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
