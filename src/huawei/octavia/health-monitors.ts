import { z } from 'zod'
import { reference } from '../elb/fields.ts'
import {
  createHealthMonitor,
  deleteHealthMonitor,
  updateHealthMonitor,
} from '../elb/health-monitors/health-monitors.ts'
import {
  type HealthMonitorFields,
  type HealthMonitorUpdate as HuaweiUpdate,
  healthMonitorUpdate as huawei,
} from '../elb/health-monitors/schema.ts'
import { healthMonitor } from '../elb/nouns.ts'
import { isHttp } from '../elb/protocols.ts'
import type { HealthMonitorRecord } from '../elb/records.ts'
import type { Change, Scope } from '../elb/scope.ts'
import { commonFields, named, orDefault, owner, shown } from './fields.ts'
import type { Resource } from './resource.ts'
import { switchStatus } from './statuses.ts'

/** Huawei's type, by Octavia's name for it. */
const types = { HTTP: 'HTTP', HTTPS: 'HTTPS', TCP: 'TCP', 'TLS-HELLO': 'TLS' } as const

const update = z.strictObject({
  ...named,
  delay: huawei.shape.delay,
  timeout: huawei.shape.timeout,
  max_retries: huawei.shape.max_retries,
  max_retries_down: huawei.shape.max_retries_down.nullable(),
  http_method: huawei.shape.http_method,
  url_path: huawei.shape.url_path.nullable(),
  expected_codes: huawei.shape.expected_codes,
  domain_name: huawei.shape.domain_name,
  http_version: z.literal([1.1, '1.1'], 'It can only be 1.1').nullish(),
})

const creation = update.extend({
  ...owner,
  pool_id: reference,
  type: z.enum(['HTTP', 'HTTPS', 'TCP', 'TLS-HELLO']),
  delay: huawei.shape.delay.unwrap(),
  timeout: huawei.shape.timeout.unwrap(),
  max_retries: huawei.shape.max_retries.unwrap(),
})

/** The monitor of a pool that is made with it. */
export const healthMonitorPart = creation.omit({ pool_id: true })

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export const healthMonitors: Resource<HealthMonitorRecord, Creation, Update> = {
  ...healthMonitor,
  creation,
  update,
  view,
  filterBy: [
    'type',
    'delay',
    'timeout',
    'max_retries',
    'max_retries_down',
    'http_method',
    'url_path',
    'expected_codes',
    'pool_id',
  ],
  create,
  change: (made, record, fields) =>
    withVersion(made, updateHealthMonitor(made, record, asHuawei(fields)), fields),
  remove: deleteHealthMonitor,
}

/** @throws HuaweiError as createHealthMonitor does */
function create(made: Change, fields: Creation): HealthMonitorRecord {
  const { pool_id, type, delay, timeout, max_retries } = fields
  const timing = { delay, timeout, max_retries }
  const created = createHealthMonitor(made, {
    ...asHuawei(fields),
    ...timing,
    pool_id,
    type: types[type],
  })
  return withVersion(made, created, fields)
}

/** Checks are of version 1.1 anyway; clients look whether what they sent is there. */
function withVersion(
  { project }: Change,
  record: HealthMonitorRecord,
  { http_version: sent }: Update,
): HealthMonitorRecord {
  if (sent === undefined) return record
  return project.healthMonitors.put({ ...record, http_version: sent === null ? null : 1.1 })
}

function asHuawei(fields: Update): HuaweiUpdate {
  const { delay, timeout, max_retries, http_method, expected_codes, domain_name } = fields
  return {
    ...commonFields(fields),
    delay,
    timeout,
    max_retries,
    max_retries_down: orDefault(fields.max_retries_down, 3),
    http_method,
    url_path: orDefault(fields.url_path, '/'),
    expected_codes,
    domain_name,
  }
}

/** Octavia's name of a type. */
export function monitorTypeOf(type: HealthMonitorFields['type']): keyof typeof types {
  return type === 'TLS' ? 'TLS-HELLO' : type
}

function view(_: Scope, record: HealthMonitorRecord) {
  const http = isHttp(record.type)
  return {
    ...shown(record),
    name: record.name,
    operating_status: switchStatus(record),
    pools: [{ id: record.pool_id }],
    type: monitorTypeOf(record.type),
    delay: record.delay,
    timeout: record.timeout,
    max_retries: record.max_retries,
    max_retries_down: record.max_retries_down,
    http_method: http ? record.http_method : null,
    url_path: http ? record.url_path : null,
    expected_codes: http ? record.expected_codes : null,
    domain_name: record.domain_name,
    http_version: http ? (record.http_version ?? null) : null,
  }
}
