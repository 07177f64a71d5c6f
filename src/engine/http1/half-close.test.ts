/** A client that has sent its request and closes its side still gets its answer. */
import { expect, test } from 'vitest'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

test.each([
  ['without a body', get],
  ['with a body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab'],
  ['in chunks', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
])('a request %s is answered, and then the connection is closed', async (_, request) => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.socket.end(request)
  const peer = await origin.peer(0)
  await peer.until(/ab$|\r\n\r\n$/)
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n')
  peer.send('\r\nhalf')
  await client.until(/Connection: close\r\n[\s\S]*half$/)
  peer.send('half')
  await client.untilClosed()
  expect(client.received).toMatch(/\r\n\r\nhalfhalf$/)
  expect(client.error).toBeUndefined()
  await serving.untilQuiet(1)
})

test('all requests that were sent ahead are answered; one whose head is cut off is malformed', async () => {
  await using origin = await Origin.answering((head) => ok(head.split(' ')[1] ?? ''))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  const requests = Array.from({ length: 500 }, (_, i) => get.replace('/', `/n${i}.`))
  client.socket.end(`${requests.join('')}GET /cut HT`)
  await client.untilClosed()
  expect(client.received.match(/n\d+\./g)).toEqual(requests.map((_, i) => `n${i}.`))
  expect(client.received).not.toContain('cut')
  expect(client.received.match(/HTTP\/1\.1 400 /g)).toHaveLength(1)
  expect(client.error).toBeUndefined()
  await serving.untilQuiet(1)
})

test.each([
  ['HTTP/0.9, which has no empty line', 'GET /\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['a part of a head', 'GET / HTTP/1.1\r\nHost: a\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['a part of a doubted head', 'GET / HTTP/1.1\nHost: a\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['an empty line', '\r\n', /^$/],
  ['nothing', '', /^$/],
])('a client that sends %s and no more gets its answer at once', async (_, sent, answer) => {
  await using serving = await Serving.start([])
  await using client = await serving.connect()
  client.socket.end(sent)
  await client.untilClosed()
  expect(client.received).toMatch(answer)
  expect(client.error).toBeUndefined()
})

test('also when the client takes its time to read', async () => {
  const size = 100_000
  await using origin = await Origin.answering(ok('x'.repeat(size)))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.socket.pause()
  client.socket.end(get.repeat(300))
  await eventually(() => (serving.engine.counters()[0]?.bytesOut ?? 0) > 10 * size)
  client.socket.resume()
  await client.untilClosed()
  expect(client.received.match(/HTTP/g)).toHaveLength(300)
})

test('the load balancer answers too', async () => {
  await using origin = await Origin.start((peer) => {
    peer.until('\r\n\r\n').then(() => peer.socket.destroy(), String)
  })
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.socket.end(get)
  await client.until(/^HTTP\/1\.1 504 [\s\S]*Connection: close/)
  await client.untilClosed()
  expect(client.error).toBeUndefined()
  await serving.untilQuiet()
})

test('a tunnel tells the instance that the client had closed its side before', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.socket.end(`${upgrade}early`)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  peer.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  await peer.untilEnded()
  expect(peer.received).toMatch(/\r\n\r\nearly$/)
  peer.send('late')
  await client.until(/late$/)
  peer.socket.end()
  await serving.untilQuiet()
})
