/** One connection of a health check, from the first packet until its descriptor is given back. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { HealthCheck, TargetTls } from '../../snapshot/snapshot.ts'
import type { Clock } from '../../std/clock.ts'
import { TargetSecurity } from '../tls/target-security.ts'
import { otherKey } from '../wire/tls.ts'

/** `none`: the check could not be made, or was stopped: it says nothing about the target. */
export interface Verdict {
  readonly kind: 'passed' | 'failed' | 'none'
  /** For people; made here, never of bytes that the target sent. */
  readonly detail: string
}

export interface Attempt {
  /** Resolves when the connection is closed, never rejects. */
  readonly verdict: Promise<Verdict>
  /** The connection stood, with TLS if it was to have it. */
  readonly connected: boolean
  /** Closes the connection; the verdict is `none`, if there was not one yet. */
  stop(): void
}

/** Only the first call counts; it closes the connection. */
export type Settle = (verdict: Verdict) => void

export const passed = (detail: string): Verdict => ({ kind: 'passed', detail })
export const failed = (detail: string): Verdict => ({ kind: 'failed', detail })

export const closedEarly = failed('connection closed before the answer was complete')

/** @param talk has the connected socket, after the handshake if there is one, and settles */
export function attempt(
  { host, port, timeout, probe: { tls } }: HealthCheck,
  clock: Clock,
  talk: (socket: Socket, settle: Settle) => void,
): Attempt {
  const closed = Promise.withResolvers<Verdict>()
  let connected = false
  let verdict: Verdict | undefined
  let missing = 'connection'
  const tcp = connect({ host, port })
  const settle: Settle = (given) => {
    verdict ??= given
    tcp.destroy()
  }
  const timer = clock.after(timeout, () => {
    settle(failed(`no ${missing} within ${timeout / 1000} s`))
  })
  const begin = (socket: Socket) => {
    connected = true
    missing = 'answer'
    talk(socket, settle)
  }
  tcp.on('error', (error: NodeJS.ErrnoException) => settle(verdictOfError(error)))
  tcp.once('connect', () => {
    missing = 'TLS handshake'
    if (tls === undefined) begin(tcp)
    else secure(tcp, tls, begin, settle)
  })
  tcp.once('close', () => {
    timer.cancel()
    closed.resolve(verdict ?? closedEarly)
  })
  return {
    verdict: closed.promise,
    get connected() {
      return connected
    },
    stop: () => settle({ kind: 'none', detail: 'stopped' }),
  }
}

/** @param done has the socket when the handshake is over and the public key is one of those that it may be */
function secure(
  tcp: Socket,
  tls: TargetTls,
  done: (socket: TLSSocket) => void,
  settle: Settle,
): void {
  const { context: secureContext, accepts } = new TargetSecurity(tls)
  const socket = connectTls({ socket: tcp, secureContext, rejectUnauthorized: false })
  let over = false
  socket.on('error', (error: NodeJS.ErrnoException) => {
    settle(over ? verdictOfError(error) : failed(`TLS handshake failed (${error.code})`))
  })
  socket.once('secureConnect', () => {
    over = true
    if (accepts?.(socket.getPeerCertificate().raw) === false) settle(failed(otherKey))
    else done(socket)
  })
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
