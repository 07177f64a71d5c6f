import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { Clock } from '../../std/clock.ts'
import { type Attempt, attempt, passed } from './attempt.ts'

/** Passes when the connection succeeds (guide, "Health check configuration"); nothing is sent. */
export function probeTcp(check: HealthCheck, clock: Clock): Attempt {
  return attempt(check, clock, (_socket, settle) => settle(passed('connection accepted')))
}
