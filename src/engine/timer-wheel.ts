/**
 * One coarse timer for all connections of an engine. A connection notes the time of its last activity in a field and nothing
 * more; the wheel visits it about when it is due, asks again, and moves it on if it was active meanwhile. So bytes cost one
 * assignment, and the price of a time-out is paid once a time-out period.
 */
import type { Clock, Timer } from '../std/clock.ts'

/** The engine's resolution: a time-out is never early, and at most two ticks late; one, where it counts {@link toTheTick}. */
const tickMs = 100
/** Items due later than the wheel reaches are visited once a turn. */
const slotCount = 512

/**
 * Of a time that was read from the clock itself: an item whose time-out counts from there is due by it at the next tick. Times that are noted by
 * {@link TimerWheel.now} are up to a tick too early, which the wheel makes good.
 */
export function toTheTick(time: number): number {
  return time - tickMs
}

/** An item is linked into its list by itself: that costs a coming and going connection less than a Set, in time and in memory. */
export abstract class Watched {
  /** The wheel's own notes of its neighbours; null outside. */
  wheelNext: Watched | null = null
  wheelPrevious: Watched | null = null

  get watched(): boolean {
    return this.wheelNext !== null
  }

  /** When to expire, on the scale of {@link TimerWheel.now}; read whenever the wheel comes by. */
  abstract due(): number
  /** Called once; the item is no longer watched. */
  abstract expired(): void
}

/** Beginning and end of a list. */
class Ends extends Watched {
  constructor() {
    super()
    this.wheelNext = this
    this.wheelPrevious = this
  }

  due(): number {
    return Number.POSITIVE_INFINITY
  }

  expired(): void {}
}

function append(item: Watched, ends: Ends): void {
  const last = ends.wheelPrevious ?? ends
  item.wheelPrevious = last
  item.wheelNext = ends
  last.wheelNext = item
  ends.wheelPrevious = item
}

function remove(item: Watched): void {
  const { wheelNext: next, wheelPrevious: previous } = item
  if (next === null || previous === null) return
  previous.wheelNext = next
  next.wheelPrevious = previous
  item.wheelNext = null
  item.wheelPrevious = null
}

/** Takes the first item off a list; null from an empty one. */
function shift(ends: Ends): Watched | null {
  const first = ends.wheelNext
  if (first === null || first === ends) return null
  remove(first)
  return first
}

export class TimerWheel {
  /** Monotonic milliseconds as of the last tick: up to one tick old. */
  now = 0
  /** What makes monotonic milliseconds those since the epoch, as of the last tick. */
  epoch = 0
  readonly #clock: Clock
  readonly #slots: readonly Ends[] = Array.from({ length: slotCount }, () => new Ends())
  #ticks = 0
  #startedAt = 0
  #size = 0
  #timer: Timer | null = null

  constructor(clock: Clock) {
    this.#clock = clock
    this.#read()
  }

  /** How many items are watched. */
  get size(): number {
    return this.#size
  }

  watch(item: Watched): void {
    if (this.#timer === null) this.#start()
    this.#size += 1
    this.#place(item)
  }

  unwatch(item: Watched): void {
    if (!item.watched) return
    remove(item)
    this.#size -= 1
    this.#stopIfEmpty()
  }

  /** For an item whose time-out became shorter: it would be visited too late otherwise. */
  reschedule(item: Watched): void {
    if (!item.watched) return
    remove(item)
    this.#place(item)
  }

  #read(): void {
    this.now = this.#clock.monotonic()
    this.epoch = this.#clock.now() - this.now
  }

  #start(): void {
    this.#read()
    this.#startedAt = this.now
    this.#ticks = 0
    this.#timer = this.#clock.every(tickMs, () => this.#advance())
  }

  #stopIfEmpty(): void {
    if (this.#size > 0) return
    this.#timer?.cancel()
    this.#timer = null
  }

  #place(item: Watched): void {
    // One tick more, because `now` may have been that old when the activity was noted.
    const ticks = Math.ceil((item.due() - this.now) / tickMs) + 1
    const ahead = Math.min(Math.max(ticks, 1), slotCount - 1)
    const slot = this.#slots[(this.#ticks + ahead) % slotCount]
    if (slot !== undefined) append(item, slot)
  }

  #advance(): void {
    this.#read()
    const passed = Math.floor((this.now - this.#startedAt) / tickMs) - this.#ticks
    // A blocked event loop skips ticks: the slots in between are visited all the same, each once.
    const first = Math.max(1, passed - slotCount + 1)
    const from = this.#ticks
    this.#ticks += Math.max(passed, 0)
    for (let i = first; i <= passed && this.#timer !== null; i += 1) {
      this.#visit((from + i) % slotCount)
    }
  }

  #visit(index: number): void {
    const slot = this.#slots[index]
    if (slot === undefined) return
    // Apart: what is placed anew may come into the same slot.
    const visited = new Ends()
    for (let item = shift(slot); item !== null; item = shift(slot)) append(item, visited)
    for (let item = shift(visited); item !== null; item = shift(visited)) {
      if (item.due() + tickMs > this.now) {
        this.#place(item)
        continue
      }
      this.#size -= 1
      item.expired()
    }
    this.#stopIfEmpty()
  }
}
