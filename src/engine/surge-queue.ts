/**
 * The surge queue (guide, p. 93, SurgeQueueLength and SpilloverCount): requests and connections for which every instance that could
 * take them has as many as it may. They are served in order as places become free. Nobody waits where no instance is
 * available, and where instances have no bound, nobody ever waits.
 */

/** How many may wait at a node of a load balancer (guide, p. 93). */
export const maxQueued = 1024

export interface Waiter {
  /** Only one place will do: the client is bound to an instance. */
  readonly choosy: boolean
  /** Looks whether there is a place now. @returns false: it has to wait on */
  ready(): boolean
  /** It no longer waits. */
  proceed(): void
}

/** A node's room for those who wait, whichever pool it is for. */
export interface Room {
  taken: number
  readonly size: number
}

/** Those who wait for a place in one pool at one node. */
export class SurgeQueue {
  readonly #room: Room
  readonly #waiters = new Set<Waiter>()
  readonly #serveSoon: () => void

  /** @param serveSoon has `serve` called */
  constructor(room: Room, serveSoon: () => void) {
    this.#room = room
    this.#serveSoon = serveSoon
  }

  get length(): number {
    return this.#waiters.size
  }

  /** @returns false: there is no room */
  enter(waiter: Waiter): boolean {
    if (this.#room.taken >= this.#room.size) return false
    this.#room.taken += 1
    this.#waiters.add(waiter)
    // Those before it may wait for something else than it does.
    if (this.#waiters.size > 1) this.#serveSoon()
    return true
  }

  leave(waiter: Waiter): void {
    if (this.#waiters.delete(waiter)) this.#room.taken -= 1
  }

  /** Lets those go on for whom there is a place now, first in first out. The first who would take any and finds none speaks for all such. */
  serve(): void {
    let anyPlace = true
    for (const waiter of this.#waiters) {
      const { choosy } = waiter
      if (!choosy && !anyPlace) continue
      if (!waiter.ready()) {
        anyPlace &&= choosy
        continue
      }
      this.leave(waiter)
      waiter.proceed()
    }
  }
}
