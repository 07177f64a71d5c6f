/** The history of API calls, and the delivery of trails. */
import { publishIn } from '../aws/sns/publish-in.ts'
import type { Buckets } from '../buckets/buckets.ts'
import type { Settings } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import { atomically, type Transaction } from '../store/transaction.ts'
import type { Logger } from '../telemetry/logger.ts'
import { EventHistory } from '../trail/event-history.ts'
import { type Notify, type TrailBucket, TrailDelivery } from '../trail/trail-delivery.ts'
import type { Trails } from '../trail/trails.ts'
import type { Foundation } from './foundation.ts'
import { eventHistoryPath } from './paths.ts'

const bytesPerMegabyte = 1_048_576

export function openEventHistory(
  settings: Settings,
  trails: Trails,
  surroundings: { clock: Clock; logger: Logger; patience: number },
): EventHistory {
  return new EventHistory({
    ...surroundings,
    path: eventHistoryPath(settings),
    maxBytes: settings.maxEventMegabytes * bytesPerMegabyte,
    trailsFor: (event) => trails.wanting(event),
  })
}

export function startTrailDelivery(foundation: Foundation): TrailDelivery {
  const { settings, events, trails, buckets, clock, logger } = foundation
  return new TrailDelivery({
    history: events,
    trails,
    bucket: trailBucket(buckets, settings.accountId),
    notify: notifier(foundation),
    accountId: settings.accountId,
    clock,
    logger,
  })
}

function notifier({ store, clock }: Foundation): Notify {
  return async (topicArn, text) => {
    const notification = { topicArn, subject: null, text }
    const publish = (tx: Transaction) => publishIn(tx, notification, clock.now())
    return (await atomically(store, publish)) !== undefined
  }
}

/** Buckets, to those that deliver to them as CloudTrail. */
export function trailBucket(buckets: Buckets, account: string): TrailBucket {
  return {
    write({ bucket, key, trailArn }, content) {
      const region = trailArn.split(':')[3] ?? ''
      const sender = { service: 'cloudtrail', region, account, sourceArn: trailArn } as const
      return buckets.write({ bucket, key, sender }, content)
    },
  }
}
