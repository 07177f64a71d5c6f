/** Bounds how many health checks are under way, so that a thousand of them do not take a thousand descriptors at once. */
import type { Clock, Timer } from '../../std/clock.ts'

export interface Turn {
  /** Gives up a turn that has not come; nothing otherwise. */
  leave(): void
}

interface Waiting extends Turn {
  readonly start: () => Promise<void>
  readonly patience: Timer
}

export class ProbeSlots {
  readonly #clock: Clock
  readonly #slots: number
  readonly #running = new Set<Promise<void>>()
  readonly #waiting = new Set<Waiting>()

  constructor(clock: Clock, slots: number) {
    this.#clock = clock
    this.#slots = slots
  }

  /**
   * Calls `start` at once if a slot is free, else first come first served, and after `patience` milliseconds in any case: a late
   * verdict is worse than one descriptor more.
   */
  enter(patience: number, start: () => Promise<void>): Turn {
    if (this.#running.size < this.#slots) {
      this.#run(start)
      return { leave: () => undefined }
    }
    const waiting: Waiting = {
      start,
      patience: this.#clock.after(patience, () => this.#admit(waiting)),
      leave: () => {
        waiting.patience.cancel()
        this.#waiting.delete(waiting)
      },
    }
    this.#waiting.add(waiting)
    return waiting
  }

  /** Resolves when nothing that has started is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#running)
  }

  #admit(waiting: Waiting): void {
    waiting.leave()
    this.#run(waiting.start)
  }

  #run(start: () => Promise<void>): void {
    const run = start().finally(() => {
      this.#running.delete(run)
      const [next] = this.#waiting
      if (next !== undefined && this.#running.size < this.#slots) this.#admit(next)
    })
    this.#running.add(run)
  }
}
