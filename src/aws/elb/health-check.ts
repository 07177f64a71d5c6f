import type {
  ConfigureHealthCheckInput,
  ConfigureHealthCheckOutput,
  HealthCheck,
} from '@aws-sdk/client-elastic-load-balancing'
import { atLeast, atMost, check, reject } from '../wire/constraints.ts'
import { validationError } from '../wire/errors.ts'
import { changeLoadBalancer, type ElbOperation } from './load-balancers.ts'
import type { HealthCheckRecord, ListenerRecord } from './records.ts'

const maxPathLength = 1024

export const configureHealthCheck: ElbOperation<
  ConfigureHealthCheckInput,
  ConfigureHealthCheckOutput
> = async (input, call) => {
  const healthCheck = healthCheckRecord(input.HealthCheck)
  const record = await changeLoadBalancer(call, input.LoadBalancerName, (before) => ({
    ...before,
    healthCheck,
  }))
  return { HealthCheck: healthCheckView(record.healthCheck) }
}

/** What a load balancer has until it is told otherwise: a connection to the first listener's instance port. */
export function defaultHealthCheck(first: ListenerRecord): HealthCheckRecord {
  return {
    target: `TCP:${first.instancePort}`,
    interval: 30,
    timeout: 5,
    unhealthyThreshold: 2,
    healthyThreshold: 10,
  }
}

export function healthCheckView(record: HealthCheckRecord): HealthCheck {
  return {
    Target: record.target,
    Interval: record.interval,
    Timeout: record.timeout,
    UnhealthyThreshold: record.unhealthyThreshold,
    HealthyThreshold: record.healthyThreshold,
  }
}

/** Ranges: guide, "Health check configuration". */
function healthCheckRecord(input: HealthCheck | undefined): HealthCheckRecord {
  const record = {
    target: input?.Target ?? '',
    interval: input?.Interval ?? 0,
    timeout: input?.Timeout ?? 0,
    unhealthyThreshold: input?.UnhealthyThreshold ?? 0,
    healthyThreshold: input?.HealthyThreshold ?? 0,
  }
  const threshold = [atLeast(2), atMost(10)]
  reject([
    ...check('healthCheck.interval', record.interval, atLeast(5), atMost(300)),
    ...check('healthCheck.timeout', record.timeout, atLeast(2), atMost(60)),
    ...check('healthCheck.unhealthyThreshold', record.unhealthyThreshold, ...threshold),
    ...check('healthCheck.healthyThreshold', record.healthyThreshold, ...threshold),
  ])
  if (record.timeout >= record.interval) {
    throw validationError('HealthCheck timeout must be less than interval.')
  }
  return { ...record, target: canonicalTarget(record.target) }
}

/** `PROTOCOL:PORT[/PATH]` with the protocol in capitals. */
function canonicalTarget(target: string): string {
  const [, scheme = '', rest = ''] = /^([A-Za-z]+):(.*)$/s.exec(target) ?? []
  const protocol = scheme.toUpperCase()
  if (protocol === 'HTTP' || protocol === 'HTTPS') checkHttpTarget(protocol, rest)
  else if (protocol === 'TCP' || protocol === 'SSL') checkPort(protocol, rest)
  else throw validationError('HealthCheck Target must begin with one of HTTP, TCP, HTTPS, SSL')
  return `${protocol}:${rest}`
}

function checkHttpTarget(protocol: string, rest: string): void {
  const [, port, path] = /^(\d+)(\/.*)$/s.exec(rest) ?? []
  if (port === undefined || path === undefined) {
    throw validationError(
      `HealthCheck ${protocol} Target must specify a port followed by a path that begins with a slash. e.g. ${protocol}:80/ping/this/path`,
    )
  }
  checkPort(protocol, port)
  if (path.length > maxPathLength) {
    throw validationError(
      `HealthCheck ${protocol} Target path must have at most ${maxPathLength} characters`,
    )
  }
  // The path goes into a request line as it is: RFC 9112, section 3.2 has neither spaces nor controls in it.
  if (!/^[\x21-\x7e]+$/.test(path)) {
    throw validationError(
      `HealthCheck ${protocol} Target path must not contain spaces, control or non-ASCII characters`,
    )
  }
}

function checkPort(protocol: string, port: string): void {
  if (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535) return
  throw validationError(
    `HealthCheck ${protocol} Target must specify a port between 1 and 65535. e.g. ${protocol}:80`,
  )
}
