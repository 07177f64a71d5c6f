import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { TimerWheel, Watched } from './timer-wheel.ts'

class Item extends Watched {
  at: number
  expiredAt: number | null = null
  readonly #clock: ManualClock

  constructor(at: number, clock: ManualClock) {
    super()
    this.at = at
    this.#clock = clock
  }

  due(): number {
    return this.at
  }

  expired(): void {
    this.expiredAt = this.#clock.monotonic()
  }
}

test('an item expires never early and at most 300 ms late, however far away', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1 }), (delays) => {
      const clock = new ManualClock()
      const wheel = new TimerWheel(clock)
      const items = delays.map((delay) => new Item(clock.monotonic() + delay, clock))
      for (const item of items) wheel.watch(item)
      clock.advance(401_000)
      for (const { at, expiredAt } of items) {
        expect(expiredAt).toBeGreaterThanOrEqual(at)
        expect(expiredAt).toBeLessThanOrEqual(at + 300)
      }
      expect([wheel.size, clock.pending]).toEqual([0, 0])
    }),
    { numRuns: 20 },
  )
})

test('an item that stays active does not expire', () => {
  const clock = new ManualClock()
  const wheel = new TimerWheel(clock)
  const item = new Item(clock.monotonic() + 1000, clock)
  wheel.watch(item)
  for (let i = 0; i < 10; i += 1) {
    clock.advance(900)
    item.at = clock.monotonic() + 1000
  }
  expect(item.expiredAt).toBeNull()
  clock.advance(1300)
  expect(item.expiredAt).not.toBeNull()
})

test('an item that is due earlier than it was is found when it is rescheduled', () => {
  const clock = new ManualClock()
  const wheel = new TimerWheel(clock)
  const item = new Item(clock.monotonic() + 40_000, clock)
  wheel.watch(item)
  item.at = clock.monotonic() + 1000
  wheel.reschedule(item)
  clock.advance(1300)
  expect(item.expiredAt).not.toBeNull()
})

test('an item that is no longer watched does not expire, and the last takes the timer with it', () => {
  const clock = new ManualClock()
  const wheel = new TimerWheel(clock)
  const item = new Item(clock.monotonic() + 1000, clock)
  wheel.watch(item)
  expect(clock.pending).toBe(1)
  wheel.unwatch(item)
  wheel.unwatch(item)
  expect([wheel.size, clock.pending]).toEqual([0, 0])
  clock.advance(2000)
  expect(item.expiredAt).toBeNull()
})

test('an item may take others from the wheel as it expires', () => {
  const clock = new ManualClock()
  const wheel = new TimerWheel(clock)
  const at = clock.monotonic() + 1000
  const others = [new Item(at, clock), new Item(at, clock)]
  const first = new Item(at, clock)
  first.expired = () => {
    for (const other of others) wheel.unwatch(other)
  }
  for (const item of [first, ...others]) wheel.watch(item)
  clock.advance(2000)
  expect(others.map((other) => other.expiredAt)).toEqual([null, null])
  expect(wheel.size).toBe(0)
})
