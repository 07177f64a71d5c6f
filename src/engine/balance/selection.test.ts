import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Algorithm } from '../../snapshot/snapshot.ts'
import { selectorFor } from './balancing.ts'
import { Rotation } from './selector.ts'

interface Fake {
  outstanding: number
  full: boolean
  behind: boolean
  weight: number
  place: string
}

function fakes(...outstanding: number[]): Fake[] {
  return outstanding.map((each, index) => ({
    outstanding: each,
    full: false,
    behind: false,
    weight: 1,
    place: `10.0.0.${index} 80`,
  }))
}

const algorithms: Algorithm[] = ['round-robin', 'least-outstanding']

describe.each(algorithms)('%s', (algorithm) => {
  test('picks nothing from nothing', () => {
    expect(selectorFor<Fake>(algorithm, [], new Rotation()).pick([], '')).toBeUndefined()
  })

  test('spreads over idle targets evenly', () => {
    const targets = fakes(0, 0, 0)
    const selector = selectorFor(algorithm, targets, new Rotation())
    const picks = Array.from({ length: 300 }, () => selector.pick([], ''))
    for (const target of targets) {
      expect(picks.filter((pick) => pick === target)).toHaveLength(100)
    }
  })

  test('passes over what was tried, and ends when all was', () => {
    const targets = fakes(0, 0, 0, 0)
    const selector = selectorFor(algorithm, targets, new Rotation())
    const tried: Fake[] = []
    for (let pick = selector.pick(tried, ''); pick !== undefined; pick = selector.pick(tried, '')) {
      tried.push(pick)
    }
    expect(new Set(tried)).toEqual(new Set(targets))
    expect(tried).toHaveLength(4)
  })

  test('goes on in turn after the list of targets has changed', () => {
    const targets = fakes(0, 0, 0, 0)
    const rotation = new Rotation()
    const before = selectorFor(algorithm, targets, rotation)
    expect([before.pick([], ''), before.pick([], '')]).toEqual([targets[0], targets[1]])
    const after = selectorFor(algorithm, targets.slice(0, 3), rotation)
    expect(after.pick([], '')).toBe(targets[2])
    expect(after.pick([], '')).toBe(targets[0])
  })
})

test('round robin does not look at the load', () => {
  const targets = fakes(9, 0, 0)
  const selector = selectorFor('round-robin', targets, new Rotation())
  expect([1, 2, 3, 4].map(() => selector.pick([], ''))).toEqual([...targets, targets[0]])
})

test('least outstanding picks a target with the fewest outstanding', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 20 }),
      fc.nat(),
      (loads, next) => {
        const selector = selectorFor('least-outstanding', fakes(...loads), new Rotation(next))
        expect(selector.pick([], '')?.outstanding).toBe(Math.min(...loads))
      },
    ),
  )
})

test('least outstanding shares among the equally loaded', () => {
  const targets = fakes(2, 1, 1, 2, 1)
  const selector = selectorFor('least-outstanding', targets, new Rotation())
  const picks = Array.from({ length: 30 }, () => selector.pick([], ''))
  for (const target of targets) {
    const count = picks.filter((pick) => pick === target).length
    expect(count).toBe(target.outstanding === 1 ? 10 : 0)
  }
})

test.each(algorithms)(
  '%s takes a target that is behind only when there is no other',
  (algorithm) => {
    const targets = fakes(0, 3, 5)
    const [behind, full, free] = targets as [Fake, Fake, Fake]
    behind.behind = true
    full.full = true
    const selector = selectorFor(algorithm, targets, new Rotation())
    expect([1, 2, 3].map(() => selector.pick([], ''))).toEqual([free, free, free])
    expect(selector.pick([free], '')).toBe(behind)
    expect(selector.pick([free, behind], '')).toBeUndefined()
    expect(selector.hasMore([free, behind])).toBe(true)
    expect(selector.hasMore(targets)).toBe(false)
  },
)
