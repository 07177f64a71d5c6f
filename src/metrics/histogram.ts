/**
 * How samples lie between their minimum and maximum, for percentiles: a DDSketch (VLDB 2019), which counts samples in bins of
 * logarithmic width, those of `Distribution`. A percentile is within 1 % of the true sample, and histograms merge without losing that.
 * Samples that differ by a factor of N take at most 115 bins for each decimal place of N.
 */
import { binOf, binValue } from '../std/distribution.ts'

/** Bins of a double have numbers from about -37,300 to 35,500; distances are counted from below all of them. */
const firstBin = -40_000

/** Room for a factor of 13 on both sides of the first sample. */
const spareBins = 128

export class Histogram {
  #zeros = 0
  /** Of the samples that are not zero. */
  #counted = 0
  /** Counts of the bins from {@link #first} on. */
  #bins = new Float64Array(0)
  #first = 0

  /** How many samples it has. */
  get count(): number {
    return this.#zeros + this.#counted
  }

  /** @param value not negative @param times whole, above 0 */
  accept(value: number, times = 1): void {
    if (value === 0) this.#zeros += times
    else this.acceptBin(binOf(value), times)
  }

  /** As {@link accept}, of samples of which only the bin is known. */
  acceptBin(bin: number, times: number): void {
    if (bin < this.#first || bin >= this.#first + this.#bins.length) this.#makeRoom(bin)
    ;(this.#bins[bin - this.#first] as number) += times
    this.#counted += times
  }

  /** Adds the samples of another one, as {@link serialise} gave them. */
  merge(serialised: Uint8Array): void {
    const numbers = new Varints(serialised)
    this.#zeros += numbers.next()
    for (let bin = firstBin; !numbers.atEnd; ) {
      bin += numbers.next()
      this.acceptBin(bin, numbers.next())
    }
  }

  /** The smallest sample that so much of all are not above. @param share 0 to 1 */
  quantile(share: number): number {
    const rank = share * (this.count - 1)
    let passed = this.#zeros
    if (rank < passed) return 0
    for (let place = 0; place < this.#bins.length; place += 1) {
      passed += this.#bins[place] as number
      if (rank < passed) return binValue(this.#first + place)
    }
    return Number.NaN
  }

  /** Varints: how many zeros, then for each bin that is not empty its distance from the one before and how many it has. */
  serialise(): Uint8Array {
    const bytes: number[] = []
    writeVarint(bytes, this.#zeros)
    let last = firstBin
    this.#bins.forEach((count, place) => {
      if (count === 0) return
      const bin = this.#first + place
      writeVarint(bytes, bin - last)
      writeVarint(bytes, count)
      last = bin
    })
    return Uint8Array.from(bytes)
  }

  #makeRoom(bin: number): void {
    const isEmpty = this.#bins.length === 0
    const [from, to] = isEmpty ? [bin, bin] : [this.#first, this.#first + this.#bins.length]
    const first = Math.min(from, bin - spareBins)
    const bins = new Float64Array(Math.max(to, bin + spareBins) - first)
    bins.set(this.#bins, from - first)
    this.#bins = bins
    this.#first = first
  }
}

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
