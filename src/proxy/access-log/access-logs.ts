/** Access logs of one engine thread: tells each load balancer's node its entries, and begins a file anew at each mark of its interval. */
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { loadBalancing } from '../../buckets/buckets.ts'
import { writeConnection, writeExchange } from '../../engine/access-log/entry.ts'
import { huaweiEntry } from '../../engine/access-log/huawei-entry.ts'
import { connectionJson, exchangeJson } from '../../engine/access-log/json-entry.ts'
import type { LogBuffer } from '../../engine/access-log/log-buffer.ts'
import type { ConnectionReport, ExchangeReport, Observer } from '../../engine/observer.ts'
import type { AccessLog, Node, Snapshot } from '../../snapshot/snapshot.ts'
import type { Clock, Timer } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { keptReport } from './kept-report.ts'
import { logKey } from './log-key.ts'
import { SpoolFile, SpoolMemory } from './spool-file.ts'

export interface AccessLogsOptions {
  /** Where this thread's files are while they are written: of its own. */
  readonly open: string
  /** Where they are moved to then, on the same file system. */
  readonly closed: string
  readonly clock: Clock
  readonly logger: Logger
  /** There are more of those that are to be delivered. */
  readonly onClosed: () => void
  /** Bytes that may wait for the disk; default 8 MiB. */
  readonly memory?: number
}

/** What a crash may take. */
const flushMs = 1000
/** Entries are written so many at a time: one at a time, among all else that a request takes, each costs three times as much. */
const batch = 128
/** Bytes of a request's head that are not kept until there is a batch. */
const largeHead = 8192
/** A file is closed before its mark when it has so many bytes: what waits on the disk stays small (guide, p. 97: "multiple logs"). */
const maxFileBytes = 64 * 1024 * 1024

export class AccessLogs implements Observer {
  readonly #options: AccessLogsOptions
  readonly #memory: SpoolMemory
  readonly #nodes = new Map<string, NodeLog>()
  #byListener = new Map<string, NodeLog>()
  /** Requests whose entries are to be written. */
  #waiting: ExchangeReport[] = []
  readonly #closing = new Set<Promise<void>>()
  readonly #timer: Timer
  #failure: Error | null = null

  constructor(options: AccessLogsOptions) {
    this.#options = options
    this.#memory = new SpoolMemory(options.memory ?? 8 * 1024 * 1024)
    this.#timer = options.clock.every(flushMs, () => this.#look())
  }

  /** What is logged from now on. A log that did not change goes on. */
  apply({ nodes }: Snapshot): void {
    this.#writeWaiting()
    const wanted = new Map(nodes.map((node) => [node.id, node]))
    for (const [id, log] of this.#nodes) {
      if (log.serves(wanted.get(id))) continue
      log.endFile()
      this.#nodes.delete(id)
    }
    for (const node of nodes) {
      if (node.accessLog !== undefined && !this.#nodes.has(node.id)) {
        this.#nodes.set(node.id, this.#log(node, node.accessLog))
      }
    }
    this.#nameListeners(nodes)
  }

  exchangeEnded(report: ExchangeReport): void {
    const log = this.#byListener.get(report.listener)
    if (log === undefined) return
    // Which file an entry belongs to is decided when its request is over.
    log.file()
    const waiting = this.#waiting.push(keptReport(report))
    if (waiting === batch || report.headBytes > largeHead) this.#writeWaiting()
  }

  connectionEnded(report: ConnectionReport): void {
    const log = this.#byListener.get(report.listener)
    if (log === undefined) return
    this.#writeWaiting()
    const file = log.file()
    log.format.connection(file.next, log.name, report)
    file.added()
  }

  /** Entries that were lost since the last call. */
  takeLost(): number {
    const { lost } = this.#memory
    this.#memory.lost = 0
    return lost
  }

  /** Resolves when the files that have ended are to be delivered. */
  async ended(): Promise<void> {
    await Promise.all(this.#closing)
  }

  /** Resolves when everything is on the disk, and to be delivered. */
  async close(): Promise<void> {
    this.#timer.cancel()
    this.#writeWaiting()
    for (const log of this.#nodes.values()) log.endFile()
    await this.ended()
  }

  #writeWaiting(): void {
    for (const report of this.#waiting) {
      const log = this.#byListener.get(report.listener)
      if (log === undefined) continue
      const file = log.file()
      log.format.exchange(file.next, log.name, report)
      file.added()
    }
    if (this.#waiting.length > 0) this.#waiting = []
  }

  #log(node: Node, spec: AccessLog): NodeLog {
    const { open, clock } = this.#options
    return new NodeLog(node.addresses[0] ?? '', spec, {
      now: () => clock.now(),
      file: (key) => {
        const name = randomName()
        const { bucket, account, region, loadBalancerName } = spec
        const sender = loadBalancing(region, account, loadBalancerName)
        const file = new SpoolFile(join(open, name), { bucket, key, sender }, this.#memory)
        return { file, name }
      },
      end: (file, name) => this.#end(file, name),
    })
  }

  /** Requests of a listener that is gone may still be under way. */
  #nameListeners(nodes: readonly Node[]): void {
    const current = new Set(this.#nodes.values())
    const before = [...this.#byListener].filter(([, log]) => current.has(log))
    this.#byListener = new Map(before)
    for (const { id, listeners } of nodes) {
      const log = this.#nodes.get(id)
      if (log === undefined) continue
      for (const listener of listeners) this.#byListener.set(listener.id, log)
    }
  }

  #look(): void {
    this.#writeWaiting()
    for (const log of this.#nodes.values()) log.look()
    const { failure } = this.#memory
    if (failure !== null && this.#failure === null) {
      this.#options.logger.error({ err: failure }, 'access log entries are lost')
    }
    this.#failure = failure
  }

  #end(file: SpoolFile, name: string): void {
    const { closed, onClosed, logger } = this.#options
    const closing = file
      .close(join(closed, name))
      .then((moved) => {
        if (moved) onClosed()
      })
      .catch((error: unknown) => {
        logger.error({ err: error }, 'an access log file could not be closed')
      })
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }
}

/** How entries are written; nothing: there is none. */
interface Format {
  exchange(to: LogBuffer, name: string, report: ExchangeReport): void
  connection(to: LogBuffer, name: string, report: ConnectionReport): void
}

const guideFormat: Format = { exchange: writeExchange, connection: writeConnection }
const jsonFormat: Format = {
  exchange: (to, name, report) => to.text(exchangeJson(name, report)),
  connection: (to, name, report) => to.text(connectionJson(name, report)),
}

function formatOf({ format }: AccessLog): Format {
  if (format === undefined) return guideFormat
  if (format === 'json') return jsonFormat
  return {
    exchange: (to, _, report) => to.text(huaweiEntry(format, report)),
    connection: () => undefined,
  }
}

/** What a node's log needs of those of the thread. */
interface Spool {
  now(): number
  file(key: string): { file: SpoolFile; name: string }
  end(file: SpoolFile, name: string): void
}

/** The log of one node. */
class NodeLog {
  readonly format: Format
  readonly #address: string
  readonly #spec: AccessLog
  readonly #spool: Spool
  #current: { file: SpoolFile; name: string } | null = null
  /** The next mark, in milliseconds since the epoch. */
  #mark = 0

  constructor(address: string, spec: AccessLog, spool: Spool) {
    this.#address = address
    this.#spec = spec
    this.format = formatOf(spec)
    this.#spool = spool
  }

  /** The load balancer's, as entries have it. */
  get name(): string {
    return this.#spec.loadBalancerName
  }

  serves(node: Node | undefined): boolean {
    if (node?.accessLog === undefined || node.addresses[0] !== this.#address) return false
    return isDeepStrictEqual(node.accessLog, this.#spec)
  }

  /** Where the next entry goes to. */
  file(): SpoolFile {
    this.#current ??= this.#begin()
    return this.#current.file
  }

  /** Writes what has been gathered, and ends the file when it is time. */
  look(): void {
    if (this.#current === null) return
    const { file } = this.#current
    if (this.#spool.now() >= this.#mark || file.length >= maxFileBytes) this.endFile()
    else file.flush()
  }

  endFile(): void {
    if (this.#current === null) return
    const { file, name } = this.#current
    this.#current = null
    this.#spool.end(file, name)
  }

  #begin(): { file: SpoolFile; name: string } {
    const { interval } = this.#spec
    this.#mark = (Math.floor(this.#spool.now() / interval) + 1) * interval
    return this.#spool.file(logKey(this.#spec, this.#mark, this.#address, randomName()))
  }
}

const letters = '0123456789abcdefghijklmnopqrstuvwxyz'

/** As the guide's example has it: `20sg8hgm`. */
function randomName(): string {
  return Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('')
}
