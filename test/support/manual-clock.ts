import type { Clock, Timer } from '../../src/std/clock.ts'

interface Pending {
  at: number
  readonly period: number
  readonly run: () => void
}

/** A clock that stands still until `advance` moves it; due calls run in order, synchronously. */
export class ManualClock implements Clock {
  #now: number
  /** Of the wall clock before the monotonic one, in milliseconds. */
  #ahead = 0
  readonly #pending = new Set<Pending>()

  constructor(startEpochMs = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = startEpochMs
  }

  now(): number {
    return this.#now + this.#ahead
  }

  /** Somebody sets the wall clock. */
  setAhead(ms: number): void {
    this.#ahead += ms
  }

  monotonic(): number {
    return this.#now
  }

  after(ms: number, run: () => void): Timer {
    return this.#add({ at: this.#now + ms, period: 0, run })
  }

  every(ms: number, run: () => void): Timer {
    return this.#add({ at: this.#now + ms, period: ms, run })
  }

  /** How many calls are still to come: 0 proves that nothing was left behind. */
  get pending(): number {
    return this.#pending.size
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.#now = Math.max(this.#now, due.at)
      if (due.period > 0) due.at += due.period
      else this.#pending.delete(due)
      due.run()
    }
    this.#now = end
  }

  #add(entry: Pending): Timer {
    this.#pending.add(entry)
    return { cancel: () => this.#pending.delete(entry) }
  }

  #next(end: number): Pending | undefined {
    let first: Pending | undefined
    for (const entry of this.#pending) {
      if (entry.at <= end && (first === undefined || entry.at < first.at)) first = entry
    }
    return first
  }
}
