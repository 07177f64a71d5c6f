/** Entry of an engine thread: an engine that does what the main thread says. An uncaught error ends the thread, not the process. */
import { parentPort, workerData } from 'node:worker_threads'
import { Engine } from '../engine/engine.ts'
import type { HttpLimits } from '../engine/http1/limits.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { systemClock } from '../std/clock.ts'
import { createLogger, type LogLevel } from '../telemetry/logger.ts'
import { AccessLogs } from './access-log/access-logs.ts'
import type { FromThread, ToThread } from './thread-messages.ts'

if (parentPort === null) throw new Error('engine-thread.ts runs as a worker thread only')
const port = parentPort
const { thread, threads, limits, logLevel, logs } = workerData as {
  thread: number
  threads: number
  limits: HttpLimits
  logLevel: LogLevel
  /** Folders of access logs that are written, and that are closed. */
  logs: { open: string; closed: string }
}

const logger = createLogger(logLevel, { process: 'proxy', thread })
const accessLogs = new AccessLogs({
  ...logs,
  clock: systemClock,
  logger,
  onClosed: () => say({ type: 'log-closed' }),
})
const engine = new Engine({
  clock: systemClock,
  logger,
  reusePort: true,
  limits,
  engines: threads,
  observer: accessLogs,
  onFinished: (targets) => say({ type: 'finished', targets }),
})

function say(message: FromThread): void {
  port.postMessage(message)
}

/** Of the snapshot that was applied last. */
let system: string | undefined

async function apply(snapshot: Snapshot): Promise<void> {
  const isAnother = system !== undefined && system !== snapshot.system
  system = snapshot.system
  accessLogs.apply(snapshot)
  const failures = await engine.apply(snapshot)
  // The logs of the system before are to be thrown away, all of them. Otherwise nobody waits for the disk.
  if (isAnother) await accessLogs.ended()
  say({ type: 'applied', revision: snapshot.revision, failures })
}

function report(): void {
  const figures = engine.takeFigures()
  say({
    type: 'counters',
    figures,
    counters: engine.counters(),
    lostLogEntries: accessLogs.takeLost(),
  })
}

async function drain(): Promise<void> {
  await engine.drain()
  await accessLogs.close()
  report()
  say({ type: 'drained' })
}

/** Rejections must end the thread: it is started again with the last snapshot. */
function crash(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}

port.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'snapshot':
      apply(message.snapshot).catch(crash)
      break
    case 'health':
      engine.setHealth(message.check, message.healthy)
      break
    case 'ticket-keys':
      engine.setTicketKeys(message.keys)
      break
    case 'staple':
      engine.setStaple(message.certificate, message.answer)
      break
    case 'report':
      report()
      break
    case 'drain':
      drain().catch(crash)
      break
  }
})
