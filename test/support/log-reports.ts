/** Reports of the guide's examples of access log entries (p. 100–101), for tests to change. */
import { writeConnection, writeExchange } from '../../src/engine/access-log/entry.ts'
import { LogBuffer } from '../../src/engine/access-log/log-buffer.ts'
import { compliant } from '../../src/engine/desync/classification.ts'
import type { ClientEnd, ConnectionReport, ExchangeReport } from '../../src/engine/observer.ts'
import type { Target } from '../../src/engine/target.ts'

const target = { host: '10.0.0.1', port: 80, endpoint: '10.0.0.1:80' } as Target

export function client(port: number, tls: ClientEnd['tls'] = null): ClientEnd {
  const entrance = { address: '10.0.0.9', port }
  return { address: '192.168.131.39', port: 2817, entrance, tls, serverName: null }
}

/** Of the guide's example of HTTP, with other members. */
export function exchange(change: Partial<ExchangeReport> = {}): ExchangeReport {
  return {
    loadBalancer: 'id',
    zone: 'a',
    listener: 'l',
    client: client(80),
    target,
    method: 'GET',
    requestTarget: '/',
    version: '1.1',
    host: 'www.example.com',
    userAgent: 'curl/7.38.0',
    referer: '',
    headBytes: 60,
    forwardedFor: '',
    pool: 'id/p',
    classification: compliant,
    time: Date.parse('2015-05-13T23:39:43.945Z') + 0.958,
    receivedAt: 1000,
    connectingAt: -1,
    sentAt: 1000.073,
    answeredAt: 1001.121,
    respondedAt: 1001.178,
    endedAt: 1002,
    status: 200,
    targetStatus: 200,
    sentHeadBytes: 40,
    receivedBytes: 0,
    sentBytes: 29,
    ...change,
  }
}

export function connection(change: Partial<ConnectionReport> = {}): ConnectionReport {
  return {
    loadBalancer: 'id',
    zone: 'a',
    listener: 'l',
    client: client(8080),
    target,
    time: Date.parse('2015-05-13T23:39:43.945Z') + 0.958,
    acceptedAt: 1000,
    connectingAt: 1000.01,
    connectedAt: 1000.038,
    sentAt: 1001.069,
    answeredAt: 1002,
    respondedAt: 1002.041,
    endedAt: 1003,
    receivedBytes: 82,
    sentBytes: 305,
    ...change,
  }
}

/** The line of an access log for it. @param name the load balancer's */
export function exchangeEntry(name: string, report: ExchangeReport): string {
  const buffer = new LogBuffer()
  writeExchange(buffer, name, report)
  return buffer.written.toString('latin1')
}

/** As {@link exchangeEntry}, for a connection. */
export function connectionEntry(name: string, report: ConnectionReport): string {
  const buffer = new LogBuffer()
  writeConnection(buffer, name, report)
  return buffer.written.toString('latin1')
}
