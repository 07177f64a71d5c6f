import { describe, expect, test } from 'vitest'
import { Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

/** The head that an instance gets for this request head (without its last empty line). */
async function forwarded(head: string, address?: string): Promise<string> {
  await using origin = await Origin.answering((head) => ok(head))
  await using serving = await Serving.start([origin], address === undefined ? {} : { address })
  await using client = await serving.connect()
  client.send(`${head}\r\n\r\n`)
  await client.until(/\r\n\r\n$/)
  return client.received.slice(client.received.indexOf('\r\n\r\n') + 4)
}

const added = (address: string) =>
  `X-Forwarded-For: ${address}\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 8080\r\nConnection: keep-alive\r\n\r\n`

test('everything else of a request passes as it came', async () => {
  const head = 'GET /a%20b?c=d&é HTTP/1.1\r\nhOsT: a\r\nX-Empty:\r\nAccept:  */* \r\nCookie: \xe9'
  expect(await forwarded(head)).toBe(`${head}\r\n${added('127.0.0.1')}`)
})

test('what the client says of its proxies is kept; the port and protocol are our own', async () => {
  const head = [
    'GET / HTTP/1.1',
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Proto: https',
    'Host: a',
    'x-forwarded-for: 198.51.100.1, 198.51.100.2',
    'X-Forwarded-Port: 443',
  ]
  expect(await forwarded(head.join('\r\n'))).toBe(
    `GET / HTTP/1.1\r\nHost: a\r\n${added('203.0.113.7, 198.51.100.1, 198.51.100.2, 127.0.0.1')}`,
  )
})

describe('of a target in absolute form, the instance gets the host as Host, and the path', () => {
  test.each([
    ['GET http://b:81/c?d HTTP/1.1\r\nHost: a', 'GET /c?d HTTP/1.1\r\nHost: b:81'],
    [
      'GET HTTP://[::1]:80/ HTTP/1.1\r\nHost: a\r\nA: b',
      'GET / HTTP/1.1\r\nHost: [::1]:80\r\nA: b',
    ],
    ['GET https://b HTTP/1.1\r\nHost: a', 'GET / HTTP/1.1\r\nHost: b'],
    ['GET http://b?c HTTP/1.1\r\nHost: a', 'GET /?c HTTP/1.1\r\nHost: b'],
    ['OPTIONS http://b HTTP/1.1\r\nHost: a', 'OPTIONS * HTTP/1.1\r\nHost: b'],
    ['GET http://b/ HTTP/1.0', 'GET / HTTP/1.1\r\nHost: b'],
    ['GET http://b/ HTTP/1.0\r\nHost: a', 'GET / HTTP/1.1\r\nHost: b'],
    ['GET http://b/c d HTTP/1.1\r\nHost: a', 'GET /c%20d HTTP/1.1\r\nHost: b'],
    [
      'GET http://b/ HTTP/1.1\r\nHost: a\r\nConnection: X-Private, Host\r\nX-Private: c\r\nD: e',
      'GET / HTTP/1.1\r\nHost: b\r\nD: e',
    ],
  ])('%j', async (head, expected) => {
    const found = await forwarded(head)
    expect(found.slice(0, found.indexOf('\r\nX-Forwarded-For'))).toBe(expected)
  })
})

test.each(['http://', 'http:///a', 'http://a@b/', 'http://a,b/', 'http:a', 'b/c'])(
  'a target that names no host is refused: %s',
  async (target) => {
    await using serving = await Serving.start([])
    const answer = await serving.exchange(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  },
)

test('a client that comes by IPv6 is named so', async () => {
  expect(await forwarded('GET / HTTP/1.1\r\nHost: a', '::1')).toContain('X-Forwarded-For: ::1\r\n')
})

test('fields of one connection, and those that Connection names, go no further', async () => {
  const head = [
    'GET / HTTP/1.1',
    'Connection: keep-alive, X-Private',
    'Host: a',
    'Keep-Alive: timeout=5',
    'X-Private: secret',
    'Proxy-Connection: keep-alive',
    'X-Public: y',
    'TE: gzip',
    'Connection: Host, X-Other',
    'X-Other: secret',
    'Upgrade: websocket',
  ]
  expect(await forwarded(head.join('\r\n'))).toBe(
    `GET / HTTP/1.1\r\nHost: a\r\nX-Public: y\r\n${added('127.0.0.1')}`,
  )
})

test('an HTTP/1.0 request goes on as HTTP/1.1, with the Host that it lacked', async () => {
  const head = await forwarded('GET / HTTP/1.0\r\nConnection: keep-alive')
  expect(head).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: 127\.[\d.]+:8080\r\nX-Forwarded-For: /)
})

test('one empty line before a request is passed over', async () => {
  expect(await forwarded('\r\nGET / HTTP/1.1\r\nHost: a')).toMatch(
    /^GET \/ HTTP\/1\.1\r\nHost: a\r\n/,
  )
})

test('the same goes for responses', async () => {
  await using origin = await Origin.answering(
    'HTTP/1.0 299 Fine\r\nConnection: x-own, keep-alive\r\nX-Own: 1\r\nKeep-Alive: x\r\nUpgrade: h2\r\n' +
      'Set-Cookie: a=b\r\nX-Forwarded-For: kept\r\nContent-Length: 0\r\n\r\n',
  )
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(await client.until(/\r\n\r\n$/)).toBe(
    'HTTP/1.1 299 Fine\r\nSet-Cookie: a=b\r\nX-Forwarded-For: kept\r\nContent-Length: 0\r\n\r\n',
  )
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until((all) => all.match(/299/g)?.length === 2)
  expect(origin.peers).toHaveLength(1)
})
