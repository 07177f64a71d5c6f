import type { Service } from './context.ts'
import type { Member } from './member.ts'
import type { Route } from './routing/route.ts'
import type { HeadText, Session } from './stickiness/session.ts'
import type { SurgeQueue, Waiter } from './surge-queue.ts'

const nobody: readonly Member[] = []

/** What came of looking for a place. */
export type Outcome =
  /** There is a member, and this counts there. */
  | 'taken'
  /** All members have as many as they may: it waits in the surge queue. */
  | 'waiting'
  /** As waiting, but the queue is full. */
  | 'spilled'
  /** There is no member, or none that was not tried. */
  | 'nobody'

/**
 * Where one request or connection goes: a member of its listener's pool, and another one when that cannot be reached.
 * Used again for the next request.
 */
export class Placement implements Waiter {
  /** The member that it counts for; null before there is one, and after `leave`. */
  member: Member | null = null
  /** How many members failed. */
  failures = 0
  readonly #service: Service
  readonly #waited: (outcome: 'taken' | 'nobody') => void
  #tried = nobody
  #route: Route | null = null
  /** The client's address. */
  #client = ''
  #session: Session<Member> | null = null
  #queue: SurgeQueue | null = null

  /** @param waited called when waiting is over */
  constructor(service: Service, waited: (outcome: 'taken' | 'nobody') => void) {
    this.#service = service
    this.#waited = waited
  }

  /** A rule chose the route. */
  get ruled(): boolean {
    return this.#route !== null
  }

  get route(): Route {
    return this.#route ?? this.#service.route
  }

  /** Looks for a member that was not tried, the one that the client is bound to before others, and counts there. */
  take(): Outcome {
    const { selector, queue } = this.route
    // Who came before goes before.
    if (queue.length > 0 && selector.hasMore(this.#tried)) return this.#enter(queue)
    const member = this.#bound() ?? selector.pick(this.#tried, this.#client)
    if (member === undefined) return selector.hasMore(this.#tried) ? this.#enter(queue) : 'nobody'
    if (member.full) return this.#enter(queue)
    this.#join(member)
    return 'taken'
  }

  /** It is done with its member, or waits no more. */
  leave(): void {
    if (this.#queue !== null) this.#leaveQueue()
    const { member } = this
    if (member === null) return
    this.member = null
    this.#service.counters.outstanding -= 1
    member.outstanding -= 1
    member.freed?.()
  }

  /** The member cannot be connected to. */
  fail(): void {
    this.member?.target.unreachable()
    this.giveUp()
  }

  /** The member did not do what was asked of it. */
  giveUp(): void {
    this.failures += 1
    this.passOver()
  }

  /** The member is not to be tried again. */
  passOver(): void {
    if (this.member !== null) this.#tried = [...this.#tried, this.member]
    this.leave()
  }

  /**
   * For the next request.
   * @param client its address
   * @param head what is sent of its head, as text
   * @param route where it goes; null: as the listener has it, at any time
   */
  begin(client: string, head: string, route: Route | null): void {
    this.#client = client
    this.#route = route
    this.failures = 0
    this.#tried = nobody
    const { stickiness } = this.route
    this.#session = stickiness === null ? null : stickiness.session(head)
  }

  /** The cookies of the listener's stickiness, as further field lines for the member's response. */
  marks(response: HeadText): string {
    if (this.#session === null || this.member === null) return ''
    return this.#session.marks(response, this.member)
  }

  #bound(): Member | undefined {
    const member = this.#session?.bound
    if (member === undefined || member.standing !== 'available') return undefined
    return this.#tried.includes(member) ? undefined : member
  }

  get choosy(): boolean {
    return this.#bound() !== undefined
  }

  ready(): boolean {
    const { selector } = this.route
    const member = this.#bound() ?? selector.pick(nobody, this.#client)
    if (member === undefined) return !selector.hasMore(nobody)
    if (member.full) return false
    this.#join(member)
    return true
  }

  proceed(): void {
    this.#leaveQueue()
    this.#waited(this.member === null ? 'nobody' : 'taken')
  }

  #join(member: Member): void {
    this.#service.counters.outstanding += 1
    member.outstanding += 1
    this.member = member
  }

  #enter(queue: SurgeQueue): Outcome {
    const { counters } = this.#service
    if (!queue.enter(this)) {
      counters.spillovers += 1
      return 'spilled'
    }
    this.#queue = queue
    // All who wait look for the same places, and by then the one that failed may be there again.
    this.#tried = nobody
    counters.surgeQueueLength += 1
    counters.surgeQueuePeak = Math.max(counters.surgeQueuePeak, counters.surgeQueueLength)
    return 'waiting'
  }

  #leaveQueue(): void {
    this.#queue?.leave(this)
    this.#queue = null
    this.#service.counters.surgeQueueLength -= 1
  }
}
