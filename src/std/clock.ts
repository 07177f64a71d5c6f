import { performance } from 'node:perf_hooks'

/** A pending call; `cancel` is idempotent and does nothing once the call was made. */
export interface Timer {
  cancel(): void
}

/** The only source of time in the project: tests pass one that they advance by hand. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds with microsecond fractions from an arbitrary origin; never goes back. */
  monotonic(): number
  /** Calls `run` once after `ms` milliseconds. Does not keep the process alive. */
  after(ms: number, run: () => void): Timer
  /** Calls `run` every `ms` milliseconds. Does not keep the process alive. */
  every(ms: number, run: () => void): Timer
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return { cancel: () => clearTimeout(timer) }
  },
  every(ms, run) {
    const timer = setInterval(run, ms).unref()
    return { cancel: () => clearInterval(timer) }
  },
}

/** The longest that a timer of Node takes. */
const longestMs = 2 ** 31 - 1

/** Keeps the process running, whatever else ends in it, until it exits. */
export function keepAlive(): void {
  setInterval(() => undefined, longestMs)
}
