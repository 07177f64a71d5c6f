import type { Logger } from '../../../telemetry/logger.ts'
import type { ApiEvent } from '../../../trail/event.ts'

export interface EventSink {
  /** Resolves when the answer of the event's call may be sent. */
  record(event: ApiEvent): Promise<void>
}

/**
 * Keeps the event of each call. A call whose event cannot be made is answered all the same.
 * @param eventOf undefined for a call that is not recorded
 */
export function recordCalls<Call extends { readonly requestId: string }>(
  eventOf: (call: Call) => ApiEvent | undefined | Promise<ApiEvent>,
  sink: EventSink,
  logger: Logger,
): (call: Call) => Promise<void> {
  return async (call) => {
    try {
      const event = await eventOf(call)
      if (event !== undefined) await sink.record(event)
    } catch (error) {
      logger.error({ err: error, requestId: call.requestId }, 'a call was not recorded')
    }
  }
}
