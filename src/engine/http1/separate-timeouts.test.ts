import { expect, test } from 'vitest'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const timeouts = { request: 10_000, response: 20_000, keepAlive: 5000 }

async function serve(origins: readonly Origin[]): Promise<Serving> {
  const serving = await Serving.start(origins)
  await serving.apply(origins, { timeouts })
  return serving
}

test('a connection without a request is closed after the keep-alive timeout', async () => {
  await using serving = await serve([])
  await using client = await serving.connect()
  serving.clock.advance(4900)
  expect(client.ended).toBe(false)
  serving.clock.advance(300)
  await client.untilEnded()
  expect(client.received).toBe('')
})

test('a head that is not whole in the request timeout is answered 408, however it trickles', async () => {
  await using serving = await serve([])
  await using client = await serving.connect()
  const received = () => serving.engine.counters()[0]?.bytesIn
  client.send('GET / HTTP/1.1\r\n')
  await eventually(() => received() === 16)
  serving.clock.advance(6000)
  client.send('Host: a\r\n')
  await eventually(() => received() === 25)
  serving.clock.advance(4300)
  expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 408 /)
})

test('a body that is not whole in the request timeout is answered 408', async () => {
  await using origin = await Origin.start()
  await using serving = await serve([origin])
  await using client = await serving.connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
  await (await origin.peer(0)).until('half')
  serving.clock.advance(10_300)
  expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 408 /)
  client.socket.destroy()
  await serving.untilQuiet()
})

test('an instance that does not begin its answer in the response timeout is answered for: 504', async () => {
  await using origin = await Origin.start()
  await using serving = await serve([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await (await origin.peer(0)).until('\r\n\r\n')
  serving.clock.advance(19_800)
  expect(client.received).toBe('')
  serving.clock.advance(500)
  expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 504 /)
})

test('an answer that has begun may take its time, up to the response timeout from one piece to the next', async () => {
  await using origin = await Origin.start()
  await using serving = await serve([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha')
  await client.until('ha')
  serving.clock.advance(19_800)
  peer.send('lf')
  await client.until('half')
  client.take()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await peer.until(/GET[\s\S]*GET[\s\S]*\r\n\r\n$/)
  peer.send(ok('next'))
  await client.until('next')
})
