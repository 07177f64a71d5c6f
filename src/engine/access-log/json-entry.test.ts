import { expect, test } from 'vitest'
import { client, connection, exchange } from '../../../test/support/log-reports.ts'
import { connectionJson, exchangeJson } from './json-entry.ts'

test("an entry of a request says what the guide's fields say (p. 98–101)", () => {
  const tls = { cipher: 'DHE-RSA-AES128-SHA', protocol: 'TLSv1.2', alpn: null }
  const entry = exchangeJson('my-loadbalancer', exchange({ client: client(443, tls) }))
  expect(JSON.parse(entry)).toEqual({
    time: '2015-05-13T23:39:43.945958Z',
    elb: 'my-loadbalancer',
    client_address: '192.168.131.39',
    client_port: 2817,
    backend_address: '10.0.0.1',
    backend_port: 80,
    request_processing_time: 0.000073,
    backend_processing_time: 0.001048,
    response_processing_time: 0.000057,
    elb_status_code: 200,
    backend_status_code: 200,
    received_bytes: 0,
    sent_bytes: 29,
    method: 'GET',
    url: 'https://www.example.com:443/',
    http_version: '1.1',
    user_agent: 'curl/7.38.0',
    ssl_cipher: 'DHE-RSA-AES128-SHA',
    ssl_protocol: 'TLSv1.2',
  })
})

test('an entry of a connection has null for what only requests have', () => {
  expect(JSON.parse(connectionJson('my-loadbalancer', connection()))).toMatchObject({
    backend_processing_time: 0.000028,
    elb_status_code: null,
    received_bytes: 82,
    sent_bytes: 305,
    url: null,
    ssl_protocol: null,
  })
})

test('what no instance answered, or could not be read, has null for what is not known', () => {
  const unread = { target: null, method: '', requestTarget: '', host: '', userAgent: '' }
  const nothing = { answeredAt: -1, respondedAt: -1, sentAt: -1, status: 0, targetStatus: 0 }
  const entry = exchangeJson('my-loadbalancer', exchange({ ...unread, ...nothing }))
  expect(JSON.parse(entry)).toMatchObject({
    backend_address: null,
    request_processing_time: null,
    elb_status_code: null,
    method: null,
    http_version: null,
    url: 'http://10.0.0.9:80',
    user_agent: null,
  })
})

test('no client can end a line, or a value, or write what is not ASCII', () => {
  const hostile = '"}\n{"a":"\\\u0000\u001b[2J\u007f\u0085\u00ff'
  const change = { requestTarget: `/${hostile}`, host: 'x', userAgent: hostile }
  const entry = exchangeJson('lb', exchange(change))
  expect(entry).toMatch(/^[ -~]+\n$/)
  const { url, user_agent: agent } = JSON.parse(entry)
  expect(url).toBe(`http://x:80/${hostile}`)
  expect(agent).toBe(hostile)
})

test('a user agent is cut at 8 KB (guide, p. 100)', () => {
  const entry = exchangeJson('lb', exchange({ userAgent: 'a'.repeat(100_000) }))
  expect(JSON.parse(entry).user_agent).toHaveLength(8192)
})
