/**
 * Has what was published delivered. What there is to do lies in the store alone, so that it goes on after a restart: a delivery is put off
 * there before an attempt begins, and removed when it has succeeded. An endpoint may get a message twice (the process ended between its answer
 * and the removal), with the same MessageId, and never not at all but for what is counted as given up.
 */
import { type DeliveryRecord, type MessageRecord, queueKeys } from '../aws/sns/queue-records.ts'
import {
  readArn,
  type SubscriptionProtocol,
  type SubscriptionRecord,
  snsKeys,
  type TopicRecord,
} from '../aws/sns/records.ts'
import type { Clock, Timer } from '../std/clock.ts'
import type { Store, Watch } from '../store/store.ts'
import { atomically, reader, type Transaction } from '../store/transaction.ts'
import type { Logger } from '../telemetry/logger.ts'
import { Backlog } from './backlog.ts'
import { type Parcel, type Post, RefusedDelivery } from './post.ts'
import { pauseAfter, spacing } from './retries.ts'

export interface DeliveriesOptions {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
}

export type Posts = Readonly<Record<SubscriptionProtocol, Post>>

/** Since the process began. */
export interface DeliveryCounts {
  readonly delivered: number
  /** Attempts. */
  readonly failed: number
  /** Deliveries that are tried no more. */
  readonly givenUp: number
  /** Now. */
  readonly waiting: number
}

/** Attempts at once. */
const maxInProgress = 64

/** Milliseconds after which an attempt is made anew whose end could not be written down. */
const lease = 60_000

/** A timer that is longer would overflow. */
const longestWait = 86_400_000

/** After the store has failed, in milliseconds. */
const recovery = 1000

type Outcome = { readonly kind: 'delivered' } | { readonly kind: 'failed'; readonly error: unknown }

export class Deliveries implements AsyncDisposable {
  readonly #options: DeliveriesOptions
  readonly #backlog = new Backlog()
  readonly #changed = new Set<string>()
  readonly #inProgress = new Map<string, Promise<void>>()
  readonly #closing = new AbortController()
  readonly #counts = { delivered: 0, failed: 0, givenUp: 0 }
  #posts: Posts | undefined
  #watch: Watch | undefined
  #timer: Timer | undefined
  #looking = false
  #again = false

  constructor(options: DeliveriesOptions) {
    this.#options = options
  }

  async start(posts: Posts): Promise<void> {
    this.#posts = posts
    const { store } = this.#options
    this.#watch = store.watch(queueKeys.allDeliveries, ({ keys }) => {
      // What is under way tells itself how it ended.
      for (const key of keys) if (!this.#inProgress.has(key)) this.#changed.add(key)
      if (this.#changed.size > 0) void this.#look()
    })
    const waiting = await reader(store).entries<DeliveryRecord>(queueKeys.allDeliveries)
    for (const [key, delivery] of waiting) {
      // The store is ours alone, so whoever began that attempt has ended.
      const nextAt = delivery.underWay ? 0 : delivery.nextAt
      this.#backlog.put(key, { ...delivery, nextAt })
    }
    await this.#look()
  }

  get counts(): DeliveryCounts {
    return { ...this.#counts, waiting: this.#backlog.length }
  }

  /** Of the messages that wait. */
  get bytes(): number {
    return this.#backlog.bytes
  }

  /** Cuts short what is under way; it is made anew after the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the process ends'))
    this.#watch?.close()
    this.#timer?.cancel()
    await Promise.all(this.#inProgress.values())
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Begins what is due, and waits for what is next. */
  async #look(): Promise<void> {
    this.#again = true
    if (this.#looking) return
    this.#looking = true
    while (this.#again && !this.#closed) {
      this.#again = false
      const next = await this.#readChanged().then(
        () => this.#beginDue(),
        (error: unknown) => this.#recover(error),
      )
      this.#lookAt(next)
    }
    this.#looking = false
  }

  async #readChanged(): Promise<void> {
    for (const key of this.#changed) {
      const delivery = await reader(this.#options.store).get<DeliveryRecord>(key)
      this.#changed.delete(key)
      if (this.#inProgress.has(key)) continue
      if (delivery === undefined) this.#backlog.remove(key)
      else this.#backlog.put(key, delivery)
    }
  }

  /** @returns when something is due next */
  #beginDue(): number {
    const now = this.#options.clock.now()
    while (this.#inProgress.size < maxInProgress && !this.#closed) {
      const due = this.#backlog.next(now)
      if (due === undefined || due.at > now) return due?.at ?? Number.POSITIVE_INFINITY
      this.#inProgress.set(due.key, this.#work(due.key))
    }
    // There is a next look when one has ended.
    return Number.POSITIVE_INFINITY
  }

  #lookAt(time: number): void {
    const { clock } = this.#options
    this.#timer?.cancel()
    if (this.#closed) return
    const wait = Math.max(Math.min(time - clock.now(), longestWait), 0)
    this.#timer = clock.after(wait, () => void this.#look())
  }

  #recover(error: unknown): number {
    const { logger, clock } = this.#options
    if (!this.#closed) logger.error({ err: error }, 'reading the queue of deliveries failed')
    return clock.now() + recovery
  }

  async #work(key: string): Promise<void> {
    const { clock, logger } = this.#options
    const lane = this.#backlog.occupy(key)
    let notBefore = clock.now()
    try {
      const claimed = await this.#claim(key)
      if (claimed !== undefined) notBefore += spacing(claimed.parcel)
      const left = claimed && (await this.#attempt(key, claimed))
      if (left === undefined) this.#backlog.remove(key)
      else this.#backlog.put(key, left)
    } catch (error) {
      if (!this.#closed) logger.error({ err: error, key }, 'delivering a notification failed')
      // What the store has of it is read again, later.
      this.#changed.add(key)
      notBefore = clock.now() + recovery
    }
    this.#inProgress.delete(key)
    this.#backlog.free(lane, notBefore)
    if (!this.#closed) void this.#look()
  }

  /** Puts the delivery off, so that this attempt is ours. @returns undefined when there is nothing to deliver any more */
  #claim(key: string): Promise<{ parcel: Parcel; delivery: DeliveryRecord } | undefined> {
    const { store, clock } = this.#options
    return atomically(store, async (tx) => {
      const delivery = await tx.get<DeliveryRecord>(key)
      if (delivery === undefined) return undefined
      const parcel = await parcelOf(tx, delivery)
      if (parcel === undefined) {
        await remove(tx, key, delivery)
        return undefined
      }
      const attempts = delivery.attempts + 1
      const nextAt = clock.now() + lease
      const claimed: DeliveryRecord = { ...delivery, attempts, nextAt, underWay: true }
      tx.put(key, claimed)
      return { parcel, delivery: claimed }
    })
  }

  /** @returns what is left to do */
  async #attempt(
    key: string,
    { parcel, delivery }: { parcel: Parcel; delivery: DeliveryRecord },
  ): Promise<DeliveryRecord | undefined> {
    const post = this.#posts?.[parcel.subscription.protocol]
    if (post === undefined) throw new Error('deliveries have not been started')
    const outcome = await post.send(parcel, this.#closing.signal).then(
      (): Outcome => ({ kind: 'delivered' }),
      (error: unknown): Outcome => ({ kind: 'failed', error }),
    )
    if (outcome.kind === 'failed' && this.#closed) return delivery
    const next = this.#judge(outcome, parcel, delivery)
    return this.#settle(key, next)
  }

  /** Counts and logs. @returns when the next attempt is due; undefined: never */
  #judge(outcome: Outcome, parcel: Parcel, { attempts }: DeliveryRecord): number | undefined {
    const { clock, logger } = this.#options
    if (outcome.kind === 'delivered') {
      this.#counts.delivered += 1
      return undefined
    }
    this.#counts.failed += 1
    const { error } = outcome
    const pause = error instanceof RefusedDelivery ? undefined : pauseAfter(attempts, parcel)
    const { message, subscription } = parcel
    const facts = {
      messageId: message.id,
      subscriptionArn: subscription.arn,
      attempts,
      reason: error instanceof Error ? error.message : String(error),
    }
    if (pause === undefined) {
      this.#counts.givenUp += 1
      logger.warn(facts, 'a notification is given up')
      return undefined
    }
    logger.info(facts, 'a notification was not delivered; trying again later')
    return clock.now() + pause
  }

  #settle(key: string, nextAt: number | undefined): Promise<DeliveryRecord | undefined> {
    return atomically(this.#options.store, async (tx) => {
      const delivery = await tx.get<DeliveryRecord>(key)
      if (delivery === undefined) return undefined
      if (nextAt === undefined) {
        await remove(tx, key, delivery)
        return undefined
      }
      const later: DeliveryRecord = { ...delivery, nextAt, underWay: false }
      tx.put(key, later)
      return later
    })
  }
}

/** @returns undefined when the subscription, its topic or the message is gone */
async function parcelOf(tx: Transaction, delivery: DeliveryRecord): Promise<Parcel | undefined> {
  const {
    region = '',
    topic: name = '',
    subscription: id,
  } = readArn(delivery.subscriptionArn) ?? {}
  const message = await tx.get<MessageRecord>(queueKeys.message(delivery.messageId))
  const topic = await tx.get<TopicRecord>(snsKeys.topic(region, name))
  const subscription = await tx.get<SubscriptionRecord>(
    snsKeys.subscription(region, name, id ?? ''),
  )
  if (message === undefined || topic === undefined || subscription === undefined) return undefined
  return { message, topic, subscription }
}

/** The message goes with its last delivery. */
async function remove(tx: Transaction, key: string, { messageId }: DeliveryRecord): Promise<void> {
  tx.delete(key)
  const others = await tx.entries(queueKeys.deliveriesOf(messageId))
  if (others.length === 0) tx.delete(queueKeys.message(messageId))
}
