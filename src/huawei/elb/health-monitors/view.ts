import type { HealthMonitorRecord } from '../records.ts'
import type { Scope } from '../scope.ts'

/** A health monitor as the API shows it; what only HTTP has is null with others. */
export function healthMonitorView(_: Scope, { pool_id, ...record }: HealthMonitorRecord) {
  const isHttp = record.type === 'HTTP' || record.type === 'HTTPS'
  return {
    ...record,
    pools: [{ id: pool_id }],
    expected_codes: isHttp ? record.expected_codes : null,
    http_method: isHttp ? record.http_method : null,
    url_path: isHttp ? record.url_path : null,
  }
}
