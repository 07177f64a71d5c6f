/**
 * What metrics are made of, in the proxy's main thread: adds up what threads and health checks count, writes it to the journal each second,
 * and hands control each minute when it is over. So a kill costs what was counted in the last second, and what control has is whole
 * minutes of nodes, which the guide's statistics are about (p. 94).
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { FiguresBatch, NodeFigures } from '../../snapshot/figures.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { HealthState, ListenerCounters } from '../../snapshot/status.ts'
import type { Clock } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { processIdentity } from '../process-identity.ts'
import { FiguresDelivery } from './figures-delivery.ts'
import { FiguresSum } from './figures-sum.ts'
import { Journal } from './journal.ts'
import { folderName, remove } from './journal-files.ts'
import { nodeStates, queuePeaks } from './node-states.ts'

export interface MetricsReporterOptions {
  /** Folder of its own. */
  readonly folder: string
  readonly clock: Clock
  readonly logger: Logger
  /** Says it to control, if there is a link. */
  readonly send: (batch: FiguresBatch) => void
  /** As of the last report of the threads. */
  readonly counters: () => readonly ListenerCounters[]
  /** By HealthCheck.id, of those that have had a result. */
  readonly health: () => ReadonlyMap<string, HealthState>
}

const minuteMs = 60_000
/** Of a proxy that stops: what control does not take by then waits on the disk for the next one. */
const patienceMs = 1000

export class MetricsReporter implements AsyncDisposable {
  readonly #options: MetricsReporterOptions
  readonly #source = randomUUID()
  readonly #folder: string
  readonly #journal: Journal
  readonly #delivery: FiguresDelivery
  /** What has come since the last second. */
  readonly #growth = new FiguresSum()
  /** What is not in the journal. */
  readonly #unwritten = new FiguresSum()
  readonly #minute = new FiguresSum()
  #start: number
  #sequence = 1
  #snapshot: Snapshot | undefined
  /** Load balancers that may be counted after a reset: those of the snapshots of this minute and of the one before. Null: all. */
  #known: { readonly now: Set<string>; readonly before: Set<string> } | null = null
  #work: Promise<void> = Promise.resolve()

  constructor(options: MetricsReporterOptions) {
    const { folder, clock, logger, send } = options
    this.#options = options
    const identity = processIdentity(process.pid) ?? `${process.pid}-0`
    this.#folder = join(folder, folderName(identity, this.#source))
    this.#journal = new Journal(this.#folder, logger)
    this.#delivery = new FiguresDelivery({ root: folder, send, logger })
    this.#start = minuteOf(clock.now())
    this.#delivery.deliver()
  }

  /** Minutes that were given up. */
  get lostMinutes(): number {
    return this.#delivery.lost
  }

  apply(snapshot: Snapshot): void {
    if (this.#snapshot !== undefined && this.#snapshot.system !== snapshot.system) {
      this.#known = { now: new Set(), before: new Set() }
      this.#work = this.#work.then(() => this.#forget())
    }
    this.#snapshot = snapshot
    for (const { loadBalancer } of snapshot.nodes) this.#known?.now.add(loadBalancer)
  }

  /** What nodes have counted since the last time. Threads may still tell of another system's, which are passed over. */
  add(figures: readonly NodeFigures[]): void {
    for (const one of figures) if (this.#mayCount(one)) this.#growth.add(one)
  }

  #mayCount({ loadBalancer }: NodeFigures): boolean {
    if (this.#known === null) return true
    const { now, before } = this.#known
    return now.has(loadBalancer) || before.has(loadBalancer)
  }

  /** Resolves when nothing is kept of another system than that of the snapshot. */
  async settled(): Promise<void> {
    await this.#work
  }

  /** A health check could not connect. It counts at the node of the target's zone. */
  checkConnectError(check: string): void {
    for (const { loadBalancer, targets } of this.#snapshot?.pools ?? []) {
      const target = targets.find((one) => one.check === check)
      if (target === undefined) continue
      this.add([{ loadBalancer, zone: target.zone, counts: { targetConnectErrors: 1 } }])
      return
    }
  }

  /**
   * A second is over, and everybody has reported. Resolves when it is written.
   * @param now when it was over: what was counted is of the minute in which it began
   */
  second(now: number): Promise<void> {
    this.add(queuePeaks(this.#options.counters()))
    this.#work = this.#work.then(() => this.#write(minuteOf(now)))
    return this.#work
  }

  /** The link to control is up. */
  connected(): void {
    this.#delivery.deliver()
  }

  /** Control has that batch. */
  delivered(source: string, sequence: number): void {
    this.#delivery.delivered(source, sequence)
  }

  /** Reports the part of the minute that there is. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work
    this.#takeGrowth()
    await this.#endMinute()
    const patience = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(patienceMs, patience.resolve)
    await Promise.race([this.#delivery.empty(), patience.promise])
    timer.cancel()
    await this.#journal[Symbol.asyncDispose]()
    if (this.#delivery.isEmpty) await remove(this.#folder)
  }

  async #write(minute: number): Promise<void> {
    this.#takeGrowth()
    if (minute !== this.#start) {
      this.#forgetGone()
      this.#addStates()
      await this.#endMinute()
      this.#start = minute
    } else if (!this.#unwritten.empty) {
      const nodes = this.#unwritten.take()
      const written = await this.#journal.append(this.#sequence, this.#start, nodes)
      if (!written) for (const one of nodes) this.#unwritten.add(one)
    }
  }

  /** Once a minute, so that those that come and go do not add up. */
  #forgetGone(): void {
    if (this.#known === null) return
    const nodes = this.#snapshot?.nodes ?? []
    this.#known = {
      now: new Set(nodes.map(({ loadBalancer }) => loadBalancer)),
      before: this.#known.now,
    }
  }

  async #forget(): Promise<void> {
    for (const sum of [this.#growth, this.#unwritten, this.#minute]) sum.take()
    await this.#journal.discard()
    await this.#delivery.forget()
  }

  #takeGrowth(): void {
    for (const one of this.#growth.take()) {
      this.#minute.add(one)
      this.#unwritten.add(one)
    }
  }

  #addStates(): void {
    if (this.#snapshot === undefined) return
    const { health, counters } = this.#options
    for (const one of nodeStates(this.#snapshot, health(), counters())) this.#minute.add(one)
  }

  async #endMinute(): Promise<void> {
    this.#unwritten.take()
    const nodes = this.#minute.take()
    if (nodes.length > 0) {
      const batch = { source: this.#source, sequence: this.#sequence, minute: this.#start, nodes }
      this.#sequence += 1
      this.#delivery.add(await this.#journal.close(batch))
    }
    this.#delivery.deliver()
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / minuteMs) * minuteMs
}
