import type { FoundEvent, Search } from '../../trail/event-database.ts'

/** What CloudTrail asks of its surroundings: given by the composition root. */
export interface CloudTrailPorts {
  readonly events: EventSource
}

export interface EventSource {
  /** What was recorded until now, newest first. */
  search(search: Search): FoundEvent[]
}
