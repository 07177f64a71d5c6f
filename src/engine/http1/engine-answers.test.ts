import { describe, expect, test } from 'vitest'
import { Origin } from '../../../test/support/peer.ts'
import { ok, ownAddress, Serving } from '../../../test/support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

test('an answer of the load balancer is a whole response of its own', async () => {
  await using serving = await Serving.start([])
  const answer = await serving.exchange('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  const [head, body] = answer.split('\r\n\r\n') as [string, string]
  expect(head).toBe(
    [
      'HTTP/1.1 503 Service Unavailable',
      'Server: weir',
      'Date: Thu, 01 Jan 2026 00:00:00 GMT',
      'Content-Type: text/html',
      `Content-Length: ${body.length}`,
      'Connection: close',
    ].join('\r\n'),
  )
  expect(body).toMatch(/^<html>\r\n<head><title>503 Service Unavailable<\/title><\/head>/)
  expect(serving.engine.counters()[0]).toMatchObject({ requests: 1, engine4xx: 0, engine5xx: 1 })
})

test('an answer to HEAD has no body, and the next request is served', async () => {
  await using serving = await Serving.start([])
  await using client = await serving.connect()
  client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/Content-Length: \d+\r\n\r\n$/)
  client.send(get)
  await client.until('</html>')
})

describe('in strictest mode, all that does not comply is refused, and its connection closed', () => {
  const host = 'Host: a\r\n'
  const post = `POST / HTTP/1.1\r\n${host}`
  test.each([
    [400, 'no Host', 'GET / HTTP/1.1\r\n\r\n'],
    [400, 'Host twice', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
    [400, 'two hosts', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'],
    [400, 'CONNECT', `CONNECT a:443 HTTP/1.1\r\n${host}\r\n`],
    [400, 'a target that is no URI', `GET a HTTP/1.1\r\n${host}\r\n`],
    [400, 'a space in the target', `GET /a b HTTP/1.1\r\n${host}\r\n`],
    [400, 'another version', `GET / HTTP/2.0\r\n${host}\r\n`],
    [400, 'no version', 'GET /\r\n\r\n'],
    [400, 'another protocol', '\x16\x03\x01\x02\x00'],
    [400, 'a method that is no token', `G(T / HTTP/1.1\r\n${host}\r\n`],
    [400, 'a folded line', `GET / HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`],
    [400, 'a space before the colon', `GET / HTTP/1.1\r\n${host}A : b\r\n\r\n`],
    [400, 'no colon', `GET / HTTP/1.1\r\n${host}A\r\n\r\n`],
    [400, 'no name', `GET / HTTP/1.1\r\n${host}: b\r\n\r\n`],
    [400, 'NUL in a value', `GET / HTTP/1.1\r\n${host}A: \0\r\n\r\n`],
    [400, 'a bare CR', `GET / HTTP/1.1\r\n${host}A: b\rC: d\r\n\r\n`],
    [400, 'a bare LF', `GET / HTTP/1.1\r\n${host}A: b\n\r\n`],
    [400, 'bare LFs only', 'GET / HTTP/1.1\nHost: a\n\n'],
    [400, 'both framings', `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`],
    [400, 'two lengths', `${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`],
    [400, 'a list of lengths', `${post}Content-Length: 3, 3\r\n\r\n`],
    [400, 'a signed length', `${post}Content-Length: +3\r\n\r\n`],
    [400, 'an empty length', `${post}Content-Length:\r\n\r\n`],
    [400, 'a length beyond numbers', `${post}Content-Length: 1000000000000000\r\n\r\n`],
    [400, 'chunked not last', `${post}Transfer-Encoding: chunked, gzip\r\n\r\n`],
    [
      400,
      'chunked twice',
      `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
    [400, 'an unknown coding', `${post}Transfer-Encoding: xchunked\r\n\r\n`],
    [400, 'chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [400, 'a bad chunk size', `${post}Transfer-Encoding: chunked\r\n\r\nx\r\n`],
    [431, 'a long header line', `GET / HTTP/1.1\r\n${host}A: ${'b'.repeat(16_384)}`],
    [431, 'long headers', `GET / HTTP/1.1\r\n${host}${`A: ${'b'.repeat(9000)}\r\n`.repeat(8)}`],
    [405, 'a long method', `${'M'.repeat(128)} / HTTP/1.1\r\n${host}\r\n`],
    [414, 'a long request line', `GET /${'a'.repeat(16_384)}`],
  ])('%i: %s', async (status, _, request) => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await Serving.start([origin], { desync: 'strictest' })
    const answer = await serving.exchange(request)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\r\nConnection: close\r\n`))
    expect(answer.match(/HTTP\/1/g)).toHaveLength(1)
    await serving.untilQuiet()
  })
})

test('a malformed chunk later in a body ends the request with 400', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n')
  const peer = await origin.peer(0)
  await peer.until('x\r\n')
  client.send('1\r\nxx\r\n0\r\n\r\n')
  await client.until('HTTP/1.1 400 Bad Request')
  await peer.untilEnded()
  expect(peer.received).not.toMatch(/0\r\n\r\n$/)
})

test('the method may have 127 characters, and a header line almost 16 KB', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  const request = `${'M'.repeat(127)} / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(16_300)}\r\nConnection: close\r\n\r\n`
  expect(await serving.exchange(request)).toMatch(/^HTTP\/1\.1 200 OK/)
})

describe('a response that cannot be passed on becomes 502', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a malformed status', 'HTTP/1.1 2x0 OK\r\n\r\n'],
    ['a malformed field', 'HTTP/1.1 200 OK\r\nA b\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n'],
    ['a bad first chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'],
    ['an unasked upgrade', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['a head over 64 KB', `HTTP/1.1 200 OK\r\n${`A: ${'b'.repeat(9000)}\r\n`.repeat(8)}`],
  ])('%s', async (_, response) => {
    await using origin = await Origin.answering(response)
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(get)
    await client.until(/^HTTP\/1\.1 502 Bad Gateway[\s\S]*<\/html>\r\n$/)
    await (await origin.peer(0)).untilEnded()
    client.take()
    client.send(get)
    await client.until(/^HTTP\/1\.1 502 /)
  })

  test('an end in the middle of a head', async () => {
    await using origin = await Origin.start((peer) => {
      peer.until('GET').then(() => peer.socket.end('HTTP/1.1 200 OK\r\nA:'), String)
    })
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(get)
    await client.until(/^HTTP\/1\.1 502 /)
  })
})

test('a target that refuses is passed over; when all refuse, the answer is 503', async () => {
  await using origin = await Origin.start()
  const refusing = { host: ownAddress(), port: 9 }
  await using serving = await Serving.start([refusing, origin])
  await using client = await serving.connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo')
  const peer = await origin.peer(0)
  await peer.until(/bo$/)
  client.send('dy')
  await peer.until(/body$/)
  peer.send(ok('x'))
  await client.until(/x$/)
  expect(serving.engine.counters()[0]).toMatchObject({ targetConnectErrors: 1, engine5xx: 0 })
  await serving.apply([refusing])
  client.send(get)
  await client.until('HTTP/1.1 503')
})
