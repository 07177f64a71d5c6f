import { readFileSync } from 'node:fs'
import type { Logger } from '../telemetry/logger.ts'

/** Below this, a proxy soon has no descriptor left: connections wait unanswered, and nothing else would say why. */
const fewDescriptors = 4096

/** Says in the log when this process may open so few descriptors that traffic will feel it. */
export function warnOfFewDescriptors(logger: Logger): void {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  if (limit >= fewDescriptors) return
  logger.warn(
    { limit },
    `only ${limit} descriptors are allowed, two of which a client connection takes: raise ulimit -n`,
  )
}
