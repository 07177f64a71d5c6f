/**
 * Objects as files: what is in a bucket's folder is what the bucket has. What a file cannot tell (content type, ETag …) is noted beside the
 * bucket, for the file of that size and time: a file that somebody else put there is an object too, with what can be known of it.
 */
import { createHash } from 'node:crypto'
import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BucketError } from './bucket-error.ts'
import type { BucketRecords } from './bucket-records.ts'
import { errorCode, ifThere, readJson, statsOf, writeJson } from './files.ts'
import { besideFolder, namesOf } from './key-path.ts'
import { KeyedLock } from './keyed-lock.ts'

/** What is noted of an object besides its bytes. */
export interface ObjectFacts {
  /** Without quotes. */
  readonly etag: string
  /** `ContentType`, `CacheControl` … as they were put; those that are missing were not. */
  readonly headers: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
  /** By algorithm, as `CRC32`: base64, with `-PARTS` if it is made of those of the parts. */
  readonly checksums: Readonly<Record<string, string>>
}

export interface StoredObject extends ObjectFacts {
  readonly key: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
}

/** An object that is open for reading: who has it closes the file. */
export interface OpenObject {
  readonly object: StoredObject
  readonly file: FileHandle
}

interface ObjectRecord {
  readonly key: string
  readonly size: string
  /** Nanoseconds since the epoch, decimal. */
  readonly modified: string
  readonly facts: ObjectFacts
}

/** Another process may take away a folder that became empty, or make one. */
const attempts = 5

export class ObjectFiles {
  readonly #buckets: BucketRecords
  readonly #locks = new KeyedLock()

  constructor(buckets: BucketRecords) {
    this.#buckets = buckets
  }

  /** Undefined when there is no such object. */
  find(bucket: string, key: string): Promise<StoredObject | undefined> {
    return this.#locked(bucket, key, () => this.#find(bucket, key))
  }

  /** @throws BucketError NoSuchKey */
  open(bucket: string, key: string): Promise<OpenObject> {
    return this.#locked(bucket, key, async () => {
      const path = (await this.#locate(bucket, key))?.path
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW
      const file = path === undefined ? undefined : await ifThere(open(path, flags))
      if (file === undefined) throw noSuchKey()
      try {
        const stats = await file.stat({ bigint: true })
        return { object: await this.#describe(bucket, key, stats), file }
      } catch (error) {
        await file.close()
        throw error
      }
    })
  }

  /**
   * Makes a file the object of that key, in place of what was there.
   * @param allow is asked with the object that is there, and throws when it must not be replaced
   * @throws BucketError NoSuchBucket, KeyTooLongError
   */
  put(
    bucket: string,
    key: string,
    file: string,
    facts?: ObjectFacts,
    allow: (current: StoredObject | undefined) => void = () => undefined,
  ): Promise<void> {
    return this.#locked(bucket, key, async () => {
      allow(await this.#find(bucket, key))
      const stats = await statsOf(file)
      await this.#place(bucket, key, file)
      if (facts === undefined || stats === undefined) return
      const { size, mtimeNs } = stats
      const record: ObjectRecord = { key, size: `${size}`, modified: `${mtimeNs}`, facts }
      await writeJson(this.#recordPath(bucket, key), record)
    })
  }

  /** Does nothing when there is no such object. */
  delete(bucket: string, key: string): Promise<void> {
    return this.#locked(bucket, key, async () => {
      const path = (await this.#locate(bucket, key))?.path
      if (path === undefined) return
      await rm(path, { force: true })
      await rm(this.#recordPath(bucket, key), { force: true })
      await this.#prune(bucket, dirname(path))
    })
  }

  /** What is known of a file of the bucket that was found in its folder. */
  async describe(bucket: string, key: string, path: string): Promise<StoredObject | undefined> {
    const stats = await statsOf(path)
    return stats?.isFile() ? this.#describe(bucket, key, stats) : undefined
  }

  #locked<T>(bucket: string, key: string, body: () => Promise<T>): Promise<T> {
    return this.#locks.run(`${bucket}/${key}`, body)
  }

  async #find(bucket: string, key: string): Promise<StoredObject | undefined> {
    const found = await this.#locate(bucket, key)
    return found && this.#describe(bucket, key, found.stats)
  }

  async #locate(bucket: string, key: string) {
    const path = join(this.#buckets.objectsOf(bucket), ...namesOf(key))
    for (const candidate of [path, besideFolder(path)]) {
      const stats = await statsOf(candidate)
      if (stats?.isFile()) return { path: candidate, stats }
    }
    return undefined
  }

  async #describe(bucket: string, key: string, stats: BigIntStats): Promise<StoredObject> {
    const { size, mtimeNs, mtimeMs } = stats
    const record = await readJson<ObjectRecord>(this.#recordPath(bucket, key))
    const noted = record?.size === `${size}` && record.modified === `${mtimeNs}`
    const facts = noted ? record.facts : factsOfFile(stats)
    return { ...facts, key, size: Number(size), modified: Number(mtimeMs) }
  }

  async #place(bucket: string, key: string, file: string): Promise<void> {
    const folder = this.#buckets.objectsOf(bucket)
    for (let attempt = 1; ; attempt += 1) {
      try {
        await rename(file, await makeWay(folder, namesOf(key)))
        return
      } catch (error) {
        const raced = ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(errorCode(error) ?? '')
        if (!raced || attempt === attempts || (await statsOf(file)) === undefined) throw error
      }
    }
  }

  /** Folders that have no file are nothing that S3 would show. */
  async #prune(bucket: string, folder: string): Promise<void> {
    const top = this.#buckets.objectsOf(bucket)
    for (let at = folder; at.length > top.length; at = dirname(at)) {
      try {
        await rmdir(at)
      } catch {
        return
      }
    }
  }

  #recordPath(bucket: string, key: string): string {
    const hash = createHash('sha256').update(key).digest('hex')
    return join(this.#buckets.notesOf(bucket), 'objects', hash.slice(0, 2), `${hash}.json`)
  }
}

/** Makes the folders of a path below the bucket's. @returns where the file belongs */
async function makeWay(bucketFolder: string, names: readonly string[]): Promise<string> {
  let folder = bucketFolder
  for (const name of names.slice(0, -1)) {
    folder = join(folder, name)
    await makeFolder(folder)
  }
  const path = join(folder, names.at(-1) ?? '')
  const beside = besideFolder(path)
  const occupied = (await statsOf(path))?.isDirectory() || (await statsOf(beside))?.isFile()
  return occupied ? beside : path
}

/** Not recursive: a bucket's own folder, once it is gone, must not come back. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    if ((await statsOf(folder))?.isDirectory()) return
    await rename(folder, besideFolder(folder))
    await mkdir(folder, { mode: 0o700 })
  }
}

/** `-1` as of an object that was put in one part: no MD5 of the content, and clients know that. */
function factsOfFile({ ino, size, mtimeNs }: BigIntStats): ObjectFacts {
  const identity = createHash('md5').update(`${ino} ${size} ${mtimeNs}`).digest('hex')
  return { etag: `${identity}-1`, headers: {}, metadata: {}, checksums: {} }
}

export function noSuchKey(): BucketError {
  return new BucketError('NoSuchKey', 'The specified key does not exist.')
}
