import type { Clock } from '../std/clock.ts'
import type { Reconciler } from './reconciler.ts'
import type { StatusBoard } from './status-board.ts'

/** Milliseconds that proxies may take to serve a change. */
const patience = 10_000

/** Tells when a change of the store is seen outside. */
export class Publication {
  readonly #reconciler: Reconciler
  readonly #board: StatusBoard
  readonly #clock: Clock

  constructor(reconciler: Reconciler, board: StatusBoard, clock: Clock) {
    this.#reconciler = reconciler
    this.#board = board
    this.#clock = clock
  }

  /** Resolves when the DNS server answers by what the store held at that revision. */
  async inDns(revision: number): Promise<void> {
    await this.#reconciler.reached(revision)
  }

  /**
   * Resolves when all proxies serve what the store held at that revision.
   * @throws Error when there is none, or one takes too long
   */
  async onListeners(revision: number): Promise<void> {
    const served = this.#board.served(await this.#reconciler.reached(revision))
    const tooLate = Promise.withResolvers<void>()
    const error = new Error(`no proxy, or not every one, has taken a change over in ${patience} ms`)
    const timer = this.#clock.after(patience, () => tooLate.reject(error))
    await Promise.race([served, tooLate.promise]).finally(() => timer.cancel())
  }
}
