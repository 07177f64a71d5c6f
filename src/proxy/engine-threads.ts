/**
 * The engine threads of a proxy: one a core. Each has the whole snapshot and opens the same ports (SO_REUSEPORT). A thread that
 * ends by itself is started again with the last snapshot and all known health; the others go on meanwhile.
 */
import { Worker } from 'node:worker_threads'
import type { HttpLimits } from '../engine/http1/limits.ts'
import type { NodeFigures } from '../snapshot/figures.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { ListenerCounters, ListenerFailure } from '../snapshot/status.ts'
import type { Clock } from '../std/clock.ts'
import { moduleBeside } from '../std/module-url.ts'
import type { Logger, LogLevel } from '../telemetry/logger.ts'
import type { LogDelivery } from './access-log/log-delivery.ts'
import { CounterTotals } from './counter-totals.ts'
import type { FromThread, ToThread } from './thread-messages.ts'
import { TicketKeys } from './ticket-keys.ts'

export interface EngineThreadsOptions {
  readonly threads: number
  readonly limits: HttpLimits
  readonly logLevel: LogLevel
  readonly clock: Clock
  readonly logger: Logger
  /** Takes the access logs that the threads write. */
  readonly logs: LogDelivery
  /** All threads serve the snapshot of that revision, but for the failures. */
  readonly onApplied: (revision: number, failures: readonly ListenerFailure[]) => void
  /** No thread has anything in flight any more with these draining targets, by DrainingTarget.id. */
  readonly onFinished: (targets: readonly string[]) => void
  /** What nodes have counted in one thread since its report before. */
  readonly onFigures: (figures: readonly NodeFigures[]) => void
  /** The module that a thread runs; tests give one that can be made to crash. */
  readonly module?: URL
}

/** A thread that fails at once, again and again, must not take the core that the others need. */
const restartMs = 200
/** A thread that hangs must not keep what the others have to say. */
const patienceMs = 1000

export class EngineThreads implements AsyncDisposable {
  readonly #options: EngineThreadsOptions
  readonly #ticketKeys: TicketKeys
  readonly #threads: EngineThread[]
  readonly #staples = new Map<string, Uint8Array>()
  readonly #totals = new CounterTotals()
  readonly #healthy = new Set<string>()
  #finished: ReadonlySet<string> = new Set()
  #snapshot: Snapshot | undefined
  #lostLogEntries = 0
  #closing = false

  constructor(options: EngineThreadsOptions) {
    this.#options = options
    this.#ticketKeys = new TicketKeys(options.clock, (keys) =>
      this.#sayAll({ type: 'ticket-keys', keys }),
    )
    this.#threads = Array.from({ length: options.threads }, (_, index) => this.#start(index))
  }

  apply(snapshot: Snapshot): void {
    this.#snapshot = snapshot
    const known = new Set(snapshot.checks.map(({ id }) => id))
    for (const check of this.#healthy) if (!known.has(check)) this.#healthy.delete(check)
    this.#totals.keep(
      new Set(snapshot.nodes.flatMap(({ listeners }) => listeners.map(({ id }) => id))),
    )
    this.#finished = this.#finished.intersection(drainingIn(snapshot))
    this.#sayAll({ type: 'snapshot', snapshot })
  }

  setHealth(check: string, healthy: boolean): void {
    if (healthy) this.#healthy.add(check)
    else this.#healthy.delete(check)
    this.#sayAll({ type: 'health', check, healthy })
  }

  /** @param answer of an OCSP responder; null: none any more */
  setStaple(certificate: string, answer: Uint8Array | null): void {
    if (answer === null) this.#staples.delete(certificate)
    else this.#staples.set(certificate, answer)
    this.#sayAll({ type: 'staple', certificate, answer })
  }

  /** Draining targets with which no thread has anything in flight any more. */
  finished(): readonly string[] {
    return [...this.#finished]
  }

  /** Asks the threads for a report. Resolves when all have given it; those that take a second are not waited for. */
  async report(): Promise<void> {
    const timer = this.#options.clock.after(patienceMs, () => {
      for (const thread of this.#threads) thread.reported()
    })
    await Promise.all(this.#threads.map((thread) => thread.report()))
    timer.cancel()
  }

  /** Totals as of the last report. */
  counters(): ListenerCounters[] {
    return this.#totals.totals()
  }

  /** The share of its time in which each thread had work to do since it started: 0 to 1. */
  utilizations(): number[] {
    return this.#threads.map((thread) => thread.utilization())
  }

  /** Access log entries that threads have lost, as of the last report. */
  get lostLogEntries(): number {
    return this.#lostLogEntries
  }

  /** Resolves when no thread has a client connection left, or a thread has ended. */
  async drain(): Promise<void> {
    this.#closing = true
    await Promise.all(this.#threads.map((thread) => thread.drain()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true
    this.#ticketKeys[Symbol.dispose]()
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }

  #start(index: number): EngineThread {
    const {
      logLevel,
      limits,
      threads,
      logs,
      module = moduleBeside('./engine-thread', import.meta.url),
    } = this.#options
    const open = logs.threadFolder()
    const workerData = {
      ...{ thread: index, threads, limits, logLevel },
      logs: { open, closed: logs.closed },
    }
    const thread = new EngineThread(
      new Worker(module, { workerData }),
      (message) => this.#receive(index, message),
      (error) => {
        logs.threadEnded(open)
        this.#ended(index, error)
      },
    )
    thread.say({ type: 'ticket-keys', keys: this.#ticketKeys.current })
    if (this.#snapshot !== undefined) thread.say({ type: 'snapshot', snapshot: this.#snapshot })
    for (const check of this.#healthy) thread.say({ type: 'health', check, healthy: true })
    for (const [certificate, answer] of this.#staples) {
      thread.say({ type: 'staple', certificate, answer })
    }
    return thread
  }

  #ended(index: number, error: unknown): void {
    this.#totals.end(index)
    if (this.#closing) return
    this.#options.logger.error({ err: error, thread: index }, 'an engine thread ended; restarting')
    this.#options.clock.after(restartMs, () => {
      if (!this.#closing) this.#threads[index] = this.#start(index)
    })
  }

  #receive(index: number, message: FromThread): void {
    const thread = this.#threads[index]
    switch (message.type) {
      case 'applied':
        if (thread !== undefined) thread.applied = message
        this.#reportApplied()
        break
      case 'counters':
        this.#totals.set(index, message.counters)
        this.#options.onFigures(message.figures)
        thread?.reported()
        this.#lostLogEntries += message.lostLogEntries
        break
      case 'log-closed':
        this.#options.logs.deliver()
        break
      case 'finished':
        if (thread !== undefined) thread.finished = new Set(message.targets)
        this.#noteFinished()
        break
      case 'drained':
        thread?.drained.resolve()
        break
    }
  }

  /** What one thread still has in flight is lost with it, and what it had finished stays so: it is added to, never taken from. */
  #noteFinished(): void {
    const [first = new Set<string>(), ...others] = this.#threads.map(({ finished }) => finished)
    const byAll = others.reduce((common, one) => common.intersection(one), first)
    if (byAll.isSubsetOf(this.#finished)) return
    this.#finished = this.#finished.union(byAll)
    this.#options.onFinished(this.finished())
  }

  #reportApplied(): void {
    const revision = this.#snapshot?.revision
    if (revision === undefined) return
    if (!this.#threads.every((thread) => thread.applied?.revision === revision)) return
    const failures = new Map<string, ListenerFailure>()
    for (const thread of this.#threads) {
      for (const failure of thread.applied?.failures ?? []) {
        failures.set(`${failure.listener} ${failure.address}`, failure)
      }
    }
    this.#options.onApplied(revision, [...failures.values()])
  }

  #sayAll(message: ToThread): void {
    for (const thread of this.#threads) thread.say(message)
  }
}

function drainingIn({ pools }: Snapshot): ReadonlySet<string> {
  return new Set(pools.flatMap(({ draining }) => draining.map(({ id }) => id)))
}

class EngineThread {
  applied: Extract<FromThread, { type: 'applied' }> | undefined
  finished: ReadonlySet<string> = new Set()
  readonly drained = Promise.withResolvers<void>()
  #report: PromiseWithResolvers<void> | null = null
  #ended = false
  readonly #worker: Worker

  constructor(
    worker: Worker,
    onMessage: (message: FromThread) => void,
    onEnd: (error: unknown) => void,
  ) {
    this.#worker = worker
    let failure: unknown
    worker.on('message', onMessage)
    worker.on('error', (error) => {
      failure = error
    })
    worker.once('exit', (code) => {
      this.#ended = true
      this.drained.resolve()
      this.reported()
      onEnd(failure ?? new Error(`thread exited with code ${code}`))
    })
  }

  say(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  /** Resolves when {@link reported} is called next. */
  async report(): Promise<void> {
    if (this.#ended) return
    this.#report ??= Promise.withResolvers()
    this.say({ type: 'report' })
    await this.#report.promise
  }

  reported(): void {
    this.#report?.resolve()
    this.#report = null
  }

  utilization(): number {
    return this.#worker.performance.eventLoopUtilization().utilization
  }

  drain(): Promise<void> {
    this.say({ type: 'drain' })
    return this.drained.promise
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }
}
