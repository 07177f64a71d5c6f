import { expect, test } from 'vitest'
import type { Algorithm } from '../../snapshot/snapshot.ts'
import { selectorFor } from './balancing.ts'
import { type Loaded, Rotation } from './selector.ts'
import { SlowStart, slowStartShare } from './slow-start.ts'

test.each([
  [0, 0.1],
  [500, 0.1],
  [1000, 0.1],
  [5000, 0.5],
  [9999, 0.9999],
  [10_000, 1],
  [1_000_000, 1],
])('after %i ms of 10 s, a target has %d of its share', (age, share) => {
  expect(slowStartShare(age, 10_000)).toBe(share)
})

const idle = (): Loaded => ({
  outstanding: 0,
  full: false,
  behind: false,
  weight: 1,
  place: '',
})

/** The part of 1000 picks that go to the last of the targets, which came into service `age` ms of 10 s ago, as others did `older`. */
function partOfTheLast(algorithm: Algorithm, targets: readonly Loaded[], age: number): number {
  const last = targets.at(-1) as Loaded
  const inner = selectorFor(algorithm, targets, new Rotation())
  const warming = [{ target: last, ramp: { since: 0, credit: 0 } }]
  const selector = new SlowStart(inner, warming, targets.length, 10_000, () => age)
  const picks = Array.from({ length: 1000 }, () => selector.pick([], ''))
  return picks.filter((pick) => pick === last).length / picks.length
}

const algorithms: Algorithm[] = ['round-robin', 'least-outstanding']

test.each(
  algorithms.flatMap((algorithm) => [
    { algorithm, age: 0, part: 0.025 },
    { algorithm, age: 4000, part: 0.1 },
    { algorithm, age: 8000, part: 0.2 },
    { algorithm, age: 10_000, part: 0.25 },
  ]),
)('$algorithm gives one of four targets $part of all after $age ms of 10 s', (row) => {
  const part = partOfTheLast(row.algorithm, [idle(), idle(), idle(), idle()], row.age)
  expect(part).toBeCloseTo(row.part, 1)
  expect(part).toBeGreaterThan(0.01)
})

test('a new target that looks idle beside busy ones is not flooded', () => {
  const busy = () => ({ ...idle(), outstanding: 50 })
  expect(partOfTheLast('least-outstanding', [busy(), busy(), busy(), idle()], 4000)).toBeCloseTo(
    0.1,
    1,
  )
})

test.each(algorithms)('%s gives a target everything where it is the only one', (algorithm) => {
  expect(partOfTheLast(algorithm, [idle()], 0)).toBe(1)
  expect(partOfTheLast(algorithm, [{ ...idle(), full: true }, idle()], 0)).toBe(1)
  expect(partOfTheLast(algorithm, [{ ...idle(), behind: true }, idle()], 0)).toBe(1)
})

test.each(algorithms)('%s shares evenly among targets that all are new', (algorithm) => {
  const targets = [idle(), idle(), idle()]
  const warming = targets.map((target) => ({ target, ramp: { since: 0, credit: 0 } }))
  const inner = selectorFor(algorithm, targets, new Rotation())
  const selector = new SlowStart(inner, warming, 3, 10_000, () => 1000)
  const picks = Array.from({ length: 3000 }, () => selector.pick([], ''))
  for (const target of targets) {
    expect(picks.filter((pick) => pick === target).length / 3000).toBeCloseTo(1 / 3, 1)
  }
})
