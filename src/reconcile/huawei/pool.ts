import { isHttp, isSecure } from '../../huawei/elb/protocols.ts'
import {
  checkIdentity,
  type HealthMonitorRecord,
  type ListenerRecord,
  type MemberRecord,
  type PoolRecord,
} from '../../huawei/elb/records.ts'
import { membersOf, monitorOf } from '../../huawei/elb/relations.ts'
import type {
  Algorithm,
  DrainingTarget,
  HealthCheck,
  Pool,
  Probe,
  Target,
} from '../../snapshot/snapshot.ts'
import type { HuaweiTranslation } from './translate.ts'

/** Milliseconds that a connection to a member may take (Huawei's FAQ on status codes: then 504). */
const connectTimeout = 5000

const algorithms: Readonly<Record<PoolRecord['lb_algorithm'], Algorithm>> = {
  ROUND_ROBIN: 'round-robin',
  LEAST_CONNECTIONS: 'least-outstanding',
  SOURCE_IP: 'source-ip',
}

/** Members are encrypted to without a look at their certificates, as Huawei does. */
const anyKey = { publicKeys: null }

/** @param proxyProtocol members are told first who the client is */
export function neutralPool(
  at: HuaweiTranslation,
  record: PoolRecord,
  { id, proxyProtocol }: { readonly id: string; readonly proxyProtocol: boolean },
): Pool {
  const { protocol, session_persistence: persistence, slow_start } = record
  const members = membersOf(at.project, record)
  return {
    ...emptyPool(at, protocol, id),
    ...(isSecure(protocol) ? { tls: anyKey } : {}),
    algorithm: algorithms[record.lb_algorithm],
    proxyProtocol,
    targets: members
      .filter((member) => isOn(record, member))
      .map((member) => target(at, record, member)),
    draining: drainingOf(record, members),
    slowStart: slow_start?.enable ? slow_start.duration * 1000 : 0,
    ...(persistence?.type === 'SOURCE_IP'
      ? { sourceAffinity: persistence.persistence_timeout * 60_000 }
      : {}),
  }
}

/** Of a listener that has none: whoever asks is told that there is no member. */
export function emptyPool(
  at: HuaweiTranslation,
  protocol: ListenerRecord['protocol'],
  id: string,
): Pool {
  return {
    id,
    loadBalancer: at.identity,
    protocol: isHttp(protocol) ? 'http' : 'tcp',
    algorithm: 'round-robin',
    crossZone: true,
    proxyProtocol: false,
    targets: [],
    draining: [],
    finishUnhealthy: true,
    maxConnections: null,
    slowStart: 0,
    connectTimeout,
  }
}

function target(at: HuaweiTranslation, pool: PoolRecord, member: MemberRecord): Target {
  return {
    id: member.id,
    host: member.address,
    port: member.protocol_port,
    zone: at.zone,
    check: activeMonitorOf(at, pool) === undefined ? null : checkIdentity(member),
    weight: member.weight,
  }
}

/** A pool that is switched off has nobody that takes requests. */
function isOn(pool: PoolRecord, member: MemberRecord): boolean {
  return pool.admin_state_up && member.admin_state_up
}

/** What is removed has until its end; what is switched off may finish. */
function drainingOf(pool: PoolRecord, members: readonly MemberRecord[]): DrainingTarget[] {
  const off = members.filter((member) => !isOn(pool, member))
  return [...pool.draining, ...off.map((member) => ({ ...member, until: null }))].map(
    ({ id, address, protocol_port, until }) => ({ id, host: address, port: protocol_port, until }),
  )
}

function activeMonitorOf(
  { project }: HuaweiTranslation,
  pool: PoolRecord,
): HealthMonitorRecord | undefined {
  const monitor = monitorOf(project, pool)
  return monitor?.admin_state_up ? monitor : undefined
}

export function neutralChecks(at: HuaweiTranslation, pool: PoolRecord): HealthCheck[] {
  const monitor = activeMonitorOf(at, pool)
  if (monitor === undefined) return []
  const probe = probeOf(monitor)
  return membersOf(at.project, pool)
    .filter((member) => isOn(pool, member))
    .map((member) => ({
      id: checkIdentity(member),
      host: member.address,
      port: monitor.monitor_port ?? member.protocol_port,
      probe,
      interval: monitor.delay * 1000,
      timeout: monitor.timeout * 1000,
      healthyThreshold: monitor.max_retries,
      unhealthyThreshold: monitor.max_retries_down,
    }))
}

function probeOf(monitor: HealthMonitorRecord): Probe {
  const { type, url_path: path, http_method: method, domain_name, expected_codes } = monitor
  const tls = isSecure(type) ? { tls: anyKey } : {}
  if (type === 'TCP' || type === 'TLS') return { protocol: 'tcp', ...tls }
  return {
    protocol: 'http',
    path,
    method: method ?? 'GET',
    expected: ranges(expected_codes),
    ...(domain_name ? { host: domain_name } : {}),
    ...tls,
  }
}

/** `200,202-204` in its parts. The API has checked it. */
function ranges(codes: string): [number, number][] {
  return codes.split(',').map((part) => {
    const [first = '', last = first] = part.split('-')
    return [Number(first), Number(last)]
  })
}
