import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** JSON lines on standard error (or `destination`). Secrets never get here: callers log names and ids, not inputs. */
export function createLogger(
  level: LogLevel,
  bindings: Readonly<Record<string, unknown>> = {},
  destination: DestinationStream = process.stderr,
): Logger {
  return pino({ level, base: { ...bindings } }, destination)
}
