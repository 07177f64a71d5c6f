/** What a client can do wrong at each point of a request, and what the load balancer and the instance make of it. */
import { describe, expect, test } from 'vitest'
import { DeafListener } from '../../../test/support/deaf-listener.ts'
import { eventually, Origin, type Peer, settled } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const idleTimeout = 60_000
/** Longer than the time-out by the engine's resolution. */
const over = idleTimeout + 300
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const fixed = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n'
const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

const reset = (peer: Peer) => peer.socket.resetAndDestroy()
const close = (peer: Peer) => peer.socket.destroy()
const halfClose = (peer: Peer) => peer.socket.end()
const leaving: [string, (peer: Peer) => void][] = [
  ['resets', reset],
  ['closes', close],
  ['half-closes', halfClose],
]

/** No byte of these reaches an instance. */
const heads = [
  ['before its request', ''],
  ['in the request line', 'GET / HT'],
  ['in a header', 'GET / HTTP/1.1\r\nHost: a\r\nA: b'],
  ['before the end of the head', 'GET / HTTP/1.1\r\nHost: a\r\n'],
] as const

/** Of these the instance has the head. */
const bodies = [
  ['after the head', fixed],
  ['in a body', `${fixed}half`],
  ['before the first chunk', chunked],
  ['in the size of a chunk', `${chunked}2\r\nab\r\n1`],
  ['in the extension of a chunk', `${chunked}2;a`],
  ['in the data of a chunk', `${chunked}5\r\nab`],
  ['after the data of a chunk', `${chunked}2\r\nab`],
  ['in the last chunk', `${chunked}2\r\nab\r\n0\r\n`],
  ['in a trailer', `${chunked}0\r\nA: `],
] as const

/** Connects and sends; resolves when all of it has come. */
async function sending(serving: Serving, text: string): Promise<Peer> {
  const client = await serving.connect()
  client.send(text)
  const { engine } = serving
  await eventually(() => engine.open().clientConnections === 1)
  await eventually(() => engine.counters()[0]?.bytesIn === text.length)
  return client
}

describe.each(leaving)('a client that %s', (_, leave) => {
  test.each(heads)('%s is let go without an answer', async (_, sent) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    await using client = await sending(serving, sent)
    leave(client)
    await serving.untilQuiet()
    expect([client.received, origin.peers.length]).toEqual(['', 0])
  })

  test.each(bodies)('%s is let go, and so is the instance', async (_, sent) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    await using client = await sending(serving, sent)
    const peer = await origin.peer(0)
    await peer.until('\r\n\r\n')
    leave(client)
    await peer.untilEnded()
    await serving.untilQuiet()
    expect(client.received).toBe('')
    expect(peer.received).not.toMatch(/0\r\n\r\n$/)
  })

  test('between two requests is let go, and the instance waits for others', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await Serving.start([origin])
    await using client = await sending(serving, get)
    await client.until(/x$/)
    leave(client)
    await serving.untilQuiet(1)
    expect(client.received.match(/HTTP/g)).toHaveLength(1)
  })

  test('in a tunnel ends it', async () => {
    await using origin = await Origin.answering(switching)
    await using serving = await Serving.start([origin])
    await using client = await sending(serving, upgrade)
    await client.until('101')
    const peer = await origin.peer(0)
    leave(client)
    await peer.untilEnded()
    peer.socket.end()
    await serving.untilQuiet()
  })
})

describe('a client that stalls', () => {
  test.each(heads.slice(1))('%s is answered 408', async (_, sent) => {
    await using serving = await Serving.start([])
    await using client = await sending(serving, sent)
    serving.clock.advance(over)
    await client.until(/^HTTP\/1\.1 408 Request Timeout[\s\S]*<\/html>\r\n$/)
    await client.untilEnded()
    client.socket.end()
    await serving.untilQuiet()
  })

  test.each(bodies)('%s is answered 408, and the instance let go', async (_, sent) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    await using client = await sending(serving, sent)
    const peer = await origin.peer(0)
    await peer.until('\r\n\r\n')
    serving.clock.advance(over)
    await client.until(/^HTTP\/1\.1 408 Request Timeout[\s\S]*<\/html>\r\n$/)
    await peer.untilEnded()
    client.socket.end()
    await serving.untilQuiet()
  })

  test('and takes nothing of its response is reset, and the instance let go', async () => {
    const size = 64 * 1024 * 1024
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.socket.pause()
    client.send(get)
    const peer = await origin.peer(0)
    await peer.until('\r\n\r\n')
    peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
    peer.send('x'.repeat(size))
    await settled(() => serving.engine.counters()[0]?.bytesOut ?? 0)
    expect(peer.socket.writableLength).toBeGreaterThan(0)
    serving.clock.advance(over)
    serving.clock.advance(over)
    await peer.untilEnded()
    await serving.untilQuiet()
  })
})

describe('a client that leaves while its instance is being connected to', () => {
  test.each(leaving)('and %s', async (_, leave) => {
    await using deaf = await DeafListener.start()
    await using serving = await Serving.start([deaf])
    await using client = await sending(serving, get)
    await eventually(() => serving.engine.open().targetConnections === 1)
    leave(client)
    if (leave !== reset) serving.clock.advance(10_300)
    if (leave === halfClose) await client.until('HTTP/1.1 504')
    await serving.untilQuiet()
  })
})
