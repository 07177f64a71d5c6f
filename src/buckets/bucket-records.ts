/** Which buckets there are, and what Weir notes of each, in a folder of its own beside the objects. */
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BucketError } from './bucket-error.ts'
import { isBucketName } from './bucket-name.ts'
import { entriesOf, errorCode, readJson, writeJson } from './files.ts'
import { KeyedLock } from './keyed-lock.ts'

export interface BucketRecord {
  readonly name: string
  readonly region: string
  /** Milliseconds since the epoch. */
  readonly created: number
  /** The bucket policy's JSON text as it was put. */
  readonly policy: string | null
}

export interface BucketFolders {
  /** Has a folder for each bucket, with the objects as files. */
  readonly objects: string
  /** Has what is known of buckets and objects, uploads that are not complete, files that come in. On the same file system. */
  readonly notes: string
}

export class BucketRecords {
  readonly #folders: BucketFolders
  readonly #locks = new KeyedLock()

  constructor(folders: BucketFolders) {
    this.#folders = folders
  }

  /** @throws BucketError NoSuchBucket */
  async get(name: string): Promise<BucketRecord> {
    const record = isBucketName(name)
      ? await readJson<BucketRecord>(this.#recordPath(name))
      : undefined
    if (record === undefined) {
      throw new BucketError('NoSuchBucket', `The specified bucket does not exist: ${name}`)
    }
    return record
  }

  /** By name. */
  async list(): Promise<BucketRecord[]> {
    const names = (await entriesOf(this.#folders.notes)).map(({ name }) => name)
    const records = await Promise.all(
      names.filter(isBucketName).map((name) => readJson<BucketRecord>(this.#recordPath(name))),
    )
    return records
      .filter((record) => record !== undefined)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** A folder of the name that is there already becomes the bucket's. @throws BucketError BucketAlreadyOwnedByYou */
  create(record: BucketRecord): Promise<void> {
    const { name } = record
    return this.#locks.run(name, async () => {
      if ((await readJson(this.#recordPath(name))) !== undefined) {
        throw new BucketError(
          'BucketAlreadyOwnedByYou',
          'Your previous request to create the named bucket succeeded and you already own it.',
        )
      }
      await mkdir(this.objectsOf(name), { recursive: true, mode: 0o700 })
      await writeJson(this.#recordPath(name), record)
    })
  }

  /** @throws BucketError NoSuchBucket */
  setPolicy(name: string, policy: string | null): Promise<void> {
    return this.#locks.run(name, async () => {
      const record = await this.get(name)
      await writeJson(this.#recordPath(name), { ...record, policy })
    })
  }

  /** @throws BucketError NoSuchBucket, BucketNotEmpty */
  delete(name: string): Promise<void> {
    return this.#locks.run(name, async () => {
      await this.get(name)
      if (!(await removeEmptyFolders(this.objectsOf(name)))) {
        throw new BucketError('BucketNotEmpty', 'The bucket you tried to delete is not empty')
      }
      await rm(this.notesOf(name), { recursive: true, force: true })
    })
  }

  objectsOf(name: string): string {
    return join(this.#folders.objects, name)
  }

  notesOf(name: string): string {
    return join(this.#folders.notes, name)
  }

  #recordPath(name: string): string {
    return join(this.notesOf(name), 'bucket.json')
  }
}

/** @returns false when there is a file in one of them */
async function removeEmptyFolders(folder: string): Promise<boolean> {
  for (const entry of await entriesOf(folder)) {
    if (!entry.isDirectory()) return false
    if (!(await removeEmptyFolders(join(folder, entry.name)))) return false
  }
  try {
    await rmdir(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY') return false
    if (errorCode(error) !== 'ENOENT') throw error
  }
  return true
}
