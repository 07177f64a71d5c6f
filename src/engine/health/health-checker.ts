/** Active health checks of all targets of a proxy process. */
import { isDeepStrictEqual } from 'node:util'
import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { TargetHealth } from '../../snapshot/status.ts'
import type { Clock } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { ProbeSlots } from './probe-slots.ts'
import { TargetCheck, type TargetCheckContext } from './target-check.ts'

/** Checks under way at the same time: a quarter of the 1,024 descriptors that a process usually may have. */
const maxProbes = 256
/** The first checks of targets that are added together start within so many milliseconds, one a millisecond if they can. */
const spreadMs = 1000

export interface HealthCheckerOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** On the first result, and whenever the state, the verdict or its detail is another than before. */
  readonly onChange: (health: TargetHealth) => void
  /** The connection for a check, by its id, could not be made. */
  readonly onConnectError?: (check: string) => void
  /** 0 up to 1; spreads later checks. */
  readonly random?: () => number
}

export class HealthChecker implements AsyncDisposable {
  readonly #context: TargetCheckContext
  readonly #checks = new Map<string, TargetCheck>()

  constructor(options: HealthCheckerOptions) {
    const { clock, onConnectError = () => {}, random = Math.random } = options
    const slots = new ProbeSlots(clock, maxProbes)
    this.#context = { ...options, onConnectError, random, slots }
  }

  /**
   * Makes these the checks that there are: new ones start, those that are gone stop, those that changed start again, and equal
   * ones are not touched. A changed check keeps its state, unless it is for another host, which starts at `initial` as a new
   * check does.
   */
  apply(checks: readonly HealthCheck[]): void {
    const wanted = new Set(checks.map(({ id }) => id))
    for (const [id, check] of this.#checks) {
      if (!wanted.has(id)) this.#remove(id, check)
    }
    const started = checks.filter(
      (check) => !isDeepStrictEqual(check, this.#checks.get(check.id)?.definition),
    )
    const apart = Math.min(1, spreadMs / started.length)
    for (const [i, check] of started.entries()) this.#start(check, i * apart)
  }

  /** Everything known, for a control process that connects anew. */
  states(): readonly TargetHealth[] {
    return Array.from(this.#checks.values(), ({ health }) => health)
  }

  /** Resolves when no connection is open and no timer pending. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [id, check] of this.#checks) this.#remove(id, check)
    await this.#context.slots.idle()
  }

  #start(definition: HealthCheck, delay: number): void {
    const before = this.#checks.get(definition.id)
    before?.stop()
    const sameTarget = before?.definition.host === definition.host
    const check = new TargetCheck(definition, this.#context, sameTarget ? before : undefined)
    this.#checks.set(definition.id, check)
    check.start(delay)
    if (before !== undefined && before.health.state !== check.health.state) {
      this.#context.onChange(check.health)
    }
  }

  #remove(id: string, check: TargetCheck): void {
    check.stop()
    this.#checks.delete(id)
  }
}
