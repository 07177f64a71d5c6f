import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binValue, Distribution, type Samples } from './distribution.ts'

const sample = fc.double({ min: 1e-6, max: 1e6, noNaN: true })

function distribution(samples: readonly number[]): Distribution {
  const made = new Distribution()
  for (const one of samples) made.add(one)
  return made
}

function* binsOf({ bins }: Samples): Generator<[bin: number, count: number]> {
  for (let i = 0; i < bins.length; i += 2) yield [bins[i] as number, bins[i + 1] as number]
}

test('every sample is within 1 % of the value of its bin', () => {
  fc.assert(
    fc.property(sample, (value) => {
      const [[bin] = [0]] = [...binsOf(distribution([value]).take() as Samples)]
      expect(Math.abs(binValue(bin) - value) / value).toBeLessThan(0.01 + 1e-9)
    }),
  )
})

test('merged samples are as if they had been counted together', () => {
  const all = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(all, all, (some, others) => {
      const merged = distribution(some)
      merged.merge(distribution(others).take() as Samples)
      expect(merged.samples()).toEqual(distribution([...some, ...others]).samples())
    }),
  )
})

test('count, sum, minimum and maximum are exact, also of what is beyond the outermost bins', () => {
  const { bins, ...exact } = distribution([0, 1e-9, 5e9]).take() as Samples
  expect(exact).toEqual({ count: 3, sum: 5e9 + 1e-9, minimum: 0, maximum: 5e9 })
  expect([...binsOf({ ...exact, bins })].map(([, count]) => count)).toEqual([2, 1])
})

test('what was taken is not there again', () => {
  const one = distribution([3])
  expect(one.take()).toMatchObject({ count: 1, minimum: 3, maximum: 3 })
  expect(one.take()).toBeNull()
  one.add(4)
  expect(one.take()).toMatchObject({ count: 1, sum: 4, minimum: 4, maximum: 4 })
})
