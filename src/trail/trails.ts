/** Trails: which events they want, and where they deliver them to. Kept in the store. */
import type { Store, Watch } from '../store/store.ts'
import { type Reader, reader } from '../store/transaction.ts'
import type { Logger } from '../telemetry/logger.ts'
import { type ApiEvent, isForeign } from './event.ts'

export interface TrailRecord {
  /** A trail that is made anew under its old name has another. */
  readonly id: string
  readonly name: string
  readonly arn: string
  readonly homeRegion: string
  readonly bucket: string
  /** Of the bucket's keys, without a slash at its end; empty for none. */
  readonly prefix: string
  /** Of the topic that deliveries are told to; null for none. */
  readonly topicArn: string | null
  readonly includeGlobalServiceEvents: boolean
  readonly isMultiRegion: boolean
  /** An event is delivered that any of them selects. */
  readonly selectors: readonly SelectorRecord[]
  readonly hasCustomSelectors: boolean
  readonly isLogging: boolean
  /** Milliseconds since the Unix epoch; null for never. */
  readonly startedAt: number | null
  readonly stoppedAt: number | null
  readonly tags: readonly TrailTag[]
}

export interface SelectorRecord {
  readonly readWriteType: 'All' | 'ReadOnly' | 'WriteOnly'
  readonly includeManagementEvents: boolean
  /** Event sources whose events are left out. */
  readonly excludedSources: readonly string[]
}

export interface TrailTag {
  readonly key: string
  readonly value: string | null
}

/** Services that are there once for all regions: a trail of one region may have their events too. */
const globalSources = new Set(['iam.amazonaws.com', 'sts.amazonaws.com'])

const trailPrefix = 'cloudtrail/trail/'

export const trailKeys = {
  trails: trailPrefix,
  trail: (region: string, name: string) => `${trailPrefix}${region}/${name}`,
}

/** In order of region and name. */
export function listTrails(tx: Reader): Promise<TrailRecord[]> {
  return tx.list<TrailRecord>(trailKeys.trails)
}

/** The trails as they are now, at hand without waiting. */
export class Trails implements Disposable {
  readonly #store: Store
  readonly #logger: Logger
  readonly #watch: Watch
  #all: readonly TrailRecord[] = []

  private constructor(store: Store, logger: Logger) {
    this.#store = store
    this.#logger = logger
    this.#watch = store.watch(trailKeys.trails, () => this.#reload())
  }

  static async open(store: Store, logger: Logger): Promise<Trails> {
    const trails = new Trails(store, logger)
    await trails.#load()
    return trails
  }

  get all(): readonly TrailRecord[] {
    return this.#all
  }

  /** Ids of those that deliver the event. */
  wanting(event: ApiEvent): string[] {
    return this.#all.filter((trail) => wants(trail, event)).map(({ id }) => id)
  }

  [Symbol.dispose](): void {
    this.#watch.close()
  }

  async #load(): Promise<void> {
    this.#all = await listTrails(reader(this.#store))
  }

  #reload(): void {
    this.#load().catch((error: unknown) => {
      this.#logger.error({ err: error }, 'trails could not be read')
    })
  }
}

function wants(trail: TrailRecord, { record }: ApiEvent): boolean {
  // Anybody could fill the bucket with those.
  if (!trail.isLogging || isForeign(record)) return false
  const isHere =
    trail.isMultiRegion ||
    trail.homeRegion === record.awsRegion ||
    (trail.includeGlobalServiceEvents && globalSources.has(record.eventSource))
  return isHere && trail.selectors.some((selector) => selects(selector, record))
}

function selects(
  { includeManagementEvents, readWriteType, excludedSources }: SelectorRecord,
  { readOnly, eventSource }: ApiEvent['record'],
): boolean {
  if (!includeManagementEvents || excludedSources.includes(eventSource)) return false
  return readWriteType === 'All' || (readWriteType === 'ReadOnly') === readOnly
}
