import type { InstanceRecord } from '../aws/ec2/records.ts'
import type { HealthSource } from '../aws/elb/ports.ts'
import type { LoadBalancerRecord } from '../aws/elb/records.ts'
import type { Certificate } from '../snapshot/snapshot.ts'
import type { ListenerCounters, ListenerFailure } from '../snapshot/status.ts'

/** What the proxies say. */
export interface LiveSource extends HealthSource {
  counters(): readonly ListenerCounters[]
  failures(): readonly ListenerFailure[]
  lostLogEntries(): number
}

/** All that is known of one load balancer. */
export interface Facts {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly region: string
  readonly record: LoadBalancerRecord
  /** Of the region, by id. */
  readonly instances: ReadonlyMap<string, InstanceRecord>
  /** Usable ones, by ARN. */
  readonly certificates: ReadonlyMap<string, Certificate>
  readonly live: LiveSource
}
