import { once } from 'node:events'
import { expect, test } from 'vitest'
import { DeafListener } from '../../../test/support/deaf-listener.ts'
import { eventually, Origin, settled } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const idleTimeout = 60_000
/** Longer than the time-out by the engine's resolution. */
const over = idleTimeout + 300

test('a connection without a request is closed in silence', async () => {
  await using serving = await Serving.start([])
  await using client = await serving.connect()
  await eventually(() => serving.engine.open().clientConnections === 1)
  serving.clock.advance(idleTimeout - 100)
  expect(client.closed).toBe(false)
  serving.clock.advance(400)
  await client.untilEnded()
  expect(client.received).toBe('')
})

test('a client that does not close in its turn is closed 5 seconds later', async () => {
  await using serving = await Serving.start([])
  await using client = await serving.connect()
  await eventually(() => serving.engine.open().clientConnections === 1)
  serving.clock.advance(over)
  await client.untilEnded()
  expect(serving.engine.open().clientConnections).toBe(1)
  serving.clock.advance(5300)
  await serving.untilQuiet()
})

test('a head that is not whole in time is answered 408, even while bytes keep coming', async () => {
  await using serving = await Serving.start([])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\n')
  const counters = () => serving.engine.counters()[0]
  await eventually(() => counters()?.bytesIn === 16)
  serving.clock.advance(idleTimeout / 2)
  client.send('A: b\r\n')
  await eventually(() => counters()?.bytesIn === 22)
  serving.clock.advance(idleTimeout / 2 + 300)
  await client.until('HTTP/1.1 408 Request Timeout')
  await client.untilEnded()
})

test('a body that stops coming is answered 408; one that is slow is not', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n')
  const peer = await origin.peer(0)
  for (const part of ['ab', 'cd', 'ef']) {
    client.send(part)
    await peer.until(part)
    serving.clock.advance(idleTimeout - 200)
  }
  serving.clock.advance(over)
  await client.until('HTTP/1.1 408 Request Timeout')
  await peer.untilEnded()
  await client.untilEnded()
})

test('an instance that stays silent is answered for with 504', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(get)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  serving.clock.advance(idleTimeout - 200)
  expect(client.received).toBe('')
  serving.clock.advance(500)
  await client.until('HTTP/1.1 504 Gateway Timeout')
  await peer.untilEnded()
})

test('a response that stops coming ends the connection, and no answer is put into it', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(get)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
  await client.until('half')
  serving.clock.advance(over)
  await client.untilClosed()
  expect(client.received).toMatch(/half$/)
  await serving.untilQuiet()
})

test('an idle connection to a target is closed after the idle timeout', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(get)
  await client.until(/x$/)
  await client[Symbol.asyncDispose]()
  await serving.untilQuiet(1)
  serving.clock.advance(over)
  await serving.untilQuiet()
})

test('a target that does not accept within 10 seconds is passed over; if none does, it is 504', async () => {
  await using deaf = await DeafListener.start()
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([deaf, origin])
  const connections = () => serving.engine.open().targetConnections
  await using client = await serving.connect()
  client.send(get)
  await eventually(() => connections() === 1)
  serving.clock.advance(9_800)
  expect([origin.peers.length, client.received]).toEqual([0, ''])
  serving.clock.advance(500)
  await client.until(/x$/)
  await serving.apply([deaf])
  await eventually(() => connections() === 0)
  client.take()
  client.send(get)
  await eventually(() => connections() === 1)
  serving.clock.advance(10_300)
  await client.until('HTTP/1.1 504 Gateway Timeout')
})

test('a pool may give connections less time to stand', async () => {
  await using deaf = await DeafListener.start()
  await using serving = await Serving.start([deaf], { pool: { connectTimeout: 5000 } })
  const connections = () => serving.engine.open().targetConnections
  await using client = await serving.connect()
  client.send(get)
  await eventually(() => connections() === 1)
  serving.clock.advance(4_900)
  expect(client.received).toBe('')
  serving.clock.advance(300)
  await client.until('HTTP/1.1 504 Gateway Timeout')
})

test('a changed idle timeout holds for connections that are open', async () => {
  await using serving = await Serving.start([])
  await using client = await serving.connect()
  await eventually(() => serving.engine.open().clientConnections === 1)
  await serving.apply([], { idleTimeout: 1000 })
  serving.clock.advance(1300)
  await client.untilEnded()
})

test('a client may take longer over its last response than over closing', async () => {
  let size = 64 * 1024 * 1024
  await using origin = await Origin.answering(() => ok('x'.repeat(size)))
  await using serving = await Serving.start([origin])
  const bytesOut = () => serving.engine.counters()[0]?.bytesOut ?? 0
  const askWithoutReading = async () => {
    const client = await serving.connect()
    client.socket.pause()
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    return client
  }
  // As much as the kernel and we hold for a client that does not read; a little less is all written, and not all sent.
  await using first = await askWithoutReading()
  await settled(bytesOut)
  size = bytesOut() - 32_768
  const before = bytesOut()
  await using client = await askWithoutReading()
  await settled(bytesOut)
  while (bytesOut() - before < size) {
    client.socket.resume()
    await once(client.socket, 'data')
    client.socket.pause()
    await settled(bytesOut)
  }
  serving.clock.advance(20_000)
  client.socket.resume()
  await client.untilEnded()
  expect(client.received.length).toBeGreaterThan(size)
  first.socket.destroy()
})
