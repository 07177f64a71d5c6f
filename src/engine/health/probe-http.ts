import { type IncomingMessage, request } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import type { HealthCheck, HttpProbe } from '../../snapshot/snapshot.ts'
import type { Clock } from '../../std/clock.ts'
import {
  type Attempt,
  attempt,
  closedEarly,
  failed,
  passed,
  type Settle,
  type Verdict,
} from './attempt.ts'

/** Bytes of an expected answer's body that are read. The guide asks for the status only, so a longer answer has passed by then. */
const maxBody = 1024 * 1024
/** Bytes of an answer's head: as many as the listeners take from an instance (AWS's quota for HTTP headers). */
const maxHead = 65_536

/**
 * Passes when the request is answered in whole with a status that is expected. Its body must say how long it is, by Content-Length or the chunked coding
 * (guide, "Health check configuration" and "Health check target page error", cause 2).
 */
export function probeHttp(check: HealthCheck, probe: HttpProbe, clock: Clock): Attempt {
  const host = probe.host ?? hostField(check)
  return attempt(check, clock, (socket, settle) => ask(socket, host, probe, settle))
}

/** The Host field: IPv6 in brackets (RFC 9110, section 7.2, and RFC 3986, section 3.2.2). */
export function hostField({ host, port }: Pick<HealthCheck, 'host' | 'port'>): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}

function ask(socket: Socket, host: string, probe: HttpProbe, settle: Settle): void {
  const { path, method = 'GET', expected = usual } = probe
  const answered = (response: IncomingMessage) => verdictOf(response, expected)
  const headers = { Host: host, 'User-Agent': 'ELB-HealthChecker/1.0', Connection: 'close' }
  const asked = request({
    createConnection: () => socket,
    path,
    method,
    headers,
    maxHeaderSize: maxHead,
    insecureHTTPParser: false,
  })
  let answer: IncomingMessage | undefined
  asked.on('response', (response) => {
    answer = response
    if (isExpected(response, expected)) hear(response, settle)
    else settle(answered(response))
  })
  asked.on('upgrade', (response) => settle(answered(response)))
  asked.on('connect', (response) => settle(answered(response)))
  asked.on('error', (error: NodeJS.ErrnoException) => {
    // What follows a complete answer does not matter, in whichever packet it comes.
    if (answer?.complete === true) settle(answered(answer))
    else settle(error.code?.startsWith('HPE_') ? malformed(error.code) : closedEarly)
  })
  asked.end()
}

function hear(response: IncomingMessage, settle: Settle): void {
  response.on('error', () => settle(closedEarly))
  const { statusCode } = response
  const whole = passed(`answered ${statusCode}`)
  const framed =
    response.headers['content-length'] !== undefined ||
    response.headers['transfer-encoding'] !== undefined
  let length = 0
  response.on('data', (bytes: Buffer) => {
    length += bytes.length
    if (!framed) {
      settle(failed(`answered ${statusCode} with neither Content-Length nor chunked coding`))
    } else if (length > maxBody) settle(whole)
  })
  response.on('end', () => settle(whole))
}

type Ranges = NonNullable<HttpProbe['expected']>

/** Guide, "Health check configuration". */
const usual: Ranges = [[200, 200]]

function verdictOf(response: IncomingMessage, expected: Ranges): Verdict {
  const text = `answered ${response.statusCode}`
  return isExpected(response, expected) ? passed(text) : failed(text)
}

function isExpected({ statusCode = 0 }: IncomingMessage, expected: Ranges): boolean {
  return expected.some(([first, last]) => statusCode >= first && statusCode <= last)
}

function malformed(code: string): Verdict {
  return code === 'HPE_HEADER_OVERFLOW'
    ? failed(`answered with a head of more than ${maxHead} bytes`)
    : failed(`the answer is not valid HTTP (${code})`)
}
