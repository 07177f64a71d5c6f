import { randomInt } from 'node:crypto'
import type { LoadBalancerRecord } from './records.ts'

/** The 9 or 10 digits that tell load balancers of one name apart. */
export function newLoadBalancerId(): string {
  return String(randomInt(100_000_000, 10_000_000_000))
}

/** `NAME-ID.REGION.elb.SUFFIX`; internal ones begin with `internal-` (guide, "Public DNS name for your load balancer"). */
export function dnsName(
  { scheme, name, id }: Pick<LoadBalancerRecord, 'scheme' | 'name' | 'id'>,
  region: string,
  suffix: string,
): string {
  const prefix = scheme === 'internal' ? 'internal-' : ''
  return `${prefix}${name}-${id}.${region}.elb.${suffix}`
}
