/**
 * Hands minutes to control, one after the other, each until control says that it has it. Which they are, the disk says: what a proxy leaves
 * behind, the next one delivers.
 */
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FiguresBatch } from '../../snapshot/figures.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { processIdentity } from '../process-identity.ts'
import {
  parseFolderName,
  readBatch,
  remove,
  type WaitingBatch,
  waitingIn,
} from './journal-files.ts'

export interface FiguresDeliveryOptions {
  /** Has a folder for each run of a proxy. */
  readonly root: string
  /** Says it to control, if there is a link. */
  readonly send: (batch: FiguresBatch) => void
  readonly logger: Logger
  /** Bytes that may wait on the disk, the newest; default 1 GiB. */
  readonly bytes?: number
}

/** Minutes that may wait in memory, because the disk does not take them. */
const maxKept = 60

export class FiguresDelivery {
  readonly #options: FiguresDeliveryOptions
  #waiting: WaitingBatch[] = []
  /** What control was sent last, and has not said to have. */
  #sent: WaitingBatch | null = null
  /** Folders of runs that have ended, whose files are all in `waiting`. */
  readonly #abandoned = new Set<string>()
  #lost = 0
  #work: Promise<void> = Promise.resolve()
  #emptied = Promise.withResolvers<void>()

  constructor(options: FiguresDeliveryOptions) {
    this.#options = options
  }

  /** Minutes that were given up. */
  get lost(): number {
    return this.#lost
  }

  /** {@link deliver} is to be called then. */
  add(batch: WaitingBatch): void {
    this.#then(async () => {
      this.#waiting.push(batch)
    })
  }

  /** Looks for what ended runs have left, and sends the first of all that waits, again if it was sent before. */
  deliver(): void {
    this.#then(async () => {
      this.#sent = null
      await this.#takeAbandoned().catch((error: unknown) => {
        this.#options.logger.error({ err: error }, 'what earlier proxies counted cannot be read')
      })
      await this.#giveUp()
      await this.#send()
    })
  }

  /** Control has that batch. */
  delivered(source: string, sequence: number): void {
    this.#then(async () => {
      const batch = this.#sent
      if (batch?.source !== source || batch.sequence !== sequence) return
      this.#sent = null
      await this.#remove(batch)
      await this.#send()
    })
  }

  /** Resolves when nothing waits any more: control is not to have it. */
  async forget(): Promise<void> {
    this.#then(async () => {
      await this.#takeAbandoned()
      for (const batch of this.#waiting) await this.#remove(batch)
      this.#sent = null
      await this.#send()
    })
    await this.#work
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Resolves when nothing waits any more. */
  async empty(): Promise<void> {
    await this.#work
    if (!this.isEmpty) await this.#emptied.promise
  }

  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      this.#options.logger.error({ err: error }, 'figures could not be delivered')
    })
  }

  async #send(): Promise<void> {
    const [first] = this.#waiting
    if (first === undefined) {
      this.#emptied.resolve()
      this.#emptied = Promise.withResolvers()
      return
    }
    if (this.#sent !== null) return
    try {
      const batch = await readBatch(first)
      this.#sent = first
      this.#options.send(batch)
    } catch (error) {
      // Another proxy of this data folder has delivered it.
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!gone) this.#lose({ err: error }, 'a minute of figures is unreadable and given up')
      await this.#remove(first)
      await this.#send()
    }
  }

  async #remove(batch: WaitingBatch): Promise<void> {
    this.#waiting = this.#waiting.filter((one) => one !== batch)
    await remove(batch.path)
    const folder = dirname(batch.path)
    const last = !this.#waiting.some((one) => dirname(one.path) === folder)
    if (last && this.#abandoned.delete(folder)) await remove(folder)
  }

  /** Of runs of this data folder that have ended. One that drains may still count. */
  async #takeAbandoned(): Promise<void> {
    for (const name of await namesIn(this.#options.root)) {
      const folder = join(this.#options.root, name)
      const run = parseFolderName(name)
      if (run === undefined || this.#abandoned.has(folder)) continue
      if (processIdentity(Number.parseInt(run.identity, 10)) === run.identity) continue
      const waiting = await waitingIn(folder, run.source)
      if (waiting.length === 0) await remove(folder)
      else this.#abandoned.add(folder)
      this.#waiting.unshift(...waiting)
    }
  }

  /** The disk is not filled while control is away: the oldest go first. */
  async #giveUp(): Promise<void> {
    const { bytes = 1024 ** 3 } = this.#options
    const kept = this.#waiting.filter((one) => one.kept !== undefined)
    const tooMany = new Set(kept.slice(0, Math.max(0, kept.length - maxKept)))
    let total = 0
    for (const one of this.#waiting.toReversed()) {
      total += one.bytes
      if (total <= bytes && !tooMany.has(one)) continue
      await this.#remove(one)
      this.#lose({}, 'a minute of figures that control did not take is given up')
    }
  }

  #lose(why: object, message: string): void {
    this.#lost += 1
    this.#options.logger.error(why, message)
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
