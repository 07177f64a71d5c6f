/** Buckets as folders: an object is a file, and the slashes of its key are folders. A bucket is made when something is put into it. */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Buckets } from './buckets.ts'

export class FolderBuckets implements Buckets {
  readonly #root: string

  /** @param root has to be on the file system of the files that are put */
  constructor(root: string) {
    this.#root = root
  }

  async put(bucket: string, key: string, file: string): Promise<void> {
    const path = join(this.#root, fileName(bucket), ...key.split('/').map(fileName))
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await rename(file, path)
  }

  async writeText(bucket: string, key: string, text: string): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 })
    // No bucket has such a name.
    const file = join(this.#root, `.${randomUUID()}`)
    try {
      await writeFile(file, text, { mode: 0o600 })
      await this.put(bucket, key, file)
    } finally {
      await rm(file, { force: true })
    }
  }
}

/** A part of a key, so that it names one file in its own folder and no other: `.`, `..` and nothing are no names. */
function fileName(part: string): string {
  if (part === '') return '%'
  const name = part.replace(/[%\0]/g, encodeURIComponent)
  return /^\.\.?$/.test(name) ? name.replaceAll('.', '%2E') : name
}
