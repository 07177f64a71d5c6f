/**
 * What waits for delivery, in memory, as the store's records say: a lane for each subscription, so that an endpoint that is slow or dead holds
 * up nothing but what is for itself.
 */
import type { DeliveryRecord } from '../aws/sns/queue-records.ts'

interface Lane {
  /** By key of the store. */
  readonly waiting: Map<string, Waiting>
  /** Something is on its way. */
  busy: boolean
  /** Milliseconds since the epoch. */
  notBefore: number
}

interface Waiting {
  readonly at: number
  readonly bytes: number
}

export interface Due {
  /** Of the delivery, in the store. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export class Backlog {
  readonly #lanes = new Map<string, Lane>()
  readonly #laneOf = new Map<string, string>()
  #bytes = 0

  get length(): number {
    return this.#laneOf.size
  }

  /** Of all messages that wait, counted for each subscription that they wait for. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes a delivery in, or what is new about it. */
  put(key: string, { subscriptionArn, nextAt, bytes }: DeliveryRecord): void {
    this.remove(key)
    const lane = this.#lanes.get(subscriptionArn) ?? newLane()
    this.#lanes.set(subscriptionArn, lane)
    lane.waiting.set(key, { at: nextAt, bytes })
    this.#laneOf.set(key, subscriptionArn)
    this.#bytes += bytes
  }

  remove(key: string): void {
    const lane = this.#lanes.get(this.#laneOf.get(key) ?? '')
    if (lane === undefined) return
    this.#bytes -= lane.waiting.get(key)?.bytes ?? 0
    lane.waiting.delete(key)
    this.#laneOf.delete(key)
  }

  /** The delivery that is due first, of those whose lanes are free. @param now milliseconds since the epoch */
  next(now: number): Due | undefined {
    let first: Due | undefined
    for (const [name, lane] of this.#lanes) {
      if (lane.busy) continue
      if (lane.waiting.size === 0 && lane.notBefore <= now) this.#lanes.delete(name)
      for (const [key, { at }] of lane.waiting) {
        const when = Math.max(at, lane.notBefore)
        if (first === undefined || when < first.at) first = { key, at: when }
      }
    }
    return first
  }

  /** Nothing else goes to its subscription until {@link Backlog.free}. @returns the lane's name */
  occupy(key: string): string {
    const name = this.#laneOf.get(key) ?? ''
    const lane = this.#lanes.get(name)
    if (lane !== undefined) lane.busy = true
    return name
  }

  /** @param notBefore when the next delivery may begin */
  free(name: string, notBefore: number): void {
    const lane = this.#lanes.get(name)
    if (lane === undefined) return
    lane.busy = false
    lane.notBefore = notBefore
  }
}

function newLane(): Lane {
  return { waiting: new Map(), busy: false, notBefore: 0 }
}
