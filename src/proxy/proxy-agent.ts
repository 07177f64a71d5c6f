/**
 * The proxy process's main thread: takes snapshots from control (or, at start, from its disk), gives them to the engine threads and
 * the health checker, and reports back. It has no need of control to go on serving.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Buckets } from '../buckets/buckets.ts'
import { HealthChecker } from '../engine/health/health-checker.ts'
import type { HttpLimits } from '../engine/http1/limits.ts'
import { protocolVersion, type ToProxy } from '../snapshot/messages.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type {
  HealthState,
  ListenerCounters,
  ListenerFailure,
  TargetHealth,
} from '../snapshot/status.ts'
import type { Clock, Timer } from '../std/clock.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Logger, LogLevel } from '../telemetry/logger.ts'
import { LogDelivery } from './access-log/log-delivery.ts'
import { EngineThreads } from './engine-threads.ts'
import { MetricsReporter } from './metrics/metrics-reporter.ts'
import { OcspStapler } from './ocsp/ocsp-stapler.ts'
import { ProxyLink } from './proxy-link.ts'
import { loadSnapshot, saveSnapshot } from './snapshot-file.ts'

export interface ProxyAgentOptions {
  /** Folder for the proxy's own files. */
  readonly data: string
  /** Where access logs go. */
  readonly buckets: Buckets
  /** Path of control's Unix socket. */
  readonly control: string
  readonly threads: number
  readonly limits: HttpLimits
  readonly logLevel: LogLevel
  /** What seals the snapshot on disk. */
  readonly openBox: () => Promise<SecretBox>
  readonly clock: Clock
  readonly logger: Logger
}

export interface ProxyStatus {
  /** Whether control is linked. */
  readonly connected: boolean
  /** Of each engine thread, from 0 to 1. */
  readonly threadUtilizations: readonly number[]
  readonly counters: readonly ListenerCounters[]
  /** In force; undefined: none yet. */
  readonly snapshot: Snapshot | undefined
  /** By HealthCheck.id. */
  readonly health: ReadonlyMap<string, HealthState>
  readonly listenerFailures: number
  readonly lostLogEntries: number
  /** Minutes of metrics that were given up. */
  readonly lostFigures: number
}

/** Threads report at whole seconds, so that what they have counted by the end of a minute is counted in it. */
const reportMs = 1000
/** A port that another program holds may become free. */
const retryFailedMs = 5000

export class ProxyAgent implements AsyncDisposable {
  readonly #options: ProxyAgentOptions
  readonly #id = randomUUID()
  readonly #linked = Promise.withResolvers<void>()
  readonly #logs: LogDelivery
  readonly #threads: EngineThreads
  readonly #stapler: OcspStapler
  readonly #health: HealthChecker
  readonly #metrics: MetricsReporter
  readonly #file: string
  #link: ProxyLink | undefined
  #report: Timer | undefined
  #retry: Timer | undefined
  #snapshot: Snapshot | undefined
  /** Whose access logs are on the disk: {@link Snapshot.system}. */
  #system: string | undefined
  #applied: { revision: number; failures: readonly ListenerFailure[] } | undefined
  #draining = false
  #saving: Promise<void> = Promise.resolve()

  constructor(options: ProxyAgentOptions) {
    const { clock, logger, threads, limits, logLevel } = options
    this.#options = options
    this.#file = join(options.data, 'snapshot.json')
    this.#logs = new LogDelivery({
      spool: join(options.data, 'access-logs'),
      buckets: options.buckets,
      clock,
      logger,
    })
    this.#threads = new EngineThreads({
      threads,
      limits,
      logLevel,
      clock,
      logger,
      logs: this.#logs,
      onApplied: (revision, failures) => void this.#onApplied(revision, failures),
      onFinished: (targets) => this.#link?.say({ type: 'finished', targets }),
      onFigures: (figures) => this.#metrics.add(figures),
    })
    this.#stapler = new OcspStapler({
      clock,
      logger,
      changed: (certificate, answer) => this.#threads.setStaple(certificate, answer),
    })
    this.#health = new HealthChecker({
      clock,
      logger,
      onChange: (health) => this.#onHealth(health),
      onConnectError: (check) => this.#metrics.checkConnectError(check),
    })
    this.#metrics = new MetricsReporter({
      folder: join(options.data, 'metrics'),
      clock,
      logger,
      send: (batch) => this.#link?.say({ type: 'figures', batch }),
      counters: () => this.#threads.counters(),
      health: () => this.#healthStates(),
    })
  }

  /** Resolves when the link to control is up for the first time. */
  get linked(): Promise<void> {
    return this.#linked.promise
  }

  /** What it knows of itself and its traffic, as of the last second. */
  status(): ProxyStatus {
    return {
      connected: this.#link?.connected ?? false,
      threadUtilizations: this.#threads.utilizations(),
      counters: this.#threads.counters(),
      snapshot: this.#snapshot,
      health: this.#healthStates(),
      listenerFailures: this.#applied?.failures.length ?? 0,
      lostLogEntries: this.#threads.lostLogEntries + this.#logs.lostEntries,
      lostFigures: this.#metrics.lostMinutes,
    }
  }

  /** Resolves when the snapshot on disk, if there is one, is handed to the engine, and the link is being made. */
  async start(): Promise<void> {
    this.#logs.start()
    const saved = await this.#loadSaved()
    if (saved !== undefined) this.#take(saved)
    this.#link = new ProxyLink({
      path: this.#options.control,
      clock: this.#options.clock,
      logger: this.#options.logger,
      onConnect: () => this.#sayEverything(),
      onMessage: (message) => this.#receive(message),
    })
    this.#awaitSecond()
  }

  /** Stops accepting, and resolves when the last client connection is gone. */
  async drain(): Promise<void> {
    this.#draining = true
    await this.#threads.drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#report?.cancel()
    this.#retry?.cancel()
    this.#stapler[Symbol.dispose]()
    await this.#second(this.#options.clock.now())
    await this.#health[Symbol.asyncDispose]()
    await this.#threads[Symbol.asyncDispose]()
    await this.#metrics[Symbol.asyncDispose]()
    this.#link?.[Symbol.dispose]()
    await this.#logs[Symbol.asyncDispose]()
    await this.#saving
  }

  #healthStates(): Map<string, HealthState> {
    const known = this.#health.states().filter(({ last }) => last !== null)
    return new Map(known.map(({ check, state }) => [check, state]))
  }

  async #loadSaved(): Promise<Snapshot | undefined> {
    try {
      return await loadSnapshot(this.#file, this.#options.openBox)
    } catch (error) {
      this.#options.logger.error(
        { err: error },
        'the last snapshot is unreadable; waiting for control',
      )
      return undefined
    }
  }

  /** A draining proxy serves what it has: its successor may be there already, and the file is that one's. */
  #receive(message: ToProxy): void {
    if (message.type === 'figures-stored') {
      this.#metrics.delivered(message.source, message.sequence)
      return
    }
    if (this.#draining) return
    this.#take(message.snapshot)
    this.#save(message.snapshot)
  }

  #take(snapshot: Snapshot): void {
    this.#snapshot = snapshot
    this.#system ??= snapshot.system
    this.#threads.apply(snapshot)
    this.#stapler.apply(snapshot.certificates)
    this.#health.apply(snapshot.checks)
    this.#metrics.apply(snapshot)
    this.#sayAllHealth()
  }

  /** One at a time and only the newest: many changes in a row cost few writes. */
  #save(snapshot: Snapshot): void {
    this.#saving = this.#saving.then(async () => {
      if (snapshot !== this.#snapshot) return
      try {
        await saveSnapshot(this.#file, snapshot, await this.#options.openBox())
      } catch (error) {
        this.#options.logger.error({ err: error }, 'the snapshot could not be saved')
      }
    })
  }

  async #onApplied(revision: number, failures: readonly ListenerFailure[]): Promise<void> {
    await this.#forgetOthers()
    this.#applied = { revision, failures }
    this.#link?.say({ type: 'applied', revision, failures })
    this.#retry?.cancel()
    if (failures.length === 0) return
    this.#retry = this.#options.clock.after(retryFailedMs, () => {
      if (this.#snapshot !== undefined) this.#threads.apply(this.#snapshot)
    })
  }

  /** What was logged and counted for another system is nobody's any more: the threads have let go of it. */
  async #forgetOthers(): Promise<void> {
    const system = this.#snapshot?.system
    if (system === this.#system) return
    await this.#metrics.settled()
    await this.#logs.forget()
    this.#system = system
  }

  #onHealth(health: TargetHealth): void {
    this.#threads.setHealth(health.check, health.state === 'healthy')
    this.#link?.say({ type: 'health', all: false, health: [health] })
  }

  #sayEverything(): void {
    this.#link?.say({ type: 'hello', proxy: this.#id, protocol: protocolVersion })
    this.#sayAllHealth()
    if (this.#applied !== undefined) this.#link?.say({ type: 'applied', ...this.#applied })
    this.#sayFinished()
    this.#sayCounters()
    this.#metrics.connected()
    this.#linked.resolve()
  }

  #sayAllHealth(): void {
    this.#link?.say({ type: 'health', all: true, health: this.#health.states() })
  }

  #sayFinished(): void {
    const targets = this.#threads.finished()
    if (targets.length > 0) this.#link?.say({ type: 'finished', targets })
  }

  #awaitSecond(): void {
    const { clock } = this.#options
    this.#report = clock.after(reportMs - (clock.now() % reportMs), () => {
      this.#awaitSecond()
      void this.#second(clock.now())
    })
  }

  /** Has what was counted by now told and written. */
  async #second(now: number): Promise<void> {
    await this.#threads.report()
    this.#sayCounters()
    await this.#metrics.second(now)
  }

  #sayCounters(): void {
    this.#link?.say({
      type: 'counters',
      counters: this.#threads.counters(),
      lostLogEntries: this.#threads.lostLogEntries + this.#logs.lostEntries,
      lostFigures: this.#metrics.lostMinutes,
    })
  }
}
