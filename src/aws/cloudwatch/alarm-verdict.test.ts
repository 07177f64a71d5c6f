import { expect, test } from 'vitest'
import type { MissingData } from './alarm-records.ts'
import { verdictOn } from './alarm-verdict.ts'

const treatments: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching']

/** @param data oldest first: `X` is across the threshold, `0` is not, `-` is missing */
function states(data: string, datapointsToAlarm: number, evaluationPeriods: number) {
  const points = data
    .split(' ')
    .map((each, time) => ({
      time,
      value: each === '-' ? null : Number(each === 'X'),
      sampleCount: null,
    }))
    .reverse()
  return treatments.map(
    (treatMissingData) =>
      verdictOn(
        {
          evaluationPeriods,
          datapointsToAlarm,
          threshold: 0,
          comparison: 'GreaterThanThreshold',
          treatMissingData,
        },
        points,
      ).state,
  )
}

const [ok, alarm, insufficient, stays] = ['OK', 'ALARM', 'INSUFFICIENT_DATA', null]

/** The tables of "Configuring how CloudWatch alarms treat missing data": what is missing is treated as missing, ignore, breaching, notBreaching. */
test.each([
  ['0 - X - X', 3, 3, [ok, ok, ok, ok]],
  ['- - - - 0', 3, 3, [ok, ok, ok, ok]],
  ['- - - - -', 3, 3, [insufficient, stays, alarm, ok]],
  ['0 X X - X', 3, 3, [alarm, alarm, alarm, alarm]],
  ['- - X - -', 3, 3, [alarm, stays, alarm, ok]],
  ['0 - X - X', 2, 3, [alarm, alarm, alarm, alarm]],
  ['0 0 X 0 X', 2, 3, [alarm, alarm, alarm, alarm]],
  ['0 - X - -', 2, 3, [ok, ok, alarm, ok]],
  ['- - - - 0', 2, 3, [ok, ok, alarm, ok]],
  ['- - - X -', 2, 3, [alarm, stays, alarm, ok]],
])('with the data %s, %i out of %i datapoints to alarm', (data, needed, periods, expected) => {
  expect(states(data, needed, periods)).toEqual(expected)
})

test('one datapoint across the threshold does not alarm before as many periods have passed as there have to be', () => {
  expect(states('- - - - X', 3, 3)[0]).toBe(stays)
  expect(states('- - - - X', 1, 1)[0]).toBe(alarm)
})

test.each([
  ['GreaterThanOrEqualToThreshold', [ok, alarm, alarm]],
  ['GreaterThanThreshold', [ok, ok, alarm]],
  ['LessThanThreshold', [alarm, ok, ok]],
  ['LessThanOrEqualToThreshold', [alarm, alarm, ok]],
] as const)('%s', (comparison, expected) => {
  const rule = {
    evaluationPeriods: 1,
    datapointsToAlarm: null,
    threshold: 2,
    treatMissingData: null,
  }
  const state = (value: number) =>
    verdictOn({ ...rule, comparison }, [{ time: 0, value, sampleCount: null }]).state
  expect([1, 2, 3].map(state)).toEqual(expected)
})
