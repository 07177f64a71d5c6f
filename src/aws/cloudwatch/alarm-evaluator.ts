import { setImmediate } from 'node:timers/promises'
import type { MetricStore } from '../../metrics/metric-store.ts'
import type { Clock, Timer } from '../../std/clock.ts'
import type { Store } from '../../store/store.ts'
import { atomically, reader } from '../../store/transaction.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { alarmData } from './alarm-data.ts'
import { pruneHistory } from './alarm-history.ts'
import { type AlarmRecord, type AlarmState, alarmKeys } from './alarm-records.ts'
import { changeState } from './alarm-transition.ts'
import { type Datapoint, verdictOn } from './alarm-verdict.ts'
import { stateReason, stateReasonData } from './state-reason.ts'
import { readStatistic } from './statistic.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** After the end of a minute: by then what was measured in it has arrived. */
const settlingMs = 5000

export interface AlarmEvaluatorParts {
  readonly store: Store
  readonly metrics: MetricStore
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Evaluates every alarm once a minute, over periods that end with the last whole minute; those that look back more than a day, once an hour
 * ("Multi-day alarms").
 */
export class AlarmEvaluator implements AsyncDisposable {
  readonly #parts: AlarmEvaluatorParts
  #timer: Timer | undefined
  #evaluating: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(parts: AlarmEvaluatorParts) {
    this.#parts = parts
  }

  start(): void {
    if (this.#stopped) return
    const { clock, logger } = this.#parts
    const sinceMinute = (clock.now() - settlingMs) % minute
    this.#timer = clock.after(minute - sinceMinute, () => {
      this.#evaluating = this.evaluate()
        .catch((err: unknown) => logger.error({ err }, 'alarms could not be evaluated'))
        .finally(() => this.start())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#evaluating
  }

  /** All alarms, now. */
  async evaluate(): Promise<void> {
    const { store, clock, logger } = this.#parts
    const end = Math.floor(clock.now() / minute) * minute
    if (end % hour === 0) await pruneHistory(store, clock.now())
    for (const alarm of await reader(store).list<AlarmRecord>(alarmKeys.all)) {
      if (this.#stopped) return
      if (isMultiDay(alarm) && end % hour !== 0) continue
      try {
        await this.#evaluateOne(alarm, end)
      } catch (err) {
        logger.error({ err, alarm: alarm.arn }, 'an alarm could not be evaluated')
      }
      await setImmediate()
    }
  }

  async #evaluateOne(alarm: AlarmRecord, end: number): Promise<void> {
    const { store, metrics, clock } = this.#parts
    const { settings } = alarm
    const points = await alarmData(metrics, alarm, end)
    if (hasTooFewSamples(settings, points)) return
    const verdict = verdictOn(settings, points)
    const value = verdict.state
    if (value === null || value === alarm.state.value) return
    const now = clock.now()
    const state: AlarmState = {
      value,
      reason: stateReason(settings, value, verdict),
      reasonData: stateReasonData(settings, verdict, points, now),
      since: now,
    }
    await atomically(store, async (tx) => {
      const present = await tx.get<AlarmRecord>(alarmKeys.of(alarm.region, alarm.name))
      if (present !== undefined && isSame(present, alarm)) await changeState(tx, present, state)
    })
  }
}

function isMultiDay({ settings: { watched, evaluationPeriods } }: AlarmRecord): boolean {
  return watched.period * evaluationPeriods * 1000 > day
}

/** Whether an alarm is still what was evaluated; else the next evaluation decides. */
function isSame(present: AlarmRecord, evaluated: AlarmRecord): boolean {
  return (
    present.configuredAt === evaluated.configuredAt &&
    present.state.since === evaluated.state.since &&
    present.state.value === evaluated.state.value
  )
}

/** "Percentile-based alarms and low data samples": with `ignore` the state stays while a percentile says little. */
function hasTooFewSamples(
  { watched, lowSampleCountPercentile, evaluationPeriods }: AlarmRecord['settings'],
  points: readonly Datapoint[],
): boolean {
  if (lowSampleCountPercentile !== 'ignore' || watched.kind !== 'metric') return false
  const statistic = readStatistic(watched.statistic)
  if (statistic?.kind !== 'percentile') return false
  const { share } = statistic
  const needed = 10 / (share >= 0.5 ? 1 - share : share)
  return points
    .slice(0, evaluationPeriods)
    .some(({ sampleCount }) => sampleCount !== null && sampleCount < needed)
}
