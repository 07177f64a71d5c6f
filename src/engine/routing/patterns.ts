import { compilePattern, type Pattern } from '../../std/pattern.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { PerSnapshot } from '../per-snapshot.ts'

const never: Pattern = { test: () => false }

/** Regular expressions, each compiled once. One that cannot be compiled is told, and found nowhere. */
export class Patterns extends PerSnapshot<Pattern> {
  readonly #logger: Logger

  constructor(logger: Logger) {
    super()
    this.#logger = logger
  }

  of(source: string): Pattern {
    return this.find(source, () => {
      try {
        return compilePattern(source)
      } catch (error) {
        this.#logger.warn({ source, err: error }, 'a regular expression cannot be used')
        return never
      }
    })
  }
}
