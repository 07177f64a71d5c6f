/**
 * Walks a bucket's folder in the order of its keys (bytes of UTF-8), which is that of S3. Siblings are put in order with the slash that
 * follows a folder's name, so that everything below a folder comes where its keys belong; only folders that can have wanted keys are read.
 */
import { join } from 'node:path'
import type { BucketRecords } from './bucket-records.ts'
import { entriesOf } from './files.ts'
import { partOf, partOfFile } from './key-path.ts'
import type { ObjectFiles, StoredObject } from './object-files.ts'

export interface ListingOptions {
  readonly prefix: string
  /** Keys up to its next occurrence after the prefix are told as one common prefix; empty: none are. */
  readonly delimiter: string
  /** After which key or common prefix to begin; empty: at the first. */
  readonly after: string
  /** Keys and common prefixes together. */
  readonly limit: number
}

export interface ObjectList {
  readonly objects: readonly StoredObject[]
  readonly commonPrefixes: readonly string[]
  /** The last one told, when there are more: {@link ListingOptions.after} of the next list. */
  readonly next: string | null
}

/** @throws BucketError NoSuchBucket */
export async function listObjects(
  buckets: BucketRecords,
  files: ObjectFiles,
  bucket: string,
  options: ListingOptions,
): Promise<ObjectList> {
  await buckets.get(bucket)
  const { prefix, delimiter, limit } = options
  const objects: StoredObject[] = []
  const commonPrefixes: string[] = []
  let last: string | null = null
  const walk = new Walk(options)
  for await (const { key, path } of walk.below(buckets.objectsOf(bucket), '')) {
    if (objects.length + commonPrefixes.length >= limit) {
      return { objects, commonPrefixes, next: last }
    }
    const common = commonPrefix(key, prefix, delimiter)
    if (common !== null) {
      commonPrefixes.push(common)
      walk.skip = common
      last = common
      continue
    }
    const object = await files.describe(bucket, key, path)
    if (object === undefined) continue
    objects.push(object)
    last = key
  }
  return { objects, commonPrefixes, next: null }
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | null {
  if (delimiter === '') return null
  const at = key.indexOf(delimiter, prefix.length)
  return at < 0 ? null : key.slice(0, at + delimiter.length)
}

interface Found {
  readonly key: string
  readonly path: string
}

interface Sibling {
  /** The key of a file; of a folder, what its keys begin with. */
  readonly key: string
  readonly bytes: Buffer
  readonly path: string
  readonly folder: boolean
}

class Walk {
  readonly #prefix: string
  readonly #after: string
  readonly #afterBytes: Buffer
  /** Keys that begin so are left out from now on. */
  skip: string

  constructor({ prefix, delimiter, after }: ListingOptions) {
    this.#prefix = prefix
    this.#after = after
    this.#afterBytes = Buffer.from(after)
    // A common prefix that has been told.
    this.skip = commonPrefix(after, prefix, delimiter) === after ? after : ''
  }

  async *below(folder: string, at: string): AsyncGenerator<Found> {
    const entries = await entriesOf(folder)
    const siblings = entries.flatMap((entry): Sibling[] => {
      const isFolder = entry.isDirectory()
      if (!(isFolder || entry.isFile())) return []
      const part = isFolder ? partOf(entry.name) : partOfFile(entry.name)
      if (part === undefined) return []
      const key = `${at}${part}${isFolder ? '/' : ''}`
      const path = join(folder, entry.name)
      return [{ key, bytes: Buffer.from(key), path, folder: isFolder }]
    })
    for (const one of siblings.sort((a, b) => Buffer.compare(a.bytes, b.bytes))) {
      if (one.folder) {
        if (this.#wantsFolder(one)) yield* this.below(one.path, one.key)
      } else if (this.#wants(one)) yield one
    }
  }

  #wants({ key, bytes }: Sibling): boolean {
    if (!key.startsWith(this.#prefix) || this.#skips(key)) return false
    return this.#after === '' || Buffer.compare(bytes, this.#afterBytes) > 0
  }

  #wantsFolder({ key, bytes }: Sibling): boolean {
    if (!(key.startsWith(this.#prefix) || this.#prefix.startsWith(key)) || this.#skips(key)) {
      return false
    }
    return this.#after.startsWith(key) || Buffer.compare(bytes, this.#afterBytes) > 0
  }

  #skips(key: string): boolean {
    return this.skip !== '' && key.startsWith(this.skip)
  }
}
