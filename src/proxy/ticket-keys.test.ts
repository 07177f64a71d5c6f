import { expect, test } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { TicketKeys } from './ticket-keys.ts'

test('keys are made anew twice a day, and no longer when nobody needs them', () => {
  const clock = new ManualClock()
  const told: Uint8Array[] = []
  const keys = new TicketKeys(clock, (next) => told.push(next))
  const first = keys.current
  expect(first).toHaveLength(48)
  clock.advance(24 * 60 * 60 * 1000)
  expect(told).toHaveLength(2)
  expect(keys.current).toBe(told[1])
  expect(new Set([first, ...told].map((one) => Buffer.from(one).toString('hex'))).size).toBe(3)
  keys[Symbol.dispose]()
  expect(clock.pending).toBe(0)
})
