import type { Clock } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'

export interface LoggedRequest {
  readonly requestId: string
  /** Its signing name. */
  readonly service: string | undefined
  readonly operation: string | undefined
  readonly region: string
  readonly accessKeyId: string | null
  readonly status: number
  /** Of the error. */
  readonly code: string | undefined
}

/**
 * Every request is one line of the log. Names and ids only: parameters can hold secrets.
 * @param started by the clock's monotonic time
 */
export function logRequest(
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  started: number,
  { requestId, service, operation, region, accessKeyId, status, code }: LoggedRequest,
): void {
  const ms = Math.round((clock.monotonic() - started) * 1000) / 1000
  logger.info(
    {
      requestId,
      service,
      operation: loggable(operation),
      region,
      accessKeyId: loggable(accessKeyId),
      status,
      code,
      ms,
    },
    'aws request',
  )
}

/** Of what a client sent, only what can be a name gets into the log. */
function loggable(name: string | null | undefined): string | undefined {
  return name !== null && name !== undefined && /^\w{1,128}$/.test(name) ? name : undefined
}
