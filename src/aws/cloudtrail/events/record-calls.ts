import type { Logger } from '../../../telemetry/logger.ts'
import type { ApiEvent } from '../../../trail/event.ts'
import type { CallRecorder } from '../../wire/finished-call.ts'
import { apiEvent } from './api-event.ts'

export interface EventSink {
  /** Resolves when the answer of the event's call may be sent. */
  record(event: ApiEvent): Promise<void>
}

/** Makes an event of each call. A call whose event cannot be made is answered all the same. */
export function recordCalls(accountId: string, sink: EventSink, logger: Logger): CallRecorder {
  return async (call) => {
    try {
      const event = apiEvent(call, accountId)
      if (event !== undefined) await sink.record(event)
    } catch (error) {
      logger.error({ err: error, requestId: call.requestId }, 'a call was not recorded')
    }
  }
}
