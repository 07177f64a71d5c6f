/**
 * Entries of access logs as the guide has them (p. 98–101): fifteen fields, one line, ASCII. Whatever a client sends, it stays within its
 * field.
 */
import { endpointText } from '../endpoint.ts'
import { isDigit } from '../http1/characters.ts'
import type { ClientEnd, ConnectionReport, ExchangeReport } from '../observer.ts'
import type { LogBuffer } from './log-buffer.ts'
import {
  bytesOf,
  escapedLength,
  putBytes,
  putEscaped,
  putSeconds,
  putText,
  putWhole,
} from './put.ts'
import { putTimestamp } from './timestamp.ts'

/** Bytes of a User-Agent, before they are escaped (guide, p. 100: 8 KB). */
export const maxUserAgent = 8192

const space = 0x20
const quote = 0x22
const colon = 0x3a
const newLine = 0x0a
const notProcessed = bytesOf(' - -1 -1 -1 ')
const noStatuses = bytesOf('- -')
const noRequest = bytesOf(' "- - - " "-"')
const noAgent = bytesOf('-')
const beginQuoted = bytesOf(' "')
const beforeNoOrigin = bytesOf('- ')
const afterNoOrigin = bytesOf('- - "')
const plainScheme = bytesOf('http://')
const secureScheme = bytesOf('https://')
const beforeVersion = bytesOf(' HTTP/')
const plain = bytesOf(' - -')
/** More than all takes that is not of the client's or of a name: numbers, addresses and what is between. */
const usualLength = 512

/** @param name the load balancer's */
export function writeExchange(to: LogBuffer, name: string, report: ExchangeReport): void {
  const { client, target, receivedAt, sentAt, answeredAt } = report
  const agentLength = Math.min(report.userAgent.length, maxUserAgent)
  const ofClient = report.requestTarget.length + report.host.length + agentLength
  const room = name.length + report.method.length + ofClient * escapedLength
  const bytes = to.withRoom(usualLength + room)
  let at = putStart(bytes, to.length, report.time, name, client)
  // An instance that does not answer has not processed the request (guide, p. 99).
  if (target === null || answeredAt < 0) at = putBytes(bytes, at, notProcessed)
  else {
    bytes[at] = space
    at = putText(bytes, at + 1, target.endpoint)
    at = putSeconds(bytes, at, receivedAt, sentAt)
    at = putSeconds(bytes, at, sentAt, answeredAt)
    at = putSeconds(bytes, at, answeredAt, report.respondedAt)
    bytes[at] = space
    at += 1
  }
  at = putWhole(bytes, at, report.status)
  bytes[at] = space
  at = putWhole(bytes, at + 1, report.targetStatus)
  at = putCounts(bytes, at, report.receivedBytes, report.sentBytes)
  at = putRequest(bytes, at, report)
  at = putUserAgent(bytes, at, report.userAgent)
  to.length = putSecurity(bytes, at, client)
}

/** @param name the load balancer's */
export function writeConnection(to: LogBuffer, name: string, report: ConnectionReport): void {
  const { client, target, connectedAt, answeredAt, respondedAt } = report
  const bytes = to.withRoom(usualLength + name.length)
  let at = putStart(bytes, to.length, report.time, name, client)
  if (target === null || connectedAt < 0) at = putBytes(bytes, at, notProcessed)
  else {
    bytes[at] = space
    at = putText(bytes, at + 1, target.endpoint)
    at = putSeconds(bytes, at, report.acceptedAt, report.sentAt)
    at = putSeconds(bytes, at, report.connectingAt, connectedAt)
    at = putSeconds(bytes, at, answeredAt, respondedAt)
    bytes[at] = space
    at += 1
  }
  at = putBytes(bytes, at, noStatuses)
  at = putCounts(bytes, at, report.receivedBytes, report.sentBytes)
  at = putBytes(bytes, at, noRequest)
  to.length = putSecurity(bytes, at, client)
}

function putStart(
  bytes: Buffer,
  start: number,
  time: number,
  name: string,
  { address, port }: ClientEnd,
): number {
  let at = putTimestamp(bytes, start, time)
  bytes[at] = space
  at = putText(bytes, at + 1, name)
  bytes[at] = space
  at = putText(bytes, at + 1, address.includes(':') ? `[${address}]` : address)
  bytes[at] = colon
  return putWhole(bytes, at + 1, port)
}

function putCounts(bytes: Buffer, start: number, received: number, sent: number): number {
  bytes[start] = space
  const at = putWhole(bytes, start + 1, received)
  bytes[at] = space
  return putWhole(bytes, at + 1, sent)
}

/** Method, URL and version; of a request that could not be read, where it came to. */
function putRequest(
  bytes: Buffer,
  start: number,
  { method, requestTarget, version, client, host }: ExchangeReport,
): number {
  let at = putBytes(bytes, start, beginQuoted)
  if (method === '') {
    at = putOrigin(bytes, putBytes(bytes, at, beforeNoOrigin), client, '')
    return putBytes(bytes, at, afterNoOrigin)
  }
  // A token: nothing in it can do harm.
  at = putText(bytes, at, method)
  bytes[at] = space
  at += 1
  if (isPath(requestTarget)) at = putOrigin(bytes, at, client, host)
  at = putEscaped(bytes, at, requestTarget)
  at = putText(bytes, putBytes(bytes, at, beforeVersion), version)
  bytes[at] = quote
  return at + 1
}

/** Scheme, host and port. */
function putOrigin(
  bytes: Buffer,
  start: number,
  { entrance, tls }: ClientEnd,
  host: string,
): number {
  let at = putBytes(bytes, start, tls === null ? plainScheme : secureScheme)
  if (host === '') return putText(bytes, at, endpointText(entrance.address, entrance.port))
  at = putEscaped(bytes, at, host)
  if (hasPort(host)) return at
  bytes[at] = colon
  return putWhole(bytes, at + 1, entrance.port)
}

function putUserAgent(bytes: Buffer, start: number, agent: string): number {
  const end = putBytes(bytes, start, beginQuoted)
  const at =
    agent === ''
      ? putBytes(bytes, end, noAgent)
      : putEscaped(bytes, end, agent.length > maxUserAgent ? agent.slice(0, maxUserAgent) : agent)
  bytes[at] = quote
  return at + 1
}

function putSecurity(bytes: Buffer, start: number, { tls }: ClientEnd): number {
  const at =
    tls === null
      ? putBytes(bytes, start, plain)
      : putText(bytes, start, ` ${tls.cipher} ${tls.protocol}`)
  bytes[at] = newLine
  return at + 1
}

/** Of a request that could not be read, without a path. */
export function urlOf({ method, requestTarget, client, host }: ExchangeReport): string {
  if (method === '') return originOf(client, '')
  return isPath(requestTarget) ? `${originOf(client, host)}${requestTarget}` : requestTarget
}

/** A target that is a URL already stays as the client sent it. */
function isPath(requestTarget: string): boolean {
  return requestTarget.startsWith('/') || requestTarget === '*'
}

/** Scheme, host and port. */
function originOf({ entrance, tls }: ClientEnd, host: string): string {
  const { address, port } = entrance
  const scheme = tls === null ? 'http' : 'https'
  if (host === '') return `${scheme}://${endpointText(address, port)}`
  return hasPort(host) ? `${scheme}://${host}` : `${scheme}://${host}:${port}`
}

/** Whether a colon and digits end it. */
function hasPort(host: string): boolean {
  let at = host.length - 1
  while (at >= 0 && isDigit(host.charCodeAt(at))) at -= 1
  return at < host.length - 1 && host.charCodeAt(at) === colon
}
