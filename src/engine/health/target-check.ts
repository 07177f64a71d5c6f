/** The checks of one target by one definition: one after the other, each as long after the start of the one before as asked. */
import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { CheckResult, TargetHealth } from '../../snapshot/status.ts'
import type { Clock, Timer } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { Attempt } from './attempt.ts'
import { probeHttp } from './probe-http.ts'
import type { ProbeSlots, Turn } from './probe-slots.ts'
import { probeTcp } from './probe-tcp.ts'
import { afterCheck, newcomer, type Standing } from './threshold.ts'

/**
 * The second check of a target comes up to this share of an interval early. Checks that were added together drift apart by it,
 * and never is an interval longer than asked for.
 */
const earlyShare = 0.1

export interface TargetCheckContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly slots: ProbeSlots
  /** 0 up to 1. */
  readonly random: () => number
  /** The state, the verdict or its detail is another than before. */
  readonly onChange: (health: TargetHealth) => void
  /** The connection for a check could not be made. */
  readonly onConnectError: (check: string) => void
}

export class TargetCheck {
  readonly definition: HealthCheck
  readonly #context: TargetCheckContext
  /** A check is over when the next one is due (guide: it "lasts the entire interval"). */
  readonly #timeout: number
  #standing: Standing
  #last: CheckResult | null
  #due = 0
  #gap: number
  #timer: Timer | undefined
  #turn: Turn | undefined
  #attempt: Attempt | undefined
  #stopped = false

  /** @param before of the same target by another definition: its state is kept, its run of results is not */
  constructor(definition: HealthCheck, context: TargetCheckContext, before?: TargetCheck) {
    this.definition = definition
    this.#context = context
    const { interval, timeout } = definition
    this.#timeout = Math.min(timeout, interval)
    const early = Math.min(interval - this.#timeout, interval * earlyShare) * context.random()
    this.#gap = interval - early
    const standing = before === undefined ? newcomer : before.#standing
    this.#standing = { ...standing, passes: 0, failures: 0 }
    this.#last = before === undefined ? null : before.#last
  }

  get health(): TargetHealth {
    return { check: this.definition.id, state: this.#standing.state, last: this.#last }
  }

  /** @param delay milliseconds until the first check */
  start(delay: number): void {
    this.#due = this.#context.clock.monotonic() + delay
    this.#timer = this.#context.clock.after(delay, () => this.#queue())
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#turn?.leave()
    this.#attempt?.stop()
  }

  #queue(): void {
    const patience = this.#gap - this.#timeout
    this.#turn = this.#context.slots.enter(patience, () => this.#probe())
  }

  async #probe(): Promise<void> {
    const { probe } = this.definition
    const check = { ...this.definition, timeout: this.#timeout }
    const { clock } = this.#context
    const attempt =
      probe.protocol === 'tcp' ? probeTcp(check, clock) : probeHttp(check, probe, clock)
    this.#attempt = attempt
    const { kind, detail } = await attempt.verdict
    if (this.#stopped) return
    this.#scheduleNext()
    if (kind === 'failed' && !attempt.connected) this.#context.onConnectError(this.definition.id)
    if (kind === 'none') this.#warn(detail)
    else this.#conclude({ at: clock.now(), passed: kind === 'passed', detail })
  }

  /** Counted from when this one was due, so that neither the answer's time nor a wait for a slot adds up. */
  #scheduleNext(): void {
    const now = this.#context.clock.monotonic()
    this.#due = Math.max(this.#due + this.#gap, now)
    this.#gap = this.definition.interval
    this.#timer = this.#context.clock.after(this.#due - now, () => this.#queue())
  }

  #conclude(result: CheckResult): void {
    const before = this.#standing.state
    const told = this.#last
    this.#standing = afterCheck(this.#standing, result.passed, this.definition)
    this.#last = result
    const { state } = this.#standing
    if (state !== before) this.#log(before, state, result.detail)
    if (state !== before || told?.passed !== result.passed || told.detail !== result.detail) {
      this.#context.onChange(this.health)
    }
  }

  #log(before: string, state: string, detail: string): void {
    const { id, host, port } = this.definition
    this.#context.logger.info({ check: id, host, port, before, state, detail }, 'health changed')
  }

  #warn(detail: string): void {
    const { id, host, port } = this.definition
    this.#context.logger.warn(
      { check: id, host, port, detail },
      'a health check could not be made; the target stays as it is',
    )
  }
}
