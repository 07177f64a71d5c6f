import { conflict, invalidInput } from '../../wire/errors.ts'
import { checkQuota } from '../quotas/quotas.ts'
import type { HealthMonitorRecord, PoolRecord } from '../records.ts'
import { monitorOf } from '../relations.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import type { HealthMonitorCreation, HealthMonitorFields, HealthMonitorUpdate } from './schema.ts'

const defaults = {
  name: '',
  admin_state_up: true,
  max_retries_down: 3,
  domain_name: null,
  url_path: '/',
  expected_codes: '200',
  http_method: 'GET',
  monitor_port: null,
} as const satisfies Partial<HealthMonitorFields>

/** Huawei's CreateHealthMonitor: by what the pool speaks. */
const typesOf: Readonly<Record<PoolRecord['protocol'], readonly HealthMonitorFields['type'][]>> = {
  TCP: ['TCP', 'HTTP', 'HTTPS'],
  TLS: ['TCP', 'HTTP', 'HTTPS', 'TLS'],
  HTTP: ['TCP', 'HTTP', 'HTTPS', 'TLS'],
  HTTPS: ['TCP', 'HTTP', 'HTTPS', 'TLS'],
}

/** @throws HuaweiError ELB.8902, ELB.8904; ELB.8907 when the pool has one */
export function createHealthMonitor(
  change: Change,
  fields: HealthMonitorCreation,
): HealthMonitorRecord {
  const { project, ports } = change
  const { pool_id, type, delay, timeout, max_retries, ...given } = fields
  const pool = project.pools.need(pool_id)
  checkQuota(ports.quotas, 'healthmonitor', project.healthMonitors.all().length)
  const other = monitorOf(project, pool)
  if (other !== undefined) throw conflict(`Pool ${pool_id} already has health monitor ${other.id}`)
  const base = { ...defaults, type, delay, timeout, max_retries, ...newResource(change), pool_id }
  return save(change, pool, base, given)
}

export function updateHealthMonitor(
  change: Change,
  record: HealthMonitorRecord,
  fields: HealthMonitorUpdate,
): HealthMonitorRecord {
  const pool = change.project.pools.need(record.pool_id)
  return save(change, pool, { ...record, updated_at: timestamp(change.now) }, fields)
}

/** null stands for the default. */
function save(
  { project }: Change,
  pool: PoolRecord,
  base: HealthMonitorRecord,
  fields: HealthMonitorUpdate,
): HealthMonitorRecord {
  const { expected_codes, http_method, ...plain } = fields
  const record = changed(base, {
    ...plain,
    expected_codes: expected_codes === null ? defaults.expected_codes : expected_codes,
    http_method: http_method === null ? defaults.http_method : http_method,
  })
  if (!typesOf[pool.protocol].includes(record.type)) {
    throw invalidInput(
      `Invalid input for 'type': ${record.type}. With a pool of protocol ${pool.protocol} it is one of ${typesOf[pool.protocol].join(', ')}.`,
    )
  }
  return project.healthMonitors.put(record)
}

export function deleteHealthMonitor({ project }: Change, { id }: HealthMonitorRecord): void {
  project.healthMonitors.delete(id)
}
