import { expect, test } from 'vitest'
import { eventually, Origin, type Peer, settled } from '../../../test/support/peer.ts'
import { Serving } from '../../../test/support/serving.ts'

const size = 64 * 1024 * 1024
const piece = Buffer.alloc(1024 * 1024, 'x')

/** Writes as fast as the socket takes it; `sent` says how much it took so far. */
function flood(peer: Peer): { sent: () => number; done: Promise<void> } {
  let sent = 0
  const run = async () => {
    for (let i = 0; i < size / piece.length; i += 1) {
      await new Promise((written) => peer.socket.write(piece, written))
      sent += piece.length
    }
  }
  return { sent: () => sent, done: run() }
}

test.each([
  ['a client that does not read makes the instance wait', 'GET', `Content-Length: ${size}`],
  ['and so in chunks', 'GET', 'Transfer-Encoding: chunked'],
])('%s', async (_, method, framing) => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  client.socket.pause()
  const chunked = framing.startsWith('T')
  peer.send(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${chunked ? `${size.toString(16)}\r\n` : ''}`)
  const flow = flood(peer)
  await settled(flow.sent)
  // What the kernel holds for both connections is a few megabytes; what we hold is bounded.
  expect(flow.sent()).toBeLessThan(size / 2)
  const out = serving.engine.counters()[0]?.bytesOut ?? 0
  expect(out).toBeLessThan(size / 2)
  let received = 0
  client.socket.removeAllListeners('data')
  client.socket.on('data', (chunk) => {
    received += chunk.length
  })
  client.socket.resume()
  await flow.done
  await eventually(() => received >= size)
})

test('an instance that does not read makes the client wait', async () => {
  await using origin = await Origin.start((peer) => peer.socket.pause())
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
  const peer = await origin.peer(0)
  const flow = flood(client)
  await settled(flow.sent)
  expect(flow.sent()).toBeLessThan(size / 2)
  let received = 0
  peer.socket.removeAllListeners('data')
  peer.socket.on('data', (chunk) => {
    received += chunk.length
  })
  peer.socket.resume()
  await flow.done
  await eventually(() => received >= size)
})

test('requests that are sent ahead are held to a bound', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await origin.peer(0)
  const request = `GET / HTTP/1.1\r\nHost: a\r\nA: ${'x'.repeat(8000)}\r\n\r\n`
  client.send(request.repeat(2000))
  const bytesIn = () => serving.engine.counters()[0]?.bytesIn ?? 0
  await settled(bytesIn)
  expect(bytesIn()).toBeLessThan(300_000)
})
