import { expect, test } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { TicketKeys } from './ticket-keys.ts'

test('keys are made anew twice a day, stay until the next ones come, and are made no longer when nobody needs them', () => {
  const clock = new ManualClock()
  const told: (readonly Uint8Array[])[] = []
  const keys = new TicketKeys(clock, (next) => told.push(next))
  const [first] = keys.current
  expect(first).toHaveLength(48)
  clock.advance(24 * 60 * 60 * 1000)
  expect(told).toHaveLength(2)
  const [second, third] = told.map(([newest]) => newest)
  expect(told).toEqual([
    [second, first],
    [third, second],
  ])
  expect(keys.current).toBe(told[1])
  expect(
    new Set([first, second, third].map((one) => Buffer.from(one ?? []).toString('hex'))).size,
  ).toBe(3)
  keys[Symbol.dispose]()
  expect(clock.pending).toBe(0)
})
