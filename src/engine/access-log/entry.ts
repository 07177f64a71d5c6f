/**
 * Entries of access logs as the guide has them (p. 98–101): fifteen fields, one line, ASCII. Whatever a client sends, it stays within its
 * field.
 */
import { type Endpoint, endpointText } from '../endpoint.ts'
import type { ClientEnd, ConnectionReport, ExchangeReport } from '../observer.ts'
import { escaped, type LogBuffer } from './log-buffer.ts'
import { writeTimestamp } from './timestamp.ts'

/** Bytes of a User-Agent, before they are escaped (guide, p. 100: 8 KB). */
export const maxUserAgent = 8192

const space = 0x20
const quote = 0x22
const dot = 0x2e
const colon = 0x3a
const newLine = 0x0a
const notProcessed = ' - -1 -1 -1 '

/** @param name the load balancer's */
export function writeExchange(to: LogBuffer, name: string, report: ExchangeReport): void {
  const { client, target, receivedAt, sentAt, answeredAt, respondedAt } = report
  writeStart(to, report.time, name, client)
  // An instance that does not answer has not processed the request (guide, p. 99).
  if (target === null || answeredAt < 0) to.text(notProcessed)
  else {
    to.character(space)
    to.text(target.endpoint)
    writeSeconds(to, receivedAt, sentAt)
    writeSeconds(to, sentAt, answeredAt)
    writeSeconds(to, answeredAt, respondedAt)
    to.character(space)
  }
  to.whole(report.status)
  to.character(space)
  to.whole(report.targetStatus)
  writeBytes(to, report.receivedBytes, report.sentBytes)
  writeRequest(to, report)
  writeUserAgent(to, report.userAgent)
  writeSecurity(to, client)
}

/** @param name the load balancer's */
export function writeConnection(to: LogBuffer, name: string, report: ConnectionReport): void {
  const { client, target, connectedAt, answeredAt, respondedAt } = report
  writeStart(to, report.time, name, client)
  if (target === null || connectedAt < 0) to.text(notProcessed)
  else {
    to.character(space)
    to.text(target.endpoint)
    writeSeconds(to, report.acceptedAt, report.sentAt)
    writeSeconds(to, report.connectingAt, connectedAt)
    writeSeconds(to, answeredAt, respondedAt)
    to.character(space)
  }
  to.text('- -')
  writeBytes(to, report.receivedBytes, report.sentBytes)
  to.text(' "- - - " "-"')
  writeSecurity(to, client)
}

function writeStart(to: LogBuffer, time: number, name: string, client: ClientEnd): void {
  writeTimestamp(to, time)
  to.character(space)
  to.text(name)
  to.character(space)
  if (client.address.includes(':')) to.text(`[${client.address}]`)
  else to.text(client.address)
  to.character(colon)
  to.whole(client.port)
}

/** -1: it never came to that. */
function writeSeconds(to: LogBuffer, from: number, until: number): void {
  if (from < 0 || until < 0) {
    to.text(' -1')
    return
  }
  const micros = Math.round((until - from) * 1000)
  const seconds = Math.floor(micros / 1_000_000)
  to.character(space)
  to.whole(seconds)
  to.character(dot)
  to.padded(micros - seconds * 1_000_000, 6)
}

function writeBytes(to: LogBuffer, received: number, sent: number): void {
  to.character(space)
  to.whole(received)
  to.character(space)
  to.whole(sent)
}

/** Method, URL and version; of a request that could not be read, where it came to. */
function writeRequest(
  to: LogBuffer,
  { method, requestTarget, version, client, host }: ExchangeReport,
): void {
  to.text(' "')
  if (method === '') to.text(`- ${safeOrigin(client, '')}- - `)
  else {
    to.escaped(method)
    to.character(space)
    if (isPath(requestTarget)) to.text(safeOrigin(client, host))
    to.escaped(requestTarget)
    to.text(' HTTP/')
    to.text(version)
  }
  to.character(quote)
}

function writeUserAgent(to: LogBuffer, agent: string): void {
  to.text(' "')
  if (agent === '') to.text('-')
  else to.escaped(agent.slice(0, maxUserAgent))
  to.character(quote)
}

function writeSecurity(to: LogBuffer, { tls }: ClientEnd): void {
  if (tls === null) to.text(' - -')
  else to.text(` ${tls.cipher} ${tls.protocol}`)
  to.character(newLine)
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
  return `${tls === null ? 'http' : 'https'}://${authority(host, entrance)}`
}

function authority(host: string, { address, port }: Endpoint): string {
  if (host === '') return endpointText(address, port)
  return /:\d+$/.test(host) ? host : `${host}:${port}`
}

/** The origin that was written last, and whose it was: most requests are for the same as the one before. */
let last = { host: '', entrance: {} as Endpoint, secure: false, text: '' }

function safeOrigin(client: ClientEnd, host: string): string {
  const { entrance } = client
  const secure = client.tls !== null
  const known = host === last.host && entrance === last.entrance && secure === last.secure
  if (!known) last = { host, entrance, secure, text: escaped(originOf(client, host)) }
  return last.text
}
