import type { Buckets } from '../../buckets/buckets.ts'
import type { TargetHealth } from '../../snapshot/status.ts'

/** What Elastic Load Balancing asks of its surroundings: given by the composition root. */
export interface ElbPorts {
  readonly health: HealthSource
  readonly quotas: ElbQuotas
  /** DNS names end in `.REGION.elb.SUFFIX`, e.g. `amazonaws.com`. */
  readonly dnsSuffix: string
  /** Where access logs are delivered to. */
  readonly buckets: Buckets
}

export interface HealthSource {
  /** How many proxies report now. */
  readonly connected: number
  /** The newest report on a check, or undefined when no proxy has reported it. */
  health(check: string): TargetHealth | undefined
  /** Whether all proxies have said that nothing is in flight any more with a draining target, named by DrainingTarget.id. */
  finished(target: string): boolean
}

export interface ElbQuotas {
  readonly loadBalancers: number
  readonly listeners: number
  readonly securityGroups: number
  readonly instances: number
  readonly subnetsPerZone: number
  readonly tags: number
}
