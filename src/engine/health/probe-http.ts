import { type IncomingMessage, request } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { Clock } from '../../std/clock.ts'
import { type Attempt, attempt, closedEarly, failed, passed, type Settle } from './attempt.ts'

/** Bytes of a body that are read. The guide asks for the status only, so a longer answer has passed by then. */
const maxBody = 1024 * 1024
/** Bytes of an answer's head: as many as the listeners take from an instance (AWS's quota for HTTP headers). */
const maxHead = 65_536

/**
 * Passes when `GET path` is answered 200 in whole. A body must say how long it is, by Content-Length or the chunked coding
 * (guide, "Health check configuration" and "Health check target page error", cause 2).
 */
export function probeHttp(check: HealthCheck, path: string, clock: Clock): Attempt {
  return attempt(check, clock, (socket, settle) => ask(socket, hostField(check), path, settle))
}

/** The Host field: IPv6 in brackets (RFC 9110, section 7.2, and RFC 3986, section 3.2.2). */
export function hostField({ host, port }: Pick<HealthCheck, 'host' | 'port'>): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}

function ask(socket: Socket, host: string, path: string, settle: Settle): void {
  const headers = { Host: host, 'User-Agent': 'ELB-HealthChecker/1.0', Connection: 'close' }
  const asked = request({
    createConnection: () => socket,
    path,
    headers,
    maxHeaderSize: maxHead,
    insecureHTTPParser: false,
  })
  let answer: IncomingMessage | undefined
  asked.on('response', (response) => {
    answer = response
    hear(response, settle)
  })
  asked.on('upgrade', (response) => settle(answered(response)))
  asked.on('error', (error: NodeJS.ErrnoException) => {
    // What follows a complete answer does not matter, in whichever packet it comes.
    if (answer?.complete === true) settle(answered(answer))
    else settle(error.code?.startsWith('HPE_') ? malformed(error.code) : closedEarly)
  })
  asked.end()
}

function hear(response: IncomingMessage, settle: Settle): void {
  response.on('error', () => settle(closedEarly))
  if (response.statusCode !== 200) {
    settle(answered(response))
    return
  }
  const framed =
    response.headers['content-length'] !== undefined ||
    response.headers['transfer-encoding'] !== undefined
  let length = 0
  response.on('data', (bytes: Buffer) => {
    length += bytes.length
    if (!framed) settle(failed('answered 200 with neither Content-Length nor chunked coding'))
    else if (length > maxBody) settle(answered(response))
  })
  response.on('end', () => settle(answered(response)))
}

function answered({ statusCode }: IncomingMessage): ReturnType<typeof passed> {
  return statusCode === 200 ? passed('answered 200') : failed(`answered ${statusCode}`)
}

function malformed(code: string): ReturnType<typeof failed> {
  return code === 'HPE_HEADER_OVERFLOW'
    ? failed(`answered with a head of more than ${maxHead} bytes`)
    : failed(`the answer is not valid HTTP (${code})`)
}
