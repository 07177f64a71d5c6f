import { z } from 'zod'
import { name, reference } from '../elb/fields.ts'
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
import type { Change, ElbPorts, Scope } from '../elb/scope.ts'
import type { Route } from '../wire/routes.ts'
import { noTags, orDefault, owner, shown } from './fields.ts'
import { resourceRoutes } from './resource.ts'

/** Huawei's type, by Octavia's name for it. */
const types = { HTTP: 'HTTP', HTTPS: 'HTTPS', TCP: 'TCP', 'TLS-HELLO': 'TLS' } as const

const update = z.strictObject({
  name: name.nullish(),
  admin_state_up: z.boolean().nullish(),
  tags: noTags,
  delay: huawei.shape.delay,
  timeout: huawei.shape.timeout,
  max_retries: huawei.shape.max_retries,
  max_retries_down: huawei.shape.max_retries_down.nullable(),
  http_method: huawei.shape.http_method,
  url_path: huawei.shape.url_path.nullable(),
  expected_codes: huawei.shape.expected_codes,
  domain_name: huawei.shape.domain_name,
  http_version: z.literal(1.1, 'It can only be 1.1').nullish(),
})

const creation = update.extend({
  ...owner,
  pool_id: reference,
  type: z.enum(['HTTP', 'HTTPS', 'TCP', 'TLS-HELLO']),
  delay: huawei.shape.delay.unwrap(),
  timeout: huawei.shape.timeout.unwrap(),
  max_retries: huawei.shape.max_retries.unwrap(),
})

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export function healthMonitorRoutes(ports: ElbPorts): Route[] {
  return resourceRoutes(
    {
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
      change: (made, record, fields) => updateHealthMonitor(made, record, asHuawei(fields)),
      remove: deleteHealthMonitor,
    },
    ports,
  )
}

/** @throws HuaweiError as createHealthMonitor does */
function create(made: Change, fields: Creation): HealthMonitorRecord {
  const { pool_id, type, delay, timeout, max_retries } = fields
  const timing = { delay, timeout, max_retries }
  return createHealthMonitor(made, { ...asHuawei(fields), ...timing, pool_id, type: types[type] })
}

function asHuawei(fields: Update): HuaweiUpdate {
  const { delay, timeout, max_retries, http_method, expected_codes, domain_name } = fields
  return {
    name: orDefault(fields.name, ''),
    admin_state_up: orDefault(fields.admin_state_up, true),
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
    admin_state_up: record.admin_state_up,
    operating_status: 'ONLINE',
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
    http_version: null,
    tags: [],
  }
}
