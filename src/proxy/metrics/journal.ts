/** Writes what a run of a proxy counts to its disk. A kill takes what was counted since the last second, a power cut what the minute has. */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FiguresBatch, NodeFigures } from '../../snapshot/figures.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { batchSuffix, format, openSuffix, remove, type WaitingBatch } from './journal-files.ts'

export class Journal implements AsyncDisposable {
  readonly #folder: string
  readonly #logger: Logger
  #open: { readonly sequence: number; readonly lines: LineFile } | null = null
  #failing = false

  /** @param folder of its own: it is made when there is something to write */
  constructor(folder: string, logger: Logger) {
    this.#folder = folder
    this.#logger = logger
  }

  /** Adds to the minute under way. @returns false: the disk takes nothing, and none of it is there */
  async append(sequence: number, minute: number, nodes: readonly NodeFigures[]): Promise<boolean> {
    return this.#tried(async () => {
      if (this.#open?.sequence !== sequence) await this.#begin(sequence, minute)
      await this.#open?.lines.add(JSON.stringify(nodes))
    })
  }

  /** Writes the whole minute in place of what was added to it. What the disk does not take stays in memory. */
  async close(batch: FiguresBatch): Promise<WaitingBatch> {
    const { source, sequence, minute, nodes } = batch
    const opened = join(this.#folder, `${sequence}${openSuffix}`)
    const path = join(this.#folder, `${sequence}${batchSuffix}`)
    const text = `${JSON.stringify({ format, minute })}\n${JSON.stringify(nodes)}\n`
    const written = await this.#tried(async () => {
      await this.#end()
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeWhole(path, text)
      await rm(opened, { force: true })
    })
    return written
      ? { source, sequence, path, bytes: text.length }
      : { source, sequence, path: opened, bytes: 0, kept: batch }
  }

  /** Removes what was added to the minute under way. */
  async discard(): Promise<void> {
    const open = this.#open
    await this.#tried(() => this.#end())
    if (open !== null) await remove(join(this.#folder, `${open.sequence}${openSuffix}`))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
  }

  async #begin(sequence: number, minute: number): Promise<void> {
    await this.#end()
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const path = join(this.#folder, `${sequence}${openSuffix}`)
    const lines = new LineFile(await open(path, 'w', 0o600))
    this.#open = { sequence, lines }
    try {
      await lines.add(JSON.stringify({ format, minute }))
    } catch (error) {
      await this.#end()
      throw error
    }
  }

  async #end(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.lines.close()
  }

  async #tried(write: () => Promise<void>): Promise<boolean> {
    try {
      await write()
      this.#failing = false
      return true
    } catch (error) {
      if (!this.#failing) {
        this.#logger.error({ err: error }, 'what is counted for metrics cannot be written to disk')
      }
      this.#failing = true
      return false
    }
  }
}

/** Replaces the file as a whole. */
async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`
  const file = await open(partial, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, path)
}

/** A line that the disk takes in part is written over by the next. */
class LineFile {
  readonly #file: FileHandle
  /** Bytes that are whole lines. */
  #length = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  async add(line: string): Promise<void> {
    const bytes = Buffer.from(`${line}\n`)
    for (let written = 0; written < bytes.length; ) {
      const left = bytes.length - written
      const result = await this.#file.write(bytes, written, left, this.#length + written)
      written += result.bytesWritten
    }
    this.#length += bytes.length
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
