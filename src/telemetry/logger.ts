import { writeSync } from 'node:fs'
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

const standardErrorFd = 2

/**
 * A log that cannot be written (a full disk, a pipe whose reader is gone) must not end the process that carries the traffic, as an
 * error of `process.stderr` would. The lines of that time are lost; the next that can be written is.
 */
const standardError: DestinationStream = {
  write(line) {
    try {
      writeSync(standardErrorFd, line)
    } catch {
      // There is nowhere left to say it.
    }
  },
}

/** JSON lines on standard error (or `destination`). Secrets never get here: callers log names and ids, not inputs. */
export function createLogger(
  level: LogLevel,
  bindings: Readonly<Record<string, unknown>> = {},
  destination: DestinationStream = standardError,
): Logger {
  return pino({ level, base: { ...bindings } }, destination)
}
