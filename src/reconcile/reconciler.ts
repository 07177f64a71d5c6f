/**
 * Keeps proxies and names in step with the store: on every change that matters it reads the dialects' resources, translates them
 * and hands out the snapshot, unless it equals the one that is out. Changes that come while it works are taken together.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Clock, Timer } from '../std/clock.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store, Watch } from '../store/store.ts'
import type { Logger } from '../telemetry/logger.ts'
import { translate } from './translate.ts'
import type { TranslationOptions } from './translation.ts'
import { concernsWorld, type OnUnusable, readWorld, type World } from './world.ts'

export interface ReconcilerOptions extends TranslationOptions {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  /** Opens certificates' private keys. */
  readonly box: SecretBox
  /** Called with each snapshot that differs from the one before, and the world that it was made from. */
  readonly publish: (snapshot: Snapshot) => void
  readonly observe: (world: World, snapshot: Snapshot) => void
}

/** How long a change waits for others: many changes in a row make few snapshots, and none waits long. */
const gatherMs = 20
/** After a failed reading (a full disk, a store out of reach). */
const retryMs = 1000

export class Reconciler implements Disposable {
  readonly #options: ReconcilerOptions
  readonly #watch: Watch
  #timer: Timer | undefined
  #working = false
  #again = false
  #published: Snapshot | undefined
  /** The revision of the store that what is out was made from. */
  #reached = -1
  #waiting: { readonly revision: number; readonly resolve: () => void }[] = []

  constructor(options: ReconcilerOptions) {
    this.#options = options
    this.#watch = options.store.watch('', ({ keys }) => {
      if (keys.some(concernsWorld)) this.#schedule(gatherMs)
    })
  }

  /** The snapshot that is out; undefined before the first. */
  get published(): Snapshot | undefined {
    return this.#published
  }

  /** Reads and hands out for the first time. */
  async start(): Promise<void> {
    await this.#work()
  }

  /**
   * Resolves when what is out was made from that revision of the store or a newer one.
   * @returns the revision of the snapshot that is out then
   */
  async reached(revision: number): Promise<number> {
    if (this.#reached < revision) {
      await new Promise<void>((resolve) => this.#waiting.push({ revision, resolve }))
    }
    return this.#published?.revision ?? 0
  }

  [Symbol.dispose](): void {
    this.#watch.close()
    this.#timer?.cancel()
  }

  #schedule(ms: number): void {
    if (this.#working) this.#again = true
    else this.#timer ??= this.#options.clock.after(ms, () => void this.#work())
  }

  async #work(): Promise<void> {
    this.#timer = undefined
    this.#working = true
    this.#again = false
    try {
      await this.#reconcile()
    } catch (error) {
      this.#options.logger.error({ err: error }, 'reconciling failed; trying again')
      this.#timer = this.#options.clock.after(retryMs, () => void this.#work())
    } finally {
      this.#working = false
    }
    if (this.#again) this.#schedule(gatherMs)
  }

  async #reconcile(): Promise<void> {
    const onUnusable: OnUnusable = (key, error) =>
      this.#options.logger.error({ err: error, key }, 'a record is unusable; going on without it')
    const { store, box } = this.#options
    const world = await readWorld(store, box, onUnusable)
    const snapshot = translate(world, this.#options, onUnusable)
    this.#options.observe(world, snapshot)
    this.#hand(snapshot)
    this.#reached = world.revision
    for (const { resolve } of this.#waiting.filter(({ revision }) => revision <= world.revision)) {
      resolve()
    }
    this.#waiting = this.#waiting.filter(({ revision }) => revision > world.revision)
  }

  /** Hands the snapshot out, unless its like is out already. */
  #hand(snapshot: Snapshot): void {
    if (this.#published !== undefined && sameContent(this.#published, snapshot)) return
    this.#published = snapshot
    this.#options.publish(snapshot)
  }
}

function sameContent(a: Snapshot, b: Snapshot): boolean {
  return isDeepStrictEqual({ ...a, revision: 0 }, { ...b, revision: 0 })
}
