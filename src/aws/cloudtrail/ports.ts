import type { FoundEvent, Search } from '../../trail/event-database.ts'
import type { DeliveryStatus } from '../../trail/outbox.ts'
import type { TrailBucket } from '../../trail/trail-delivery.ts'

/** What CloudTrail asks of its surroundings: given by the composition root. */
export interface CloudTrailPorts {
  readonly events: EventSource
  readonly deliveries: Deliveries
  readonly bucket: TrailBucket
}

export interface EventSource {
  /** What was recorded until now, newest first. */
  search(search: Search): FoundEvent[]
}

export interface Deliveries {
  /** @param trail its id */
  status(trail: string): DeliveryStatus
}
