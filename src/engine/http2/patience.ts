/**
 * How much of what is of no use is put up with from one client: so many at once, and so many a second in the long run. A token
 * bucket.
 */
export class Patience {
  readonly #burst: number
  readonly #perSecond: number
  #left: number
  #since = 0

  constructor(burst: number, perSecond: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#left = burst
  }

  /** One more. @param now milliseconds @returns false: it is too much */
  bears(now: number): boolean {
    const gained = ((now - this.#since) * this.#perSecond) / 1000
    this.#left = Math.min(this.#burst, this.#left + gained) - 1
    this.#since = now
    return this.#left >= 0
  }
}
