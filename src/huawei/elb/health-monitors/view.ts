import type { z } from 'zod'
import { ids, owned } from '../answers.ts'
import type { HealthMonitorRecord } from '../records.ts'
import type { Scope } from '../scope.ts'
import { healthMonitorFields } from './schema.ts'

const { expected_codes, http_method, url_path } = healthMonitorFields.shape

export const healthMonitorAnswer = healthMonitorFields
  .extend({
    ...owned,
    pools: ids,
    expected_codes: expected_codes.nullable(),
    http_method: http_method.nullable(),
    url_path: url_path.nullable(),
  })
  .meta({ id: 'HealthMonitor' })

/** A health monitor as the API shows it; what only HTTP has is null with others. */
export function healthMonitorView(
  _: Scope,
  { pool_id, tags: _tags, http_version: _version, ...record }: HealthMonitorRecord,
): z.infer<typeof healthMonitorAnswer> {
  const isHttp = record.type === 'HTTP' || record.type === 'HTTPS'
  return {
    ...record,
    pools: [{ id: pool_id }],
    expected_codes: isHttp ? record.expected_codes : null,
    http_method: isHttp ? record.http_method : null,
    url_path: isHttp ? record.url_path : null,
  }
}
