/** Why an alarm is in its state, in CloudWatch's words. */
import type { StateValue } from '@aws-sdk/client-cloudwatch'
import { timestamp } from './alarm-message.ts'
import { type AlarmSettings, comparisons } from './alarm-records.ts'
import type { Datapoint, Verdict } from './alarm-verdict.ts'

/** More data points than this are not all named. */
const mostNamed = 5

export function stateReason(settings: AlarmSettings, state: StateValue, verdict: Verdict): string {
  const { evaluationPeriods, treatMissingData } = settings
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${counted(evaluationPeriods, 'datapoint')} ${were(evaluationPeriods)} unknown.`
  }
  const fills = treatMissingData === 'breaching' || treatMissingData === 'notBreaching'
  if (verdict.missing > 0 && fills) return filledReason(settings, verdict)
  return crossedReason(settings, state, verdict)
}

/** `1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching].` */
function filledReason(
  { evaluationPeriods, treatMissingData }: AlarmSettings,
  { across, within, missing }: Verdict,
): string {
  const there = across.length + within.length
  const received =
    there === 0 ? 'no datapoints were' : `${counted(there, 'datapoint')} ${were(there)}`
  const treated = treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching'
  return (
    `Threshold Crossed: ${received} received for ${counted(evaluationPeriods, 'period')} ` +
    `and ${counted(missing, 'missing datapoint')} ${were(missing)} treated as [${treated}].`
  )
}

/** `1 out of the last 1 datapoints [0.3 (19/12/21 23:01:00)] was greater than the threshold (0.2) (minimum …).` */
function crossedReason(settings: AlarmSettings, state: StateValue, verdict: Verdict): string {
  const { threshold, comparison, datapointsToAlarm, evaluationPeriods } = settings
  const points = state === 'ALARM' ? verdict.across : verdict.within
  const subject =
    datapointsToAlarm === null
      ? counted(points.length, 'datapoint')
      : `${points.length} out of the last ${evaluationPeriods} datapoints`
  const not = state === 'ALARM' ? '' : 'not '
  const relation = `${were(points.length)} ${not}${comparisons[comparison].words} the threshold (${shownNumber(threshold)})`
  const named = `[${points.slice(0, mostNamed).map(shownPoint).join(', ')}]`
  const minimum = minimumOf(settings, state)
  return points.length <= mostNamed
    ? `Threshold Crossed: ${subject} ${named} ${relation}${minimum}.`
    : `Threshold Crossed: ${subject} ${relation}. The most recent datapoints which crossed the threshold: ${named}${minimum}.`
}

function minimumOf(
  { datapointsToAlarm, evaluationPeriods }: AlarmSettings,
  state: StateValue,
): string {
  if (datapointsToAlarm === null) return ''
  return state === 'ALARM'
    ? ` (minimum ${counted(datapointsToAlarm, 'datapoint')} for OK -> ALARM transition)`
    : ` (minimum ${counted(evaluationPeriods - datapointsToAlarm + 1, 'datapoint')} for ALARM -> OK transition)`
}

/** More are left out of what is stored: "StateReasonData: maximum length of 4000". */
const mostStored = 20

/** JSON. @param points that were looked at, newest first @param now milliseconds since the epoch */
export function stateReasonData(
  { watched, threshold, evaluationPeriods }: AlarmSettings,
  verdict: Verdict,
  points: readonly Datapoint[],
  now: number,
): string {
  const there = [...verdict.across, ...verdict.within].sort((a, b) => b.time - a.time)
  const evaluated = there.length > 0 ? there : points.slice(0, evaluationPeriods)
  const oldest = there.at(-1)
  return JSON.stringify({
    version: '1.0',
    queryDate: timestamp(now),
    ...(oldest === undefined ? {} : { startDate: timestamp(oldest.time) }),
    ...(watched.kind === 'metric' && watched.unit !== null ? { unit: watched.unit } : {}),
    ...(watched.kind === 'metric' ? { statistic: watched.statistic } : {}),
    period: watched.period,
    recentDatapoints: there
      .slice(0, mostStored)
      .map(({ value }) => value)
      .reverse(),
    threshold,
    evaluatedDatapoints: evaluated.slice(0, mostStored).map(({ time, sampleCount, value }) => ({
      timestamp: timestamp(time),
      ...(sampleCount === null ? {} : { sampleCount }),
      ...(value === null ? {} : { value }),
    })),
  })
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function were(count: number): string {
  return count === 1 ? 'was' : 'were'
}

/** `60.0 (06/12/24 05:34:00)` */
function shownPoint({ value, time }: Datapoint): string {
  const [, year, month, day, clock] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(new Date(time).toISOString()) ?? []
  return `${shownNumber(value ?? 0)} (${day}/${month}/${year} ${clock})`
}

/** Whole numbers have a fraction too. */
function shownNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : `${value}`
}
