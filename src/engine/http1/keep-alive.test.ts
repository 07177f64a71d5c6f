import { expect, test } from 'vitest'
import { Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const path = (head: string) => head.split(' ')[1] ?? ''

test('both sides keep their connections from request to request', async () => {
  await using origin = await Origin.answering((head) => ok(path(head)))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  for (const each of ['/one', '/two', '/three']) {
    client.send(`GET ${each} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.until(each)
  }
  expect(origin.peers).toHaveLength(1)
  expect(client.received.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3)
  expect(client.received).not.toContain('Connection')
  expect(serving.engine.counters()[0]).toMatchObject({
    connections: 1,
    openConnections: 1,
    requests: 3,
    bytesIn: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.length * 3 + 'onetwothree'.length,
    bytesOut: client.received.length,
    engine4xx: 0,
    engine5xx: 0,
  })
})

test('requests that are sent ahead are answered in order, one at a time', async () => {
  await using origin = await Origin.answering((head) => ok(path(head)))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  const requests = Array.from({ length: 500 }, (_, i) => `GET /n${i}. HTTP/1.1\r\nHost: a\r\n\r\n`)
  client.send(requests.join(''))
  await client.until('/n499.')
  expect(client.received.match(/n\d+\./g)).toEqual(Array.from({ length: 500 }, (_, i) => `n${i}.`))
  expect(origin.peers).toHaveLength(1)
})

test('requests that are sent ahead without a target are each answered 503', async () => {
  await using serving = await Serving.start([])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2000))
  await client.until((all) => all.match(/ 503 /g)?.length === 2000)
  expect(client.ended).toBe(false)
})

test('connections wait in one pool, and the one used last is used first', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using first = await serving.connect()
  await using second = await serving.connect()
  first.send('GET /first HTTP/1.1\r\nHost: a\r\n\r\n')
  await (await origin.peer(0)).until('/first')
  second.send('GET /second HTTP/1.1\r\nHost: a\r\n\r\n')
  await (await origin.peer(1)).until('/second')
  origin.peers[0]?.send(ok('1'))
  await first.until('\r\n\r\n1')
  origin.peers[1]?.send(ok('2'))
  await second.until('\r\n\r\n2')
  first.send('GET /third HTTP/1.1\r\nHost: a\r\n\r\n')
  await (await origin.peer(1)).until('/third')
  expect(origin.peers).toHaveLength(2)
})

test('a client that asks for it is closed after its response', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  const response = await serving.exchange('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  expect(response).toBe('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx')
  await serving.untilQuiet(1)
})

test('an HTTP/1.0 client is closed after its response unless it asks to stay', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  const response = await serving.exchange('GET / HTTP/1.0\r\n\r\n')
  expect(response).toBe('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx')
  await using client = await serving.connect()
  client.send('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n')
  await client.until('Connection: keep-alive\r\n\r\nx')
  client.take()
  client.send('GET / HTTP/1.0\r\n\r\n')
  await client.until('Connection: close\r\n\r\nx')
})

test.each([
  ['it says so', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx'],
  ['it speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx'],
  ['it sent more than its response', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1'],
])('a target connection is not used again when %s', async (_, response) => {
  await using origin = await Origin.answering(response)
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(await client.until(/x$/)).toBe('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/x[\s\S]*x$/)
  expect(origin.peers).toHaveLength(2)
})

test('a pooled connection that the target closes, or talks on, is dropped at once', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  for (const spoil of [() => origin.peers[0]?.socket.end(), () => origin.peers[1]?.send('more')]) {
    client.take()
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.until(/x$/)
    expect(serving.engine.open().targetConnections).toBe(1)
    spoil()
    client.socket.pause()
    const { engine } = serving
    while (engine.open().targetConnections > 0) await new Promise((next) => setImmediate(next))
    client.socket.resume()
  }
})
