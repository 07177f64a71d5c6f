/** Delivers to each trail's bucket what its outbox has, about every five minutes; to a bucket that does not take it, later and later. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock, Timer } from '../std/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { EventHistory } from './event-history.ts'
import { fileKey } from './file-key.ts'
import type { Batch, Outbox } from './outbox.ts'
import type { TrailRecord, Trails } from './trails.ts'

export interface TrailDeliveryOptions {
  readonly history: EventHistory
  readonly trails: Trails
  readonly bucket: TrailBucket
  readonly notify: Notify
  readonly accountId: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Where files of records go. */
export interface TrailBucket {
  /**
   * Puts an object, all or nothing; one that is there is replaced.
   * @throws Error when the bucket does not take it; its `code` is S3's
   */
  write(place: TrailPlace, content: Uint8Array): Promise<void>
}

/** Publishes to a topic. @returns false when there is none */
export type Notify = (topicArn: string, text: string) => Promise<boolean>

export interface TrailPlace {
  readonly bucket: string
  readonly key: string
  /** Of the trail that delivers. */
  readonly trailArn: string
}

/** "CloudTrail typically delivers logs within an average of about 5 minutes of an API call." */
const intervalMs = 5 * 60_000
/** How often is looked for what is due; and the wait after the first failure, which doubles with each that follows. */
const lookMs = 60_000
const longestWaitMs = 60 * 60_000

const compress = promisify(gzip)

/** When a trail is tried again. */
interface Turn {
  readonly due: number
  readonly failures: number
}

export class TrailDelivery implements AsyncDisposable {
  readonly #options: TrailDeliveryOptions
  readonly #outbox: Outbox
  readonly #timer: Timer
  readonly #turns = new Map<string, Turn>()
  #work: Promise<void> = Promise.resolve()
  #asked = false

  /** Begins with what an earlier process left. */
  constructor(options: TrailDeliveryOptions) {
    this.#options = options
    this.#outbox = options.history.outbox
    this.#timer = options.clock.every(lookMs, () => this.deliver())
    this.deliver()
  }

  /** Delivers what is due, after what is under way. */
  deliver(): void {
    if (this.#asked) return
    this.#asked = true
    this.#work = this.#work
      .then(() => {
        this.#asked = false
        return this.#deliverDue()
      })
      .catch((error: unknown) => {
        this.#options.logger.error({ err: error }, 'trails could not be delivered')
      })
  }

  /** Resolves when all that was asked for is done. */
  async settled(): Promise<void> {
    await this.#work
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer.cancel()
    await this.settled()
  }

  async #deliverDue(): Promise<void> {
    const { history, trails, clock } = this.#options
    history.flush()
    const regions = Map.groupBy(this.#outbox.places(), ({ trail }) => trail)
    for (const [id, places] of regions) {
      const trail = trails.all.find((each) => each.id === id)
      if (trail === undefined) {
        this.#outbox.forget(id)
        this.#turns.delete(id)
      } else if (clock.now() >= (this.#turns.get(id)?.due ?? 0)) {
        await this.#deliverTrail(
          trail,
          places.map(({ region }) => region),
        )
      }
    }
  }

  async #deliverTrail(trail: TrailRecord, regions: readonly string[]): Promise<void> {
    const { id } = trail
    const attemptedAt = this.#options.clock.now()
    try {
      for (const region of regions) await this.#deliverRegion(trail, region)
      this.#outbox.changeStatus(id, { deliveredAt: attemptedAt, attemptedAt, error: null })
      this.#turns.set(id, { due: attemptedAt + intervalMs, failures: 0 })
    } catch (error) {
      this.#outbox.changeStatus(id, { attemptedAt, error: errorText(error) })
      const failures = (this.#turns.get(id)?.failures ?? 0) + 1
      const wait = Math.min(lookMs * 2 ** (failures - 1), longestWaitMs)
      this.#turns.set(id, { due: attemptedAt + wait, failures })
      const { arn, bucket } = trail
      const about = { err: error, trail: arn, bucket, wait }
      this.#options.logger.error(about, 'a trail could not be delivered')
    }
  }

  async #deliverRegion(trail: TrailRecord, region: string): Promise<void> {
    const { accountId, clock } = this.#options
    const { id, prefix } = trail
    const newKey = () => fileKey(prefix, accountId, region, clock.now())
    for (
      let batch = this.#outbox.next(id, region, newKey);
      batch !== undefined;
      batch = this.#outbox.next(id, region, newKey)
    ) {
      await this.#put(trail, batch)
      await this.#notify(trail, batch)
      this.#outbox.done(id, region, batch.last)
    }
  }

  async #put({ bucket, arn }: TrailRecord, { key, records }: Batch): Promise<void> {
    const content = await compress(`{"Records":[${records.join(',')}]}`)
    await this.#options.bucket.write({ bucket, key, trailArn: arn }, content)
  }

  /** As CloudTrail's messages are (CloudTrail User Guide, "Configuring Amazon SNS notifications"). A file is there also when nobody is told. */
  async #notify({ id, bucket, topicArn }: TrailRecord, { key }: Batch): Promise<void> {
    if (topicArn === null) return
    const text = JSON.stringify({ s3Bucket: bucket, s3ObjectKey: [key] })
    const isTold = await this.#options.notify(topicArn, text)
    this.#outbox.changeStatus(
      id,
      isTold
        ? { notifiedAt: this.#options.clock.now(), notificationError: null }
        : { notificationError: 'NotFound' },
    )
  }
}

/** S3's code where there is one. */
function errorText(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? code : String(message)
}
