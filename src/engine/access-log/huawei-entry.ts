/**
 * Entries of access logs as Huawei Cloud's ELB writes them (its user guide, "Access Logging", version elb_01): one line for each request of an HTTP
 * or HTTPS listener, of fields in a fixed order. `-` stands for what there is not, and for what Weir does not know: which is said at each.
 */
import type { HuaweiLogFormat } from '../../snapshot/snapshot.ts'
import { endpointText } from '../endpoint.ts'
import type { ExchangeReport } from '../observer.ts'
import { maxUserAgent } from './entry.ts'
import { escaped } from './put.ts'

/** A client that left before it got an answer. */
const clientLeft = 499

/** @returns empty for a request that is not logged: one that was malformed */
export function huaweiEntry(format: HuaweiLogFormat, report: ExchangeReport): string {
  if (report.method === '' || (report.status === 400 && report.targetStatus === 0)) return ''
  const { client, receivedAt, endedAt } = report
  const took = endedAt - receivedAt
  const ended = report.time + took
  return `${[
    (Math.floor(ended) / 1000).toFixed(3),
    format.stream,
    `[${isoTime(ended)}]`,
    'elb_01',
    endpointText(client.address, client.port),
    report.status || clientLeft,
    `"${escaped(`${report.method} ${urlOf(report)} HTTP/${report.version}`)}"`,
    report.headBytes + report.receivedBytes,
    report.sentHeadBytes + report.sentBytes,
    report.sentBytes,
    seconds(took),
    ...upstream(report),
    quoted(report.userAgent),
    quoted(report.referer),
    quoted(report.forwardedFor),
    ...resources(format, report),
    // The server's private address, of shared load balancers, and the certificate, which Huawei does not tell yet.
    '"-"',
    '-',
    client.tls?.protocol ?? '-',
    client.tls?.cipher ?? '-',
    word(client.serverName),
    // The round trip time, which Node does not ask the kernel for, and a field that is reserved.
    '-',
    '-',
  ].join(' ')}\n`
}

/** Status, the times until the connection, the head and the end, and the address: of the server that was tried last. */
function upstream(report: ExchangeReport): string[] {
  const { target, targetStatus, sentAt, answeredAt, endedAt } = report
  const answered = targetStatus > 0
  return [
    answered ? `"${targetStatus}"` : '"-"',
    `"${connectTime(report)}"`,
    answered ? `"${seconds(answeredAt - sentAt)}"` : '"-"',
    answered ? `"${seconds(endedAt - sentAt)}"` : '"-"',
    target === null ? '"-"' : `"${target.endpoint}"`,
  ]
}

/** Of a connection that stood already, none; `-` when it did not come to stand. */
function connectTime({ connectingAt, sentAt }: ExchangeReport): string {
  if (sentAt < 0 || sentAt < connectingAt) return '-'
  return seconds(connectingAt < 0 ? 0 : sentAt - connectingAt)
}

/** Identities are paths of the ids: `LOAD_BALANCER/LISTENER`. */
function resources(format: HuaweiLogFormat, report: ExchangeReport): string[] {
  const { loadBalancer, listener, pool, client } = report
  const listenerId = listener.slice(loadBalancer.length + 1)
  const [poolId = ''] = pool.slice(loadBalancer.length + 1).split('/')
  const isPool = pool !== '' && !format.withoutPool.includes(pool)
  return [
    `loadbalancer_${loadBalancer.slice(loadBalancer.lastIndexOf('/') + 1)}`,
    `listener_${listenerId}`,
    listenerId,
    isPool ? `pool_${poolId}` : '-',
    // Huawei does not tell the member yet.
    '"-"',
    format.tenant,
    format.eip === null ? '-' : endpointText(format.eip, client.entrance.port),
  ]
}

/** As the client asked, its host without a port. A target that is a URL already stays as it came. */
function urlOf({ requestTarget, client, host }: ExchangeReport): string {
  if (!requestTarget.startsWith('/') && requestTarget !== '*') return requestTarget
  const scheme = client.tls === null ? 'http' : 'https'
  return `${scheme}://${host.replace(/:\d*$/, '') || client.entrance.address}${requestTarget}`
}

function quoted(value: string): string {
  return value === '' ? '"-"' : `"${escaped(value.slice(0, maxUserAgent))}"`
}

/** What is not in quotes: a space would end it, and brackets are the time's. */
function word(value: string | null): string {
  if (value === null || value === '') return '-'
  return escaped(value).replace(/[ [\]]/g, (end) => `\\x${end.charCodeAt(0).toString(16)}`)
}

/** To the millisecond. */
function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

/** `2024-02-14T12:23:56+00:00`: local time is UTC here. */
function isoTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}+00:00`
}
