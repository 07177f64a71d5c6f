/**
 * Entries of access logs as the guide has them (p. 98–101): fifteen fields, one line, ASCII. Whatever a client sends, it stays within its
 * field: what could end one is written `\xNN`, as the Application Load Balancers of AWS write it.
 */
import type { ClientEnd, ConnectionReport, ExchangeReport } from '../observer.ts'
import { fieldValue } from './field-value.ts'
import { timestamp } from './timestamp.ts'

/** Bytes of a User-Agent, before they are escaped (guide, p. 100: 8 KB). */
export const maxUserAgent = 8192

/** @param name the load balancer's */
export function exchangeEntry(name: string, report: ExchangeReport): string {
  const { client, target, receivedAt, sentAt, answeredAt, respondedAt } = report
  const agent = fieldValue(report.fields, 'User-Agent')
  // An instance that does not answer has not processed the request (guide, p. 99).
  const answered = target !== null && answeredAt >= 0
  const processed = answered
    ? `${endpoint(target.host, target.port)} ${seconds(receivedAt, sentAt)} ${seconds(sentAt, answeredAt)} ${seconds(answeredAt, respondedAt)}`
    : '- -1 -1 -1'
  const figures = `${report.status} ${report.targetStatus} ${report.receivedBytes} ${report.sentBytes}`
  const told = `"${escaped(requestOf(report))}" "${agent === '' ? '-' : escaped(agent.slice(0, maxUserAgent))}"`
  return `${start(report.time, name, client)} ${processed} ${figures} ${told} ${security(client)}\n`
}

/** @param name the load balancer's */
export function connectionEntry(name: string, report: ConnectionReport): string {
  const { client, target, connectedAt, answeredAt, respondedAt } = report
  const processed =
    target !== null && connectedAt >= 0
      ? `${endpoint(target.host, target.port)} ${seconds(report.acceptedAt, report.sentAt)} ${seconds(report.connectingAt, connectedAt)} ${seconds(answeredAt, respondedAt)}`
      : '- -1 -1 -1'
  const figures = `- - ${report.receivedBytes} ${report.sentBytes}`
  return `${start(report.time, name, client)} ${processed} ${figures} "- - - " "-" ${security(client)}\n`
}

function start(time: number, name: string, { address, port }: ClientEnd): string {
  return `${timestamp(time)} ${name} ${endpoint(address, port)}`
}

/** IPv6 in brackets. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** -1: it never came to that. */
function seconds(from: number, to: number): string {
  return from < 0 || to < 0 ? '-1' : ((to - from) / 1000).toFixed(6)
}

function security({ tls }: ClientEnd): string {
  return tls === null ? '- -' : `${tls.cipher} ${tls.protocol}`
}

/** Method, URL and version; of a request that could not be read, where it came to. */
function requestOf(report: ExchangeReport): string {
  const { method, version } = report
  return method === '' ? `- ${urlOf(report)}- - ` : `${method} ${urlOf(report)} HTTP/${version}`
}

/** Of a request that could not be read, without a path. */
export function urlOf({ method, requestTarget, client, fields }: ExchangeReport): string {
  const { entrance, tls } = client
  const scheme = tls === null ? 'http' : 'https'
  const node = endpoint(entrance.address, entrance.port)
  if (method === '') return `${scheme}://${node}`
  // A target that is a URL already stays as the client sent it.
  if (!requestTarget.startsWith('/') && requestTarget !== '*') return requestTarget
  const host = fieldValue(fields, 'Host')
  const authority = host === '' ? node : withPort(host, entrance.port)
  return `${scheme}://${authority}${requestTarget}`
}

function withPort(host: string, port: number): string {
  return /:\d+$/.test(host) ? host : `${host}:${port}`
}

const unsafe = /[^ !#-[\]-~]/
const everyUnsafe = new RegExp(unsafe, 'g')

/** Text of one byte a character. */
export function escaped(text: string): string {
  if (!unsafe.test(text)) return text
  return text.replace(
    everyUnsafe,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
