/**
 * How samples lie between their minimum and maximum, for percentiles: a DDSketch (VLDB 2019), which counts samples in bins of
 * logarithmic width. A percentile is within 1 % of the true sample, and histograms merge without losing that. Samples that differ by a
 * factor of N take at most 115 bins for each decimal place of N.
 */
import { DDSketch } from '@datadog/sketches-js'

const relativeAccuracy = 0.01

export class Histogram {
  readonly #sketch = new DDSketch({ relativeAccuracy })

  /** How many samples it has. */
  get count(): number {
    return this.#sketch.count
  }

  /** @param value not negative @param times whole, above 0 */
  accept(value: number, times = 1): void {
    this.#sketch.accept(value, times)
  }

  /** Adds the samples of another one. */
  merge(serialised: string): void {
    const numbers = readVarints(Buffer.from(serialised, 'base64'))
    const zeros = numbers.next().value ?? 0
    if (zeros > 0) this.#sketch.accept(0, zeros)
    let bin = -firstBin
    for (const gap of numbers) {
      bin += gap
      this.#sketch.accept(this.#sketch.mapping.value(bin), numbers.next().value ?? 0)
    }
  }

  /** The smallest sample that so much of all are not above. @param share 0 to 1 */
  quantile(share: number): number {
    return this.#sketch.getValueAtQuantile(share)
  }

  /** Base64 of varints: how many zeros, then for each bin that is not empty its distance from the one before and how many it has. */
  serialise(): string {
    const bytes: number[] = []
    writeVarint(bytes, this.#sketch.zeroCount)
    let last = -firstBin
    for (const [bin, count] of this.#bins()) {
      writeVarint(bytes, bin - last)
      writeVarint(bytes, count)
      last = bin
    }
    return Buffer.from(bytes).toString('base64')
  }

  *#bins(): Generator<[bin: number, count: number]> {
    const { bins, offset, minKey, maxKey } = this.#sketch.store
    for (let bin = minKey; bin <= maxKey; bin += 1) {
      const count = bins[bin - offset] ?? 0
      if (count > 0) yield [bin, count]
    }
  }
}

/** Bins of a double have numbers from about -35,500 to 35,500; distances are counted from below all of them. */
const firstBin = 40_000

const varintBase = 128

function writeVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= varintBase) {
    bytes.push((rest % varintBase) + varintBase)
    rest = Math.floor(rest / varintBase)
  }
  bytes.push(rest)
}

function* readVarints(bytes: Uint8Array): Generator<number, undefined> {
  let value = 0
  let place = 1
  for (const byte of bytes) {
    value += (byte % varintBase) * place
    place *= varintBase
    if (byte >= varintBase) continue
    yield value
    value = 0
    place = 1
  }
}
