/**
 * In which state the data put an alarm: "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data" of the user guide.
 */
import type { StateValue } from '@aws-sdk/client-cloudwatch'
import { type AlarmSettings, comparisons } from './alarm-records.ts'

/** Of one period. */
export interface Datapoint {
  /** When the period begins, in milliseconds since the epoch. */
  readonly time: number
  /** Null: there is none. */
  readonly value: number | null
  readonly sampleCount: number | null
}

export interface Verdict {
  /** Null: the alarm stays in the state that it is in. */
  readonly state: StateValue | null
  /** Across the threshold, among those that decide; newest first. */
  readonly across: readonly Datapoint[]
  /** Not across it. */
  readonly within: readonly Datapoint[]
  /** How many are missing of those that decide. */
  readonly missing: number
}

/** So many periods more than decide are looked at: a period without data is passed over where older ones have some. */
export const furtherPeriods = 2

type Rule = Pick<
  AlarmSettings,
  'evaluationPeriods' | 'datapointsToAlarm' | 'threshold' | 'comparison' | 'treatMissingData'
>

/** @param points of all periods that are looked at, newest first */
export function verdictOn(rule: Rule, points: readonly Datapoint[]): Verdict {
  const deciding = points.filter(({ value }) => value !== null).slice(0, rule.evaluationPeriods)
  const isAcross = ({ value }: Datapoint) =>
    comparisons[rule.comparison].across(value ?? Number.NaN, rule.threshold)
  const across = deciding.filter(isAcross)
  const within = deciding.filter((point) => !isAcross(point))
  const missing = rule.evaluationPeriods - deciding.length
  return { state: stateOf(rule, points, { across, within, missing }), across, within, missing }
}

function stateOf(
  rule: Rule,
  points: readonly Datapoint[],
  { across, within, missing }: Omit<Verdict, 'state'>,
): StateValue | null {
  const needed = rule.datapointsToAlarm ?? rule.evaluationPeriods
  const filled = rule.treatMissingData === 'breaching' ? missing : 0
  if (across.length + filled >= needed) return 'ALARM'
  if (missing === 0 || within.length > 0) return 'OK'
  switch (rule.treatMissingData ?? 'missing') {
    case 'breaching':
    case 'notBreaching':
      return 'OK'
    case 'ignore':
      return null
    case 'missing':
      if (across.length === 0) return 'INSUFFICIENT_DATA'
      return isOldEnough(points, across, needed) ? 'ALARM' : null
  }
}

/**
 * "To avoid premature transitions": with nothing but data across the threshold, and too few, the oldest has to be as many periods back as
 * there would have to be.
 */
function isOldEnough(
  points: readonly Datapoint[],
  across: readonly Datapoint[],
  needed: number,
): boolean {
  const oldest = across.at(-1)
  return oldest !== undefined && points.indexOf(oldest) + 1 >= needed
}
