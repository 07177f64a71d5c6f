import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHuaweiEntry } from '../../../test/support/huawei-log.ts'
import { client, exchange } from '../../../test/support/log-reports.ts'
import type { HuaweiLogFormat } from '../../snapshot/snapshot.ts'
import type { ExchangeReport } from '../observer.ts'
import type { Target } from '../target.ts'
import { tlsFacts } from '../wire/tls.ts'
import { huaweiEntry } from './huawei-entry.ts'

const tenant = 'f2bc165ad9b4483a9b17762da851bbbb'
const loadBalancer = `huawei/${tenant}/295a7eee-9999-46ed-9fad-32a62ff0a687`
const pool = `${loadBalancer}/89547549-6666-446e-9dbc-e3a551034c46`
const format: HuaweiLogFormat = {
  stream: 'eb11c5a9-93a7-4c48-80fc-03f61f638595',
  tenant,
  eip: '121.64.212.1',
  withoutPool: [`${loadBalancer}/none`],
}

/** The example of the user guide, as far as Weir knows its fields. */
function example(change: Partial<ExchangeReport> = {}): ExchangeReport {
  return exchange({
    loadBalancer,
    listener: `${loadBalancer}/20679192-8888-4e62-a814-a2f870f62148`,
    pool,
    client: {
      ...client(443, tlsFacts('TLSv1.2', 'ECDHE-RSA-AES256-GCM-SHA384', null)),
      address: '192.168.1.1',
      port: 888,
      serverName: 'www.test.com',
    },
    target: { host: '192.168.1.2', port: 8080, endpoint: '192.168.1.2:8080' } as Target,
    method: 'POST',
    requestTarget: '/example/',
    host: 'www.test.com:443',
    userAgent: 'okhttp/3.13.1',
    time: Date.parse('2024-02-14T12:23:56.359Z'),
    receivedAt: 1000,
    sentAt: 1000,
    answeredAt: 1011,
    respondedAt: 1011,
    endedAt: 1011,
    headBytes: 1000,
    sentHeadBytes: 38,
    receivedBytes: 411,
    sentBytes: 3,
    ...change,
  })
}

const read = (change: Partial<ExchangeReport> = {}) =>
  readHuaweiEntry(huaweiEntry(format, example(change)).slice(0, -1))

test('the example of Huawei’s user guide, with - for what is not known', () => {
  expect(huaweiEntry(format, example())).toBe(
    '1707913436.370 eb11c5a9-93a7-4c48-80fc-03f61f638595 [2024-02-14T12:23:56+00:00] elb_01 192.168.1.1:888 200 ' +
      '"POST https://www.test.com/example/ HTTP/1.1" 1411 41 3 0.011 "200" "0.000" "0.011" "0.011" "192.168.1.2:8080" ' +
      '"okhttp/3.13.1" "-" "-" loadbalancer_295a7eee-9999-46ed-9fad-32a62ff0a687 ' +
      'listener_20679192-8888-4e62-a814-a2f870f62148 20679192-8888-4e62-a814-a2f870f62148 ' +
      'pool_89547549-6666-446e-9dbc-e3a551034c46 "-" f2bc165ad9b4483a9b17762da851bbbb 121.64.212.1:443 "-" - ' +
      'TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 www.test.com - -\n',
  )
})

test.each<[string, Partial<ExchangeReport>, object]>([
  ['a client that left', { status: 0, targetStatus: 0 }, { status: '499', upstream_status: '-' }],
  [
    'no answer of a server',
    { status: 504, targetStatus: 0, answeredAt: -1 },
    { upstream_header_time: '-', upstream_response_time: '-', upstream_addr: '192.168.1.2:8080' },
  ],
  [
    'no server',
    { target: null, targetStatus: 0, status: 503, sentAt: -1 },
    { upstream_addr: '-', upstream_connect_time: '-' },
  ],
  [
    'a server that had to be connected to',
    { connectingAt: 998.5, sentAt: 1000 },
    { upstream_connect_time: '0.002' },
  ],
  [
    'a server that could not be connected to, after one that could',
    { connectingAt: 1005, sentAt: 1000, targetStatus: 0, status: 504 },
    { upstream_connect_time: '-' },
  ],
  ['a rule that answers', { pool: '' }, { pool_name: '-' }],
  ['a listener without a pool', { pool: `${loadBalancer}/none` }, { pool_name: '-' }],
  [
    'a pool that is told of clients',
    { pool: `${pool}/proxy-protocol` },
    { pool_name: 'pool_89547549-6666-446e-9dbc-e3a551034c46' },
  ],
  [
    'HTTP',
    { client: client(80) },
    { ssl_protocol: '-', ssl_cipher: '-', sni_domain_name: '-', eip: '121.64.212.1:80' },
  ],
  [
    'a client behind proxies',
    { forwardedFor: '1.1.1.1, ::1' },
    { http_x_forwarded_for: '1.1.1.1, ::1' },
  ],
  ['a backend server’s 400', { status: 400, targetStatus: 400 }, { status: '400' }],
])('%s', (_, change, expected) => {
  expect(read(change)).toMatchObject(expected)
})

test('a load balancer without an EIP has -', () => {
  const entry = huaweiEntry({ ...format, eip: null }, example())
  expect(readHuaweiEntry(entry.slice(0, -1)).eip).toBe('-')
})

test('requests that are malformed are not logged', () => {
  expect(huaweiEntry(format, example({ status: 400, targetStatus: 0 }))).toBe('')
  expect(huaweiEntry(format, example({ method: '', status: 408, targetStatus: 0 }))).toBe('')
})

const bytes = fc
  .uint8Array({ maxLength: 60 })
  .map((values) => Buffer.from(values).toString('latin1'))

test('whatever a client sends stays in its field, in one line of ASCII', () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, bytes, (path, agent, forwardedFor, serverName) => {
      const { client } = example()
      const fields = { host: 'h', userAgent: agent, referer: agent, forwardedFor }
      const sent = { requestTarget: `/${path}`, ...fields }
      const line = huaweiEntry(format, example({ ...sent, client: { ...client, serverName } }))
      expect(line).toMatch(/^[ -~]*\n$/)
      expect(readHuaweiEntry(line.slice(0, -1))).toMatchObject({
        request: `POST https://h/${path} HTTP/1.1`,
        http_user_agent: agent || '-',
        http_referer: agent || '-',
        http_x_forwarded_for: forwardedFor || '-',
        sni_domain_name: serverName || '-',
        self_defined_header: '-',
      })
    }),
  )
})
