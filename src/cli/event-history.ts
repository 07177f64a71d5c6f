import type { Settings } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { EventHistory } from '../trail/event-history.ts'
import { eventHistoryPath } from './paths.ts'

const bytesPerMegabyte = 1_048_576

/** @param starting closes it */
export function openEventHistory(
  settings: Settings,
  surroundings: { clock: Clock; logger: Logger; patience: number },
  starting: AsyncDisposableStack,
): EventHistory {
  return starting.use(
    new EventHistory({
      ...surroundings,
      path: eventHistoryPath(settings),
      maxBytes: settings.maxEventMegabytes * bytesPerMegabyte,
      trailsFor: () => [],
    }),
  )
}
