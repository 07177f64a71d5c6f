import { expect, test } from 'vitest'
import type { HealthState } from '../../snapshot/status.ts'
import { afterCheck, newcomer } from './threshold.ts'

const letters: Readonly<Record<HealthState, string>> = {
  initial: 'i',
  healthy: 'H',
  unhealthy: 'U',
}

/** `+` and `-` are checks, of which each state is told. */
function statesAfter(checks: string, healthyThreshold: number, unhealthyThreshold: number): string {
  let standing = newcomer
  return [...checks]
    .map((check) => {
      standing = afterCheck(standing, check === '+', { healthyThreshold, unhealthyThreshold })
      return letters[standing.state]
    })
    .join('')
}

test.each([
  ['one success brings a newcomer in', '+', 3, 2, 'H'],
  ['a newcomer is initial until enough checks have failed', '--', 3, 3, 'ii'],
  ['a newcomer that fails is unhealthy', '---', 3, 3, 'iiU'],
  ['one success brings in what never was healthy, however long it failed', '----+', 3, 2, 'iUUUH'],
  ['fewer failures than the threshold change nothing', '+-+-+', 3, 2, 'HHHHH'],
  ['failures in a row take a healthy target out', '+--', 3, 2, 'HHU'],
  ['successes in a row bring it back', '+--+++', 3, 2, 'HHUUUH'],
  ['a failure starts the successes anew', '+--++-+++', 3, 2, 'HHUUUUUUH'],
  ['a success starts the failures anew', '+--+++-+--', 3, 2, 'HHUUUHHHHU'],
] as const)('%s', (_rule, checks, healthyThreshold, unhealthyThreshold, states) => {
  expect(statesAfter(checks, healthyThreshold, unhealthyThreshold)).toBe(states)
})
