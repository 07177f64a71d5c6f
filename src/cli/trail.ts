/** The history of API calls, and the delivery of trails. */
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publishIn } from '../aws/sns/publish-in.ts'
import { FolderBuckets } from '../buckets/folder-buckets.ts'
import type { Settings } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import { atomically, type Transaction } from '../store/transaction.ts'
import type { Logger } from '../telemetry/logger.ts'
import { EventHistory } from '../trail/event-history.ts'
import { type Notify, type TrailBucket, TrailDelivery } from '../trail/trail-delivery.ts'
import type { Trails } from '../trail/trails.ts'
import type { Foundation } from './foundation.ts'
import { bucketsPath, eventHistoryPath } from './paths.ts'

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
  const { settings, events, trails, clock, logger } = foundation
  return new TrailDelivery({
    history: events,
    trails,
    bucket: trailBucket(settings),
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

export function trailBucket(settings: Settings): TrailBucket {
  const buckets = new FolderBuckets(bucketsPath(settings))
  return {
    async write({ bucket, key }, content) {
      const file = join(settings.data, `trail-${randomUUID()}`)
      try {
        await writeFile(file, content, { mode: 0o600 })
        await buckets.put(bucket, key, file)
      } finally {
        await rm(file, { force: true })
      }
    },
  }
}
