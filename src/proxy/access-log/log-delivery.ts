/**
 * Delivers log files that are closed, in the proxy's main thread. Which they are, the disk says: a folder each in `closed`, and in `open`
 * a folder for each engine thread, whose files are closed here when it is gone. So what a proxy leaves behind, the next one delivers.
 */
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BucketError } from '../../buckets/bucket-error.ts'
import type { Buckets, Delivery } from '../../buckets/buckets.ts'
import type { Clock, Timer } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { processIdentity } from '../process-identity.ts'
import { destinationName, entriesName } from './spool-file.ts'

export interface LogDeliveryOptions {
  /** Folder of its own. */
  readonly spool: string
  readonly buckets: Buckets
  readonly clock: Clock
  readonly logger: Logger
  /** Bytes of files that could not be delivered that are kept, the newest; default 1 GiB. */
  readonly kept?: number
}

/** How often is looked for what proxies left that have ended since; and the wait after a failed delivery, which doubles with each that follows. */
const againMs = 60_000
const longestWaitMs = 15 * 60_000
/** An entry is shorter: a line that was cut off is found within it. */
const longestEntry = 1024 * 1024

/** When a bucket is asked again. */
interface Turn {
  readonly due: number
  readonly failures: number
}

/** What came of one look at all files. */
class Round {
  readonly delivered = new Set<string>()
  readonly failures = new Map<string, unknown>()
  /** What says nothing on the file itself is so for all files: they need not all wait for the same. */
  readonly unreachable = new Set<string>()

  failed(bucket: string, error: unknown): void {
    this.failures.set(bucket, error)
    if (!(error instanceof BucketError)) this.unreachable.add(bucket)
  }
}

export class LogDelivery implements AsyncDisposable {
  readonly #options: LogDeliveryOptions
  readonly #identity = processIdentity(process.pid) ?? `${process.pid}-0`
  readonly #timer: Timer
  /** Of buckets that took not all. */
  readonly #turns = new Map<string, Turn>()
  #threads = 0
  #lost = 0
  #work: Promise<void> = Promise.resolve()
  #asked = false

  constructor(options: LogDeliveryOptions) {
    this.#options = options
    this.#timer = options.clock.every(againMs, () => this.deliver())
  }

  get closed(): string {
    return join(this.#options.spool, 'closed')
  }

  /** Makes `closed`, and begins to deliver what is left of earlier proxies. */
  start(): void {
    this.#then(async () => {
      await mkdir(this.closed, { recursive: true, mode: 0o700 })
    })
    this.deliver()
  }

  /** Where a thread that starts keeps the files that it writes. */
  threadFolder(): string {
    this.#threads += 1
    return join(this.#open, `${this.#identity}.${this.#threads}`)
  }

  /** A thread has ended that was given that folder. */
  threadEnded(folder: string): void {
    this.#then(() => this.#closeAll(folder))
    this.deliver()
  }

  /** Delivers what there is, after what is under way. */
  deliver(): void {
    if (this.#asked) return
    this.#asked = true
    this.#then(async () => {
      this.#asked = false
      await this.#closeAbandoned()
      await this.#deliverAll()
    })
  }

  /** Resolves when nothing is there any more that is closed, or of proxies that have ended. */
  async forget(): Promise<void> {
    this.#then(async () => {
      await this.#closeAbandoned()
      for (const name of await namesIn(this.closed)) {
        await rm(join(this.closed, name), { recursive: true, force: true })
      }
      this.#turns.clear()
    })
    await this.settled()
  }

  /** Entries that were given up. */
  get lostEntries(): number {
    return this.#lost
  }

  /** Resolves when all that was asked for is done. */
  async settled(): Promise<void> {
    await this.#work
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer.cancel()
    await this.settled()
  }

  get #open(): string {
    return join(this.#options.spool, 'open')
  }

  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      this.#options.logger.error({ err: error }, 'access logs could not be delivered')
    })
  }

  /** Of proxies that are no more. One that drains may still write. */
  async #closeAbandoned(): Promise<void> {
    for (const name of await namesIn(this.#open)) {
      const identity = name.slice(0, name.lastIndexOf('.'))
      if (identity === this.#identity) continue
      if (processIdentity(Number.parseInt(identity, 10)) === identity) continue
      await this.#closeAll(join(this.#open, name))
    }
  }

  async #closeAll(folder: string): Promise<void> {
    for (const name of await namesIn(folder)) {
      const from = join(folder, name)
      if (await wholeEntries(join(from, entriesName))) await rename(from, join(this.closed, name))
    }
    await rm(folder, { recursive: true, force: true })
  }

  async #deliverAll(): Promise<void> {
    const round = new Round()
    const left: string[] = []
    for (const name of await namesIn(this.closed)) {
      const folder = join(this.closed, name)
      if (!(await this.#deliverOne(folder, round))) left.push(folder)
    }
    for (const bucket of round.delivered) this.#turns.delete(bucket)
    for (const [bucket, error] of round.failures) this.#postpone(bucket, error)
    if (left.length > 0) await this.#giveUp(left)
  }

  /** @returns false when the file is left for later */
  async #deliverOne(folder: string, round: Round): Promise<boolean> {
    const text = await readFile(join(folder, destinationName), 'utf8')
    const delivery = JSON.parse(text) as Delivery
    const { bucket } = delivery
    const due = this.#turns.get(bucket)?.due ?? 0
    if (this.#options.clock.now() < due || round.unreachable.has(bucket)) return false
    try {
      await this.#options.buckets.put(delivery, join(folder, entriesName))
      round.delivered.add(bucket)
    } catch (error) {
      // Delivered already, by a proxy that ended before it could tidy up.
      if (await exists(join(folder, entriesName))) {
        round.failed(bucket, error)
        return false
      }
    }
    await rm(folder, { recursive: true, force: true })
    return true
  }

  #postpone(bucket: string, error: unknown): void {
    const failures = (this.#turns.get(bucket)?.failures ?? 0) + 1
    const wait = Math.min(againMs * 2 ** (failures - 1), longestWaitMs)
    this.#turns.set(bucket, { due: this.#options.clock.now() + wait, failures })
    const about = { err: error, bucket, wait }
    this.#options.logger.error(about, 'access log files could not be delivered')
  }

  /** The disk is not filled with what nobody takes: the oldest go first. */
  async #giveUp(folders: readonly string[]): Promise<void> {
    const { kept = 1024 ** 3, logger } = this.#options
    const files = await Promise.all(
      folders.map(async (folder) => ({ folder, ...(await sizeOf(join(folder, entriesName))) })),
    )
    let bytes = 0
    for (const { folder, size } of files.sort((a, b) => b.written - a.written)) {
      bytes += size
      if (bytes <= kept) continue
      const entries = await linesIn(join(folder, entriesName))
      await rm(folder, { recursive: true })
      this.#lost += entries
      logger.error({ entries }, 'an access log file that could not be delivered was given up')
    }
  }
}

/** Cuts off an entry that was not written to its end. @returns false when there is none, or no file */
async function wholeEntries(path: string): Promise<boolean> {
  if (!(await exists(path))) return false
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - longestEntry)
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(size - start),
      0,
      size - start,
      start,
    )
    const end = start + buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1
    if (end < size) await file.truncate(end)
    return end > 0
  } finally {
    await file.close()
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

async function sizeOf(path: string): Promise<{ size: number; written: number }> {
  const { size, mtimeMs } = await stat(path)
  return { size, written: mtimeMs }
}

async function linesIn(path: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(path)) {
    for (const byte of chunk as Buffer) if (byte === 10) lines += 1
  }
  return lines
}
