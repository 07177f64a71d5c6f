import { isatty } from 'node:tty'
import { keepAlive } from '../std/clock.ts'

/** Ends what `start` has made, in good order. */
export type Stop = () => Promise<void>

/**
 * Runs a process until it is told to stop: by SIGTERM or SIGINT, or because its supervisor is gone. The first time it stops in
 * good order and exits 0; told again, it exits at once. A hangup tells it only where it runs in a terminal. It listens before it
 * starts: what it is told meanwhile is not lost.
 */
export async function runUntilSignal(start: () => Promise<Stop>): Promise<never> {
  // A supervisor whose children have both just ended has nothing else that would keep it.
  keepAlive()
  const told = toldToStop()
  const stop = await start()
  await told
  await stop()
  process.exit(0)
}

const standardInput = 0

function toldToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let told = false
  const tell = () => {
    if (told) process.exit(1)
    told = true
    resolve()
  }
  process.on('SIGTERM', tell)
  process.on('SIGINT', tell)
  process.on('disconnect', tell)
  // The terminal that it runs in is closed. Elsewhere a hangup asks for nothing: Node undoes what nohup has set.
  process.on('SIGHUP', isatty(standardInput) ? tell : () => undefined)
  // A supervisor that was gone before this process could listen.
  if (process.connected === false) tell()
  return promise
}
