/** Multipart uploads: parts wait as files of their own, apart from the objects, until the upload is complete, aborted, or too old. */
import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BucketError } from './bucket-error.ts'
import type { BucketRecords } from './bucket-records.ts'
import { entriesOf, readJson, statsOf, writeJson } from './files.ts'
import { namesOf } from './key-path.ts'
import { KeyedLock } from './keyed-lock.ts'
import type { ObjectFacts } from './object-files.ts'

export interface Upload {
  readonly id: string
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly facts: Pick<ObjectFacts, 'headers' | 'metadata'>
  /** Which checksum the object is to have, if any: of all its bytes, or of those of its parts. */
  readonly checksum: { readonly algorithm: string; readonly type: ChecksumType } | null
}

export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

export interface Part {
  /** From 1 to 10,000. */
  readonly number: number
  readonly size: number
  /** MD5, hexadecimal. */
  readonly etag: string
  readonly checksums: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly modified: number
}

/** Of a bucket, at once: as many as S3 has in one list of them. */
export const maxUploads = 1000
/** S3 keeps them until a lifecycle rule of the bucket aborts them; this is the rule of all buckets. */
const longestMs = 7 * 24 * 3_600_000

export class Uploads {
  readonly #buckets: BucketRecords
  readonly #locks = new KeyedLock()

  constructor(buckets: BucketRecords) {
    this.#buckets = buckets
  }

  /** @throws BucketError NoSuchBucket, KeyTooLongError, InvalidRequest when there are too many */
  async create(bucket: string, upload: Omit<Upload, 'id'>): Promise<Upload> {
    await this.#buckets.get(bucket)
    namesOf(upload.key)
    if ((await this.#ids(bucket)).length >= maxUploads) {
      throw new BucketError(
        'InvalidRequest',
        `The bucket has ${maxUploads} uploads that are neither complete nor aborted`,
      )
    }
    const made = { ...upload, id: randomUUID() }
    await writeJson(join(this.#folder(bucket, made.id), 'upload.json'), made)
    return made
  }

  /** @throws BucketError NoSuchBucket, NoSuchUpload */
  async get(bucket: string, key: string, id: string): Promise<Upload> {
    await this.#buckets.get(bucket)
    const upload = /^[0-9a-f-]{36}$/.test(id)
      ? await readJson<Upload>(join(this.#folder(bucket, id), 'upload.json'))
      : undefined
    if (upload?.key === key) return upload
    throw new BucketError(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    )
  }

  /** By key and age. */
  async list(bucket: string): Promise<Upload[]> {
    const ids = await this.#ids(bucket)
    const uploads = await Promise.all(
      ids.map((id) => readJson<Upload>(join(this.#folder(bucket, id), 'upload.json'))),
    )
    return uploads
      .filter((upload) => upload !== undefined)
      .sort(
        (a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || a.created - b.created,
      )
  }

  /** Takes the file in; a part of that number that was there is replaced. */
  putPart(bucket: string, { key, id }: Upload, part: Omit<Part, 'modified'>, file: string) {
    return this.#locks.run(id, async () => {
      await this.get(bucket, key, id)
      const modified = Number((await statsOf(file))?.mtimeMs ?? 0)
      const path = this.partPath(bucket, id, part.number)
      await rename(file, path)
      await writeJson(`${path}.json`, { ...part, modified })
    })
  }

  /** By number. */
  async parts(bucket: string, id: string): Promise<Part[]> {
    const folder = this.#folder(bucket, id)
    const names = (await entriesOf(folder)).map(({ name }) => name)
    const parts = await Promise.all(
      names
        .filter((name) => /^\d+\.json$/.test(name))
        .map((name) => readJson<Part>(join(folder, name))),
    )
    return parts.filter((part) => part !== undefined).sort((a, b) => a.number - b.number)
  }

  partPath(bucket: string, id: string, number: number): string {
    return join(this.#folder(bucket, id), String(number))
  }

  /** Runs `finish` while no part can come, and then forgets the upload with its parts. */
  end(bucket: string, { key, id }: Upload, finish: () => Promise<void>): Promise<void> {
    return this.#locks.run(id, async () => {
      await this.get(bucket, key, id)
      await finish()
      await rm(this.#folder(bucket, id), { recursive: true, force: true })
    })
  }

  /** Aborts uploads that were begun a week ago. @param now milliseconds since the epoch */
  async expire(bucket: string, now: number): Promise<void> {
    for (const id of await this.#ids(bucket)) {
      await this.#locks.run(id, async () => {
        const folder = this.#folder(bucket, id)
        const upload = await readJson<Upload>(join(folder, 'upload.json'))
        // A process that was killed has left less than an upload.
        const begun = upload?.created ?? Number((await statsOf(folder))?.mtimeMs ?? now)
        if (now - begun >= longestMs) await rm(folder, { recursive: true, force: true })
      })
    }
  }

  async #ids(bucket: string): Promise<string[]> {
    const entries = await entriesOf(join(this.#buckets.notesOf(bucket), 'uploads'))
    return entries.map(({ name }) => name)
  }

  #folder(bucket: string, id: string): string {
    return join(this.#buckets.notesOf(bucket), 'uploads', id)
  }
}
