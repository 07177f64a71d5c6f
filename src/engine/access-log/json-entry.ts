/**
 * Access log entries as JSON lines: what the guide's fifteen fields say (p. 98–101), each with a name, and null where they have `-`, `-1` or 0 for
 * nothing. Bytes beyond ASCII are written as the characters of Latin-1, so that what a client sent can be told exactly.
 */
import type { ClientEnd, ConnectionReport, ExchangeReport } from '../observer.ts'
import type { Target } from '../target.ts'
import { maxUserAgent, urlOf } from './entry.ts'
import { timestamp } from './timestamp.ts'

/** @param name the load balancer's */
export function exchangeJson(name: string, report: ExchangeReport): string {
  const { client, target, receivedAt, sentAt, answeredAt, respondedAt } = report
  const answered = target !== null && answeredAt >= 0
  return line({
    time: timestamp(report.time),
    elb: name,
    ...clientMembers(client),
    ...targetMembers(answered ? target : null),
    request_processing_time: answered ? seconds(receivedAt, sentAt) : null,
    backend_processing_time: answered ? seconds(sentAt, answeredAt) : null,
    response_processing_time: answered ? seconds(answeredAt, respondedAt) : null,
    elb_status_code: report.status || null,
    backend_status_code: report.targetStatus || null,
    received_bytes: report.receivedBytes,
    sent_bytes: report.sentBytes,
    method: report.method || null,
    url: urlOf(report),
    http_version: report.method === '' ? null : report.version,
    user_agent: report.userAgent.slice(0, maxUserAgent) || null,
    ...tlsMembers(client),
  })
}

/** @param name the load balancer's */
export function connectionJson(name: string, report: ConnectionReport): string {
  const { client, target, connectingAt, connectedAt, answeredAt, respondedAt } = report
  const connected = target !== null && connectedAt >= 0
  return line({
    time: timestamp(report.time),
    elb: name,
    ...clientMembers(client),
    ...targetMembers(connected ? target : null),
    request_processing_time: connected ? seconds(report.acceptedAt, report.sentAt) : null,
    backend_processing_time: connected ? seconds(connectingAt, connectedAt) : null,
    response_processing_time: connected ? seconds(answeredAt, respondedAt) : null,
    elb_status_code: null,
    backend_status_code: null,
    received_bytes: report.receivedBytes,
    sent_bytes: report.sentBytes,
    method: null,
    url: null,
    http_version: null,
    user_agent: null,
    ...tlsMembers(client),
  })
}

function clientMembers({ address, port }: ClientEnd) {
  return { client_address: address, client_port: port }
}

function targetMembers(target: Target | null) {
  return { backend_address: target?.host ?? null, backend_port: target?.port ?? null }
}

function tlsMembers({ tls }: ClientEnd) {
  return { ssl_cipher: tls?.cipher ?? null, ssl_protocol: tls?.protocol ?? null }
}

/** To the microsecond; null: it never came to that. */
function seconds(from: number, to: number): number | null {
  return from < 0 || to < 0 ? null : Math.round((to - from) * 1000) / 1_000_000
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII that can be seen
const unsafe = /[^\u0000-\u007e]/g

/** JSON has escaped the other control characters. */
function line(entry: object): string {
  const text = JSON.stringify(entry).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${text}\n`
}
