/** The events of 90 days, on the disk. Who has changed something waits for its event to be durable; events of calls that only read follow. */
import type { Clock, Timer } from '../std/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { type ApiEvent, isForeign } from './event.ts'
import { EventDatabase, type FoundEvent, type Search } from './event-database.ts'
import { Outbox } from './outbox.ts'

export interface EventHistoryOptions {
  readonly path: string
  /** Milliseconds to wait, blocking, for another process to let go of the file. */
  readonly patience: number
  /** Of the events and their indexes: the oldest go when they would take more. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly logger: Logger
  /** Ids of the trails that deliver an event. */
  readonly trailsFor: (event: ApiEvent) => readonly string[]
}

/** "You can look up events that occurred in a Region within the last 90 days" (API reference, LookupEvents). */
export const historyMs = 90 * 24 * 3_600_000
/** What a crash may take of the calls that only read. */
const readsWaitMs = 1000
const tidyMs = 3_600_000
/** Events that may wait for a disk that takes none. */
const maxWaiting = 1000

export class EventHistory implements Disposable {
  readonly database: EventDatabase
  readonly outbox: Outbox
  readonly #options: EventHistoryOptions
  readonly #tidying: Timer
  #waiting: ApiEvent[] = []
  #written = Promise.withResolvers<void>()
  #flushing = false
  #timer: Timer | undefined

  constructor(options: EventHistoryOptions) {
    this.#options = options
    this.database = new EventDatabase(options.path, options.patience)
    this.outbox = new Outbox(this.database)
    this.#tidying = options.clock.every(tidyMs, () => this.#tidy())
    this.#tidy()
  }

  /** Resolves when the event is durable, or, of a call that has changed nothing, at once. What the disk does not take is lost and counted. */
  async record(event: ApiEvent): Promise<void> {
    this.#waiting.push(event)
    if (event.record.readOnly || isForeign(event.record)) {
      if (this.#waiting.length >= maxWaiting) this.flush()
      this.#timer ??= this.#options.clock.after(readsWaitMs, () => this.flush())
      return
    }
    await this.#flushSoon()
  }

  /** Writes what waits. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const events = this.#waiting
    if (events.length === 0) return
    this.#waiting = []
    try {
      this.database.atomically(() => {
        for (const event of events) this.#insert(event)
      })
    } catch (error) {
      this.#keep(events, error)
      return
    }
    this.#makeRoom()
  }

  /** What was recorded until now, newest first. */
  search(search: Search): FoundEvent[] {
    this.flush()
    return this.database.search(search)
  }

  clear(): void {
    this.flush()
    this.database.deleteAll()
  }

  [Symbol.dispose](): void {
    this.#tidying.cancel()
    this.flush()
    this.#timer?.cancel()
    this.database[Symbol.dispose]()
  }

  /** All calls that end in one turn of the event loop share one write to the disk. */
  #flushSoon(): Promise<void> {
    if (!this.#flushing) {
      this.#flushing = true
      this.#written = Promise.withResolvers()
      setImmediate(() => {
        this.#flushing = false
        this.flush()
        this.#written.resolve()
      })
    }
    return this.#written.promise
  }

  #insert(event: ApiEvent): void {
    const sequence = this.database.insert(event)
    const { awsRegion } = event.record
    for (const trail of this.#options.trailsFor(event)) this.outbox.add(trail, awsRegion, sequence)
  }

  /** The disk may take them later. */
  #keep(events: ApiEvent[], error: unknown): void {
    const kept = [...events, ...this.#waiting].slice(-maxWaiting)
    const lost = events.length + this.#waiting.length - kept.length
    this.#waiting = kept
    this.#timer = this.#options.clock.after(readsWaitMs, () => this.flush())
    this.#options.logger.error({ err: error, lost }, 'events of API calls could not be written')
  }

  #makeRoom(): void {
    const { maxBytes, logger } = this.#options
    try {
      while (this.database.size > maxBytes) {
        const undelivered = this.database.deleteOldest()
        if (undelivered === 0) continue
        logger.error({ undelivered }, 'events were given up before trails had them')
      }
    } catch (error) {
      logger.error({ err: error }, 'the oldest events of API calls could not be deleted')
    }
  }

  #tidy(): void {
    const { clock, logger } = this.#options
    try {
      while (this.database.deleteOlder(clock.now() - historyMs));
    } catch (error) {
      logger.error({ err: error }, 'old events of API calls could not be deleted')
    }
  }
}
