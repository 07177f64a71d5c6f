import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEntry } from '../../../test/support/access-log.ts'
import {
  client,
  connection,
  connectionEntry,
  exchange,
  exchangeEntry,
} from '../../../test/support/log-reports.ts'
import type { ExchangeReport } from '../observer.ts'
import { tlsFacts } from '../wire/tls.ts'

const name = 'my-loadbalancer'
describe('the examples of the guide (p. 100–101)', () => {
  const start = '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817'

  test('HTTP', () => {
    expect(exchangeEntry(name, exchange())).toBe(
      `${start} 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -\n`,
    )
  })

  test('HTTPS', () => {
    const tls = tlsFacts('TLSv1.2', 'DHE-RSA-AES128-SHA', null)
    expect(exchangeEntry(name, exchange({ client: client(443, tls), sentBytes: 57 }))).toBe(
      `${start} 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.38.0" DHE-RSA-AES128-SHA TLSv1.2\n`,
    )
  })

  test('TCP', () => {
    expect(connectionEntry(name, connection())).toBe(
      `${start} 10.0.0.1:80 0.001069 0.000028 0.000041 - - 82 305 "- - - " "-" - -\n`,
    )
  })

  test('SSL', () => {
    const tls = tlsFacts('TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256', null)
    expect(connectionEntry(name, connection({ client: client(8443, tls) }))).toBe(
      `${start} 10.0.0.1:80 0.001069 0.000028 0.000041 - - 82 305 "- - - " "-" ECDHE-ECDSA-AES128-GCM-SHA256 TLSv1.2\n`,
    )
  })
})

test.each<[string, Partial<ExchangeReport>, string]>([
  ['a port that Host has', { host: 'a:8080' }, 'GET http://a:8080/ HTTP/1.1'],
  ['an IPv6 address as Host', { host: '[::1]' }, 'GET http://[::1]:80/ HTTP/1.1'],
  ['no Host', { host: '', version: '1.0' }, 'GET http://10.0.0.9:80/ HTTP/1.0'],
  ['a whole URL', { requestTarget: 'http://b/c?d' }, 'GET http://b/c?d HTTP/1.1'],
  ['HTTP/2', { version: '2.0' }, 'GET http://www.example.com:80/ HTTP/2.0'],
  ['nothing that could be read', { method: '', requestTarget: '' }, '- http://10.0.0.9:80- - '],
])('the URL has scheme, host, port and path: %s', (_, change, request) => {
  expect(readEntry(exchangeEntry(name, exchange(change)).slice(0, -1)).request).toBe(request)
})

test('a connection that reached no instance, and one whose client said nothing', () => {
  const none = { target: null, connectingAt: -1, connectedAt: -1, sentAt: -1, answeredAt: -1 }
  expect(connectionEntry(name, connection(none))).toContain(':2817 - -1 -1 -1 - - ')
  const silent = connection({ sentAt: -1, receivedBytes: 0 })
  expect(connectionEntry(name, silent)).toContain(' 10.0.0.1:80 -1 0.000028 0.000041 - - 0 305 ')
})

/** What a field's value, or a request target, may be: any byte that the parser takes, and those that it does not. */
const bytes = fc
  .uint8Array({ maxLength: 80 })
  .map((values) => Buffer.from(values).toString('latin1'))

test('whatever a client sends stays in its field, in one line of ASCII', () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (path, agent, host) => {
      const change = { requestTarget: `/${path}`, host, userAgent: agent }
      const line = exchangeEntry(name, exchange(change))
      expect(line).toMatch(/^[ -~]*\n$/)
      const entry = readEntry(line.slice(0, -1))
      const authority = /:\d+$/.test(host) ? host : `${host || '10.0.0.9'}:80`
      // A backslash that a client sends is escaped itself, so that reading back cannot be misled.
      expect(entry.request).toBe(`GET http://${authority}/${path} HTTP/1.1`)
      expect(entry.userAgent).toBe(agent || '-')
      expect(entry).toMatchObject({ elb: name, elbStatus: '200', cipher: '-', protocol: '-' })
    }),
  )
})

test('a user agent is cut at 8 KB (p. 100)', () => {
  const report = exchange({ userAgent: `${'a'.repeat(8191)}bc` })
  const { userAgent } = readEntry(exchangeEntry(name, report).slice(0, -1))
  expect(userAgent).toBe(`${'a'.repeat(8191)}b`)
})

test('an entry has room, however much of it is escaped', () => {
  const report = exchange({
    client: { ...client(65_535), address: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff' },
    requestTarget: `/${'"'.repeat(60_000)}`,
    host: '"'.repeat(500),
    userAgent: '"'.repeat(9000),
    receivedBytes: Number.MAX_SAFE_INTEGER,
    sentBytes: Number.MAX_SAFE_INTEGER,
    respondedAt: 1e12,
  })
  const line = exchangeEntry(name, report)
  const entry = readEntry(line.slice(0, -1))
  expect(entry.request).toBe(`GET http://${report.host}:65535${report.requestTarget} HTTP/1.1`)
  expect(entry.userAgent).toBe('"'.repeat(8192))
  expect(line.endsWith('" - -\n')).toBe(true)
})
