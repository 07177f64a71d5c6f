/** One connection of a health check, from the first packet until its descriptor is given back. */
import { connect, type Socket } from 'node:net'
import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { Clock } from '../../std/clock.ts'

/** `none`: the check could not be made, or was stopped: it says nothing about the target. */
export interface Verdict {
  readonly kind: 'passed' | 'failed' | 'none'
  /** For people; made here, never of bytes that the target sent. */
  readonly detail: string
}

export interface Attempt {
  /** Resolves when the connection is closed, never rejects. */
  readonly verdict: Promise<Verdict>
  /** Closes the connection; the verdict is `none`, if there was not one yet. */
  stop(): void
}

/** Only the first call counts; it closes the connection. */
export type Settle = (verdict: Verdict) => void

export const passed = (detail: string): Verdict => ({ kind: 'passed', detail })
export const failed = (detail: string): Verdict => ({ kind: 'failed', detail })

export const closedEarly = failed('connection closed before the answer was complete')

/** @param talk has the connected socket, and settles */
export function attempt(
  { host, port, timeout }: Pick<HealthCheck, 'host' | 'port' | 'timeout'>,
  clock: Clock,
  talk: (socket: Socket, settle: Settle) => void,
): Attempt {
  const closed = Promise.withResolvers<Verdict>()
  let verdict: Verdict | undefined
  const socket = connect({ host, port })
  const settle: Settle = (given) => {
    verdict ??= given
    socket.destroy()
  }
  const timer = clock.after(timeout, () => {
    settle(failed(`no ${socket.connecting ? 'connection' : 'answer'} within ${timeout / 1000} s`))
  })
  socket.on('error', (error: NodeJS.ErrnoException) => settle(verdictOfError(error)))
  socket.once('connect', () => talk(socket, settle))
  socket.once('close', () => {
    timer.cancel()
    closed.resolve(verdict ?? closedEarly)
  })
  return { verdict: closed.promise, stop: () => settle({ kind: 'none', detail: 'stopped' }) }
}

/** This machine is short of something. Taking targets out for it would turn a shortage into an outage. */
const shortages = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])

const failures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
}

export function verdictOfError({ code = 'no code' }: NodeJS.ErrnoException): Verdict {
  if (shortages.has(code))
    return { kind: 'none', detail: `no connection could be opened (${code})` }
  return failed(failures[code] ?? `connection failed (${code})`)
}
