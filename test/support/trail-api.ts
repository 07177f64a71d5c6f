import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { CloudTrail } from '@aws-sdk/client-cloudtrail'
import { onTestFinished } from 'vitest'
import { createCloudTrailService } from '../../src/aws/cloudtrail/service.ts'
import { snsKeys } from '../../src/aws/sns/records.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { EventHistory } from '../../src/trail/event-history.ts'
import { type TrailBucket, TrailDelivery } from '../../src/trail/trail-delivery.ts'
import { Trails } from '../../src/trail/trails.ts'
import { startApi } from './api.ts'
import { madeEvent } from './api-events.ts'
import { ManualClock } from './manual-clock.ts'

/** Objects in memory, of buckets that take all or nothing. */
export class MemoryBucket implements TrailBucket {
  readonly objects = new Map<string, Uint8Array>()
  /** S3's code for why nothing is taken; null when all is. */
  refusal: string | null = null
  writes = 0

  async write({ bucket, key }: { bucket: string; key: string }, content: Uint8Array) {
    this.writes += 1
    if (this.refusal !== null) {
      throw Object.assign(new Error(`refused: ${this.refusal}`), { code: this.refusal })
    }
    this.objects.set(`${bucket}/${key}`, content)
  }

  get keys(): string[] {
    return [...this.objects.keys()].filter((key) => key.endsWith('.json.gz'))
  }

  /** Names of the events in all files, in order of the files' keys. */
  get events(): string[] {
    return this.keys.flatMap((key) => {
      const { Records } = JSON.parse(gunzipSync(this.objects.get(key) ?? '').toString())
      return Records.map(({ eventName }: { eventName: string }) => eventName)
    })
  }
}

export const topic = 'arn:aws:sns:us-west-2:123456789012:deliveries'

/** CloudTrail behind a real server, with trails that are delivered; what is recorded, a test says. */
export async function startTrailApi() {
  const clock = new ManualClock(Date.parse('2026-03-01T00:00:00Z'))
  const folder = mkdtempSync(join(tmpdir(), 'weir-trail-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const logger = createLogger('silent')
  const bucket = new MemoryBucket()
  const told: { readonly s3Bucket: string; readonly s3ObjectKey: readonly string[] }[] = []
  let topicExists = false
  let history: EventHistory
  const api = await startApi({
    services: [
      createCloudTrailService({
        events: { search: (search) => history.search(search) },
        deliveries: { status: (trail) => history.outbox.status(trail) },
        bucket,
      }),
    ],
    clock,
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  const trails = await Trails.open(api.store, logger)
  onTestFinished(() => trails[Symbol.dispose]())

  const open = () => {
    history = new EventHistory({
      path: join(folder, 'events.db'),
      patience: 0,
      maxBytes: 10 ** 9,
      clock,
      logger,
      trailsFor: (event) => trails.wanting(event),
    })
    return new TrailDelivery({
      history,
      trails,
      bucket,
      notify: async (topicArn, text) => {
        if (topicArn !== topic || !topicExists) return false
        told.push(JSON.parse(text))
        return true
      },
      accountId: '123456789012',
      clock,
      logger,
    })
  }
  let delivery = open()
  const close = async () => {
    await delivery[Symbol.asyncDispose]()
    history[Symbol.dispose]()
  }
  onTestFinished(close)

  const client = (region: string) => {
    const cloudTrail = new CloudTrail({
      endpoint: api.url,
      region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
    onTestFinished(() => cloudTrail.destroy())
    return cloudTrail
  }
  return {
    clock,
    bucket,
    /** What the topic {@link topic} got. */
    told,
    /** Makes the topic, or removes it. */
    async setTopic(exists: boolean): Promise<void> {
      topicExists = exists
      const value = exists ? JSON.stringify({ arn: topic }) : null
      await api.store.transact([], [{ key: snsKeys.topic('us-west-2', 'deliveries'), value }])
    },
    client,
    cloudTrail: client('us-west-2'),
    record: (name: string, details: Parameters<typeof madeEvent>[1] = {}) =>
      history.record(madeEvent(name, { time: clock.now(), ...details })),
    /** So much later, when everything that is due then is delivered. */
    async after(minutes: number): Promise<void> {
      for (let minute = 0; minute < minutes; minute += 1) {
        clock.advance(60_000)
        await delivery.settled()
      }
    },
    /** As after a restart of the process. */
    async restart(): Promise<void> {
      await close()
      delivery = open()
      await delivery.settled()
    },
    /** What is left to deliver. */
    left: () => history.outbox.places(),
    history: () => history,
  }
}
