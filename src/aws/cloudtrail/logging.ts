/** StartLogging and StopLogging. What was recorded until a trail is stopped is delivered all the same. */
import type { StartLoggingRequest, StopLoggingRequest } from '@aws-sdk/client-cloudtrail'
import type { Operation } from '../wire/service.ts'
import { changeTrail } from './found-trails.ts'

export const startLogging: Operation<StartLoggingRequest> = async ({ Name }, call) => {
  const startedAt = call.clock.now()
  await changeTrail(call, Name ?? '', (trail) =>
    trail.isLogging ? trail : { ...trail, isLogging: true, startedAt },
  )
  return {}
}

export const stopLogging: Operation<StopLoggingRequest> = async ({ Name }, call) => {
  const stoppedAt = call.clock.now()
  await changeTrail(call, Name ?? '', (trail) =>
    trail.isLogging ? { ...trail, isLogging: false, stoppedAt } : trail,
  )
  return {}
}
