/**
 * How samples lie: counted in bins of logarithmic width, those of a DDSketch (VLDB 2019) of relative accuracy 1 %, so that a percentile is
 * within 1 % of the true sample, and counts of many places can be added up. One sample costs a logarithm and one addition in an array.
 */

const relativeAccuracy = 0.01
/** From one bin's upper bound to the next one's. */
const growth = (1 + relativeAccuracy) / (1 - relativeAccuracy)
const binsPerE = 1 / Math.log(growth)

/** What is smaller or greater, zero too, counts in the outermost bins: of seconds, a microsecond and 11 days. */
const smallest = 1e-6
const greatest = 1e6
const lowestBin = binOf(smallest)
const highestBin = binOf(greatest)

/** What a number of samples come to: numbers only, to be sent and kept. */
export interface Samples {
  /** Above 0. */
  readonly count: number
  readonly sum: number
  readonly minimum: number
  readonly maximum: number
  /** Of those that are not empty, in turns: a bin's number ({@link binValue}), and how many samples are in it. */
  readonly bins: readonly number[]
}

/** Bin `n` has the samples above `growth ** (n - 1)` up to `growth ** n`. */
function binOf(sample: number): number {
  return Math.ceil(Math.log(sample) * binsPerE)
}

/** A sample that is within 1 % of all that the bin may have. */
export function binValue(bin: number): number {
  return (growth ** bin * 2) / (1 + growth)
}

export class Distribution {
  #count = 0
  #sum = 0
  #minimum = Number.POSITIVE_INFINITY
  #maximum = 0
  /** Made for the first sample: most listeners of many are silent. */
  #bins: Uint32Array | null = null

  get count(): number {
    return this.#count
  }

  /** @param sample not negative */
  add(sample: number): void {
    this.#count += 1
    this.#sum += sample
    if (sample < this.#minimum) this.#minimum = sample
    if (sample > this.#maximum) this.#maximum = sample
    const within = Math.min(Math.max(sample, smallest), greatest)
    this.#countIn(binOf(within) - lowestBin, 1)
  }

  merge({ count, sum, minimum, maximum, bins }: Samples): void {
    this.#count += count
    this.#sum += sum
    this.#minimum = Math.min(this.#minimum, minimum)
    this.#maximum = Math.max(this.#maximum, maximum)
    for (let i = 0; i < bins.length; i += 2) {
      this.#countIn((bins[i] as number) - lowestBin, bins[i + 1] as number)
    }
  }

  /** null when there are none. */
  samples(): Samples | null {
    if (this.#count === 0) return null
    const bins: number[] = []
    this.#bins?.forEach((count, place) => {
      if (count > 0) bins.push(place + lowestBin, count)
    })
    return {
      count: this.#count,
      sum: this.#sum,
      minimum: this.#minimum,
      maximum: this.#maximum,
      bins,
    }
  }

  /** What there is, and begins anew. */
  take(): Samples | null {
    const samples = this.samples()
    if (samples === null) return null
    this.#count = 0
    this.#sum = 0
    this.#minimum = Number.POSITIVE_INFINITY
    this.#maximum = 0
    this.#bins?.fill(0)
    return samples
  }

  #countIn(place: number, times: number): void {
    this.#bins ??= new Uint32Array(highestBin - lowestBin + 1)
    ;(this.#bins[place] as number) += times
  }
}
