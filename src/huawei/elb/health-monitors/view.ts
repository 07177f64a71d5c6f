import { isHttp } from '../protocols.ts'
import type { HealthMonitorRecord } from '../records.ts'
import type { Scope } from '../scope.ts'

/** A health monitor as the API shows it; what only HTTP has is null with others. */
export function healthMonitorView(_: Scope, { pool_id, ...record }: HealthMonitorRecord) {
  const http = isHttp(record.type)
  return {
    ...record,
    pools: [{ id: pool_id }],
    expected_codes: http ? record.expected_codes : null,
    http_method: http ? record.http_method : null,
    url_path: http ? record.url_path : null,
  }
}
