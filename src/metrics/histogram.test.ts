import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

const shares = [0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.95, 0.9545, 0.99, 0.9999, 1]

function of(samples: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const sample of samples) histogram.accept(sample)
  return histogram
}

function exact(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))]!
}

function expectWithinOnePercent(histogram: Histogram, samples: readonly number[]): void {
  for (const share of shares) {
    const wanted = exact(samples, share)
    const error = Math.abs(histogram.quantile(share) - wanted)
    expect(error, `p${share * 100}`).toBeLessThanOrEqual(wanted * 0.010001)
  }
}

/** Latencies: microseconds to a minute, and zeros. */
const samples = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 60, noNaN: true })), {
  minLength: 1,
  maxLength: 300,
})

test('percentiles are within 1 % of the true sample', () => {
  fc.assert(fc.property(samples, (each) => expectWithinOnePercent(of(each), each)))
})

test('merging histograms, any number of times, loses no accuracy', () => {
  fc.assert(
    fc.property(fc.array(samples, { minLength: 1, maxLength: 5 }), (parts) => {
      const merged = new Histogram()
      for (const part of parts) {
        const passedOn = new Histogram()
        passedOn.merge(of(part).serialise())
        merged.merge(passedOn.serialise())
      }
      expectWithinOnePercent(merged, parts.flat())
      expect(merged.count).toBe(parts.flat().length)
      expect(merged.serialise()).toEqual(of(parts.flat()).serialise())
    }),
  )
})

test('samples are kept with how often they came, however often', () => {
  const histogram = new Histogram()
  histogram.accept(1, 2 ** 40)
  histogram.accept(2, 2 ** 40 + 3)
  const copy = new Histogram()
  copy.merge(histogram.serialise())
  expect(copy.count).toBe(2 ** 41 + 3)
  expect(copy.quantile(0.4)).toBeCloseTo(1, 1)
  expect(copy.quantile(0.6)).toBeCloseTo(2, 1)
})

test('samples over the whole range that CloudWatch takes are right too', () => {
  const wide: number[] = []
  for (let power = -360; power <= 360; power += 1) wide.push(2 ** power)
  expectWithinOnePercent(of(wide), wide)
})
