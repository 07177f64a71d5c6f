/** Where requests or connections go that are for one pool. */
import type { Stickiness as StickinessSpec } from '../../snapshot/stickiness.ts'
import type { Selector } from '../balance/selector.ts'
import type { Member } from '../member.ts'
import type { Stickiness } from '../stickiness/session.ts'
import { stickinessOf } from '../stickiness/stickiness.ts'
import type { SurgeQueue } from '../surge-queue.ts'
import type { Targets } from '../targets.ts'

export class Route {
  readonly pool: string
  readonly #zone: string
  readonly #stickinessSpec: StickinessSpec | undefined
  selector: Selector<Member>
  /** null: every request goes where the selector says. */
  stickiness: Stickiness<Member> | null = null
  /** Where clients wait for a place at a member. */
  queue: SurgeQueue
  /** The pool has no targets, healthy or not. */
  empty = true

  constructor(
    pool: string,
    zone: string,
    stickiness: StickinessSpec | undefined,
    targets: Targets,
  ) {
    this.pool = pool
    this.#zone = zone
    this.#stickinessSpec = stickiness
    this.selector = targets.selector(pool, zone)
    this.queue = targets.queue(pool, zone)
    this.refresh(targets)
  }

  /** Another snapshot is in force, or targets became healthy or unhealthy. */
  refresh(targets: Targets): void {
    this.selector = targets.selector(this.pool, this.#zone)
    this.queue = targets.queue(this.pool, this.#zone)
    this.empty = (targets.pool(this.pool)?.targets.length ?? 0) === 0
    if (this.#stickinessSpec === undefined) return
    const candidates = targets.candidates(this.pool)
    this.stickiness = stickinessOf(this.#stickinessSpec, this.pool, candidates, this.stickiness)
  }
}
