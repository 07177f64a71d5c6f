import { expect, test } from 'vitest'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { ProbeSlots } from './probe-slots.ts'

/** Probes that note that they started, and end when told to. */
function probes(slots: ProbeSlots) {
  const started: string[] = []
  const ends = new Map<string, () => void>()
  return {
    started,
    enter: (name: string, patience: number) =>
      slots.enter(patience, () => {
        started.push(name)
        const { promise, resolve } = Promise.withResolvers<void>()
        ends.set(name, resolve)
        return promise
      }),
    end: async (name: string) => {
      ends.get(name)?.()
      await new Promise(setImmediate)
    },
  }
}

test('probes beyond the slots wait their turn, first come first served', async () => {
  const clock = new ManualClock()
  const { started, enter, end } = probes(new ProbeSlots(clock, 2))
  for (const name of ['a', 'b', 'c', 'd']) enter(name, 1000)
  expect(started).toEqual(['a', 'b'])
  await end('b')
  expect(started).toEqual(['a', 'b', 'c'])
  await end('a')
  expect(started).toEqual(['a', 'b', 'c', 'd'])
  expect(clock.pending).toBe(0)
})

test('a probe that can wait no longer starts without a slot', async () => {
  const clock = new ManualClock()
  const { started, enter, end } = probes(new ProbeSlots(clock, 1))
  enter('a', 1000)
  enter('b', 1000)
  enter('c', 3000)
  clock.advance(1000)
  expect(started).toEqual(['a', 'b'])
  await end('a')
  expect(started, 'b still has the slot').toEqual(['a', 'b'])
  await end('b')
  expect(started).toEqual(['a', 'b', 'c'])
})

test('who leaves is not called, and leaves nothing behind', async () => {
  const clock = new ManualClock()
  const { started, enter, end } = probes(new ProbeSlots(clock, 1))
  enter('a', 1000)
  enter('b', 1000).leave()
  expect(clock.pending).toBe(0)
  await end('a')
  expect(started).toEqual(['a'])
})
