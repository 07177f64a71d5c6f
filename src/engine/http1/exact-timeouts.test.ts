import { describe, expect, test } from 'vitest'
import { connectHttp2, responseTo, serveHttp2 } from '../../../test/support/http2.ts'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const timeouts = { request: 7000, response: 5000, keepAlive: 3000 }
/** The timer wheel turns by so many milliseconds. */
const tick = 100

/** Whenever something begins between two ticks. */
const offsets = [0, 1, 50, 99]

/** Time is over at the end of it, and not a millisecond earlier; the wheel comes by within a tick. */
async function passesAt(
  serving: Serving,
  timeout: number,
  passed: () => boolean,
  untilPassed: () => Promise<unknown>,
): Promise<void> {
  for (let left = timeout - 1; left > 0; left -= Math.min(left, 37)) {
    serving.clock.advance(Math.min(left, 37))
  }
  await new Promise((resolve) => setImmediate(resolve))
  expect(passed()).toBe(false)
  serving.clock.advance(1 + tick)
  await untilPassed()
}

describe.each(offsets)('%i ms after a tick', (offset) => {
  async function serve(origins: readonly Origin[]): Promise<Serving> {
    const serving = await Serving.start(origins)
    await serving.apply(origins, { timeouts })
    // Keeps the wheel turning, so that its ticks are where they are.
    const other = await serving.connect()
    other.socket.on('close', () => {})
    await eventually(() => serving.engine.open().clientConnections === 1)
    serving.clock.advance(offset)
    return serving
  }

  test('a new connection has its keep-alive time', async () => {
    await using serving = await serve([])
    await using client = await serving.connect()
    await eventually(() => serving.engine.open().clientConnections === 2)
    await passesAt(
      serving,
      3000,
      () => client.ended,
      () => client.untilEnded(),
    )
  })

  test('a connection has its keep-alive time after each request', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve([origin])
    await using client = await serving.connect()
    for (let i = 0; i < 2; i += 1) {
      serving.clock.advance(1234)
      client.send(get)
      await client.until(/\r\n\r\nx$/)
      client.take()
    }
    await passesAt(
      serving,
      3000,
      () => client.ended,
      () => client.untilEnded(),
    )
    expect(client.received).toBe('')
  })

  test('a head has its time from its first byte', async () => {
    await using serving = await serve([])
    await using client = await serving.connect()
    client.send('GET')
    await eventually(() => serving.engine.counters()[0]?.bytesIn === 3)
    await passesAt(
      serving,
      7000,
      () => client.received !== '',
      () => client.until('</html>'),
    )
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('a request with a body has its time from its first byte', async () => {
    await using origin = await Origin.start()
    await using serving = await serve([origin])
    await using client = await serving.connect()
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
    await (await origin.peer(0)).until('half')
    await passesAt(
      serving,
      7000,
      () => client.received !== '',
      () => client.until('</html>'),
    )
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /)
    client.socket.destroy()
  })

  test('a target has its time from the last byte of the request', async () => {
    await using origin = await Origin.start()
    await using serving = await serve([origin])
    await using client = await serving.connect()
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nha')
    const peer = await origin.peer(0)
    await peer.until(/ha$/)
    serving.clock.advance(1234)
    client.send('lf')
    await peer.until('half')
    await passesAt(
      serving,
      5000,
      () => client.received !== '',
      () => client.until('</html>'),
    )
    expect(client.received).toMatch(/^HTTP\/1\.1 504 /)
  })
})

test('a gap in the answer may be as long as the wait for its beginning', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { idleTimeout: 1000 })
  await serving.apply([origin], { timeouts })
  await using client = await serving.connect()
  client.send(get)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab')
  await client.until('ab')
  serving.clock.advance(4900)
  peer.send('cd')
  await client.until('abcd')
  serving.clock.advance(5200)
  await client.untilClosed()
  expect(client.received).toMatch(/abcd$/)
})

describe('a keep-alive time of 0', () => {
  const none = { ...timeouts, keepAlive: 0 }

  test('closes a connection after its request, and says so', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await Serving.start([origin])
    await serving.apply([origin], { timeouts: none })
    await using client = await serving.connect()
    serving.clock.advance(6000)
    client.send(get)
    await client.untilEnded()
    expect(client.received).toMatch(/\r\nConnection: close\r\n\r\nx$/)
  })

  test('leaves a new connection as long as a request may take', async () => {
    await using serving = await Serving.start([])
    await serving.apply([], { timeouts: none })
    await using client = await serving.connect()
    await eventually(() => serving.engine.open().clientConnections === 1)
    serving.clock.advance(6900)
    expect(client.ended).toBe(false)
    serving.clock.advance(200)
    await client.untilEnded()
    expect(client.received).toBe('')
  })

  test('ends an HTTP/2 connection when its streams are over', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin])
    await serving.apply([origin], { timeouts: none })
    await using client = await connectHttp2(serving)
    const closed = new Promise((resolve) => client.once('close', resolve))
    expect((await responseTo(client.request({}))).body).toBe('x')
    await closed
  })
})

test('an HTTP/2 stream has the times of a request', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin])
  await serving.apply([origin], { timeouts })
  await using client = await connectHttp2(serving)
  const answer = responseTo(client.request({}))
  await (await origin.peer(0)).until('\r\n\r\n')
  serving.clock.advance(5000 + tick)
  expect((await answer).status).toBe(504)
})
