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

  /** As {@link accept}, of samples of which only the bin is known: that of a `Distribution`, which has the same bins. */
  acceptBin(bin: number, times: number): void {
    this.#sketch.store.add(bin, times)
    this.#sketch.count += times
  }

  /** Adds the samples of another one, as {@link serialise} gave them. */
  merge(serialised: Uint8Array): void {
    const numbers = new Varints(serialised)
    const zeros = numbers.next()
    if (zeros > 0) this.#sketch.accept(0, zeros)
    for (let bin = -firstBin; !numbers.atEnd; ) {
      bin += numbers.next()
      this.acceptBin(bin, numbers.next())
    }
  }

  /** The smallest sample that so much of all are not above. @param share 0 to 1 */
  quantile(share: number): number {
    return this.#sketch.getValueAtQuantile(share)
  }

  /** Varints: how many zeros, then for each bin that is not empty its distance from the one before and how many it has. */
  serialise(): Uint8Array {
    const bytes: number[] = []
    writeVarint(bytes, this.#sketch.zeroCount)
    let last = -firstBin
    for (const [bin, count] of this.#bins()) {
      writeVarint(bytes, bin - last)
      writeVarint(bytes, count)
      last = bin
    }
    return Uint8Array.from(bytes)
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

class Varints {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  next(): number {
    const first = this.#bytes[this.#at] ?? 0
    if (first < varintBase) {
      this.#at += 1
      return first
    }
    let value = 0
    for (let place = 1; ; place *= varintBase) {
      const byte = this.#bytes[this.#at] ?? 0
      this.#at += 1
      value += (byte % varintBase) * place
      if (byte < varintBase) return value
    }
  }
}
