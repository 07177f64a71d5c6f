/**
 * When a target goes in and out of service (Classic Load Balancer guide, "Health check configuration" and "Taking too long to
 * register an EC2 instance"): the first check that ever passes brings it in; after that, UnhealthyThreshold failures in a row
 * take it out and HealthyThreshold successes in a row bring it back.
 */
import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { HealthState } from '../../snapshot/status.ts'

type Thresholds = Pick<HealthCheck, 'healthyThreshold' | 'unhealthyThreshold'>

export interface Standing {
  readonly state: HealthState
  /** Whether it was ever healthy: until then one success is enough. */
  readonly proven: boolean
  /** Successes in a row up to now; 0 after a failure. */
  readonly passes: number
  /** Failures in a row up to now; 0 after a success. */
  readonly failures: number
}

export const newcomer: Standing = { state: 'initial', proven: false, passes: 0, failures: 0 }

export function afterCheck(before: Standing, passed: boolean, thresholds: Thresholds): Standing {
  return passed
    ? afterSuccess(before, thresholds.healthyThreshold)
    : afterFailure(before, thresholds.unhealthyThreshold)
}

function afterSuccess(before: Standing, threshold: number): Standing {
  const passes = before.passes + 1
  const enough = passes >= (before.proven ? threshold : 1)
  return {
    state: enough ? 'healthy' : before.state,
    proven: before.proven || enough,
    passes,
    failures: 0,
  }
}

function afterFailure(before: Standing, threshold: number): Standing {
  const failures = before.failures + 1
  const state = failures >= threshold ? 'unhealthy' : before.state
  return { state, proven: before.proven, passes: 0, failures }
}
