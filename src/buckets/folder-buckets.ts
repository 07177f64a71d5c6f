/** Buckets as folders of this machine: `objects/BUCKET/KEY`. What S3 on the shared endpoint serves, and what is delivered, is the same. */
import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BucketFolders, BucketRecords } from './bucket-records.ts'
import type { Buckets, Delivery } from './buckets.ts'
import { requireDeliverable } from './delivery-rules.ts'
import { entriesOf, statsOf, writeDurably } from './files.ts'
import { ObjectFiles } from './object-files.ts'
import { Uploads } from './uploads.ts'

/** A file that comes in is written to all the time: one that was not for so long was left by a process that ended. */
const abandonedMs = 3_600_000

export class FolderBuckets implements Buckets {
  readonly records: BucketRecords
  readonly objects: ObjectFiles
  readonly uploads: Uploads
  readonly #folders: BucketFolders

  constructor(folders: BucketFolders) {
    this.#folders = folders
    this.records = new BucketRecords(folders)
    this.objects = new ObjectFiles(this.records)
    this.uploads = new Uploads(this.records)
  }

  async put(delivery: Delivery, file: string): Promise<void> {
    const { bucket, key } = delivery
    requireDeliverable(await this.records.get(bucket), delivery)
    await this.objects.put(bucket, key, file)
  }

  async write(delivery: Delivery, content: string | Uint8Array): Promise<void> {
    const file = await this.newFile()
    try {
      await writeDurably(file, content)
      await this.put(delivery, file)
    } finally {
      await rm(file, { force: true })
    }
  }

  /** Where a file may be written that becomes an object: it is on the same file system. */
  async newFile(): Promise<string> {
    await mkdir(this.#incoming, { recursive: true, mode: 0o700 })
    return join(this.#incoming, randomUUID())
  }

  /** Removes what processes that were killed left behind, and uploads that nobody ends. @param now milliseconds since the epoch */
  async tidy(now: number): Promise<void> {
    for (const { name } of await entriesOf(this.#incoming)) {
      const path = join(this.#incoming, name)
      const written = Number((await statsOf(path))?.mtimeMs ?? now)
      if (now - written > abandonedMs) await rm(path, { force: true })
    }
    for (const { name } of await this.records.list()) await this.uploads.expire(name, now)
  }

  /** Removes all buckets with all objects. */
  async clear(): Promise<void> {
    for (const folder of [this.#folders.notes, this.#folders.objects]) {
      for (const { name } of await entriesOf(folder)) {
        await rm(join(folder, name), { recursive: true, force: true })
      }
    }
  }

  /** No bucket has such a name. */
  get #incoming(): string {
    return join(this.#folders.notes, '.incoming')
  }
}
