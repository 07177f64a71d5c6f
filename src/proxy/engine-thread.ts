/** Entry of an engine thread: an engine that does what the main thread says. An uncaught error ends the thread, not the process. */
import { parentPort, workerData } from 'node:worker_threads'
import { Engine } from '../engine/engine.ts'
import type { HttpLimits } from '../engine/http1/limits.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { systemClock } from '../std/clock.ts'
import { createLogger, type LogLevel } from '../telemetry/logger.ts'
import type { FromThread, ToThread } from './thread-messages.ts'

if (parentPort === null) throw new Error('engine-thread.ts runs as a worker thread only')
const port = parentPort
const { thread, threads, limits, logLevel } = workerData as {
  thread: number
  threads: number
  limits: HttpLimits
  logLevel: LogLevel
}

const logger = createLogger(logLevel, { process: 'proxy', thread })
const engine = new Engine({
  clock: systemClock,
  logger,
  reusePort: true,
  limits,
  engines: threads,
  onFinished: (targets) => say({ type: 'finished', targets }),
})

function say(message: FromThread): void {
  port.postMessage(message)
}

async function apply(snapshot: Snapshot): Promise<void> {
  const failures = await engine.apply(snapshot)
  say({ type: 'applied', revision: snapshot.revision, failures })
}

async function drain(): Promise<void> {
  await engine.drain()
  say({ type: 'counters', counters: engine.counters() })
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
    case 'report':
      say({ type: 'counters', counters: engine.counters() })
      break
    case 'drain':
      drain().catch(crash)
      break
  }
})
