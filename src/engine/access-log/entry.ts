/**
 * Entries of access logs as the guide has them (p. 98–101): fifteen fields, one line, ASCII. Whatever a client sends, it stays within its
 * field.
 */
import type { Endpoint } from '../endpoint.ts'
import type { ClientEnd, ConnectionReport, ExchangeReport } from '../observer.ts'
import type { LogBuffer } from './log-buffer.ts'
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
    writeEndpoint(to, target.host, target.port)
    writeSeconds(to, receivedAt, sentAt)
    writeSeconds(to, sentAt, answeredAt)
    writeSeconds(to, answeredAt, respondedAt)
    to.character(space)
  }
  to.whole(report.status)
  to.character(space)
  to.whole(report.targetStatus)
  writeBytes(to, report)
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
    writeEndpoint(to, target.host, target.port)
    writeSeconds(to, report.acceptedAt, report.sentAt)
    writeSeconds(to, report.connectingAt, connectedAt)
    writeSeconds(to, answeredAt, respondedAt)
    to.character(space)
  }
  to.text('- -')
  writeBytes(to, report)
  to.text(' "- - - " "-"')
  writeSecurity(to, client)
}

function writeStart(to: LogBuffer, time: number, name: string, client: ClientEnd): void {
  writeTimestamp(to, time)
  to.character(space)
  to.text(name)
  writeEndpoint(to, client.address, client.port)
}

function writeEndpoint(to: LogBuffer, address: string, port: number): void {
  to.character(space)
  if (address.includes(':')) to.text(`[${address}]`)
  else to.text(address)
  to.character(colon)
  to.whole(port)
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

function writeBytes(
  to: LogBuffer,
  { receivedBytes, sentBytes }: ExchangeReport | ConnectionReport,
): void {
  to.character(space)
  to.whole(receivedBytes)
  to.character(space)
  to.whole(sentBytes)
}

/** Method, URL and version; of a request that could not be read, where it came to. */
function writeRequest(to: LogBuffer, report: ExchangeReport): void {
  const { method, version } = report
  to.text(' "')
  if (method === '') {
    to.text('- ')
    to.text(urlOf(report))
    to.text('- - ')
  } else {
    to.escaped(method)
    to.character(space)
    to.escaped(urlOf(report))
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

/** IPv6 in brackets. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Of a request that could not be read, without a path. */
export function urlOf({ method, requestTarget, client, host }: ExchangeReport): string {
  const { entrance, tls } = client
  const scheme = tls === null ? 'http' : 'https'
  if (method === '') return `${scheme}://${endpoint(entrance.address, entrance.port)}`
  // A target that is a URL already stays as the client sent it.
  if (!requestTarget.startsWith('/') && requestTarget !== '*') return requestTarget
  return `${scheme}://${authority(host, entrance)}${requestTarget}`
}

function authority(host: string, { address, port }: Endpoint): string {
  if (host === '') return endpoint(address, port)
  return /:\d+$/.test(host) ? host : `${host}:${port}`
}
