import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { Clock } from '../../std/clock.ts'
import { type Attempt, attempt, passed } from './attempt.ts'

/** Passes when the connection succeeds, with TLS when its handshake does (guide, "Health check configuration"); nothing is sent. */
export function probeTcp(check: HealthCheck, clock: Clock): Attempt {
  const detail = check.probe.tls === undefined ? 'connection accepted' : 'TLS handshake completed'
  return attempt(check, clock, (_socket, settle) => settle(passed(detail)))
}
