/** What an instance can do wrong at each point of a response, and what the client gets. */
import { describe, expect, test } from 'vitest'
import { eventually, Origin, type Peer, settled } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const idleTimeout = 60_000
/** Longer than the time-out by the engine's resolution. */
const over = idleTimeout + 300
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf'
const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const length = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'
const untilClose = 'HTTP/1.1 200 OK\r\n\r\n'

const reset = (peer: Peer) => peer.socket.resetAndDestroy()
const close = (peer: Peer) => peer.socket.destroy()
const halfClose = (peer: Peer) => peer.socket.end()
const leaving: [string, (peer: Peer) => void][] = [
  ['resets', reset],
  ['closes', close],
  ['half-closes', halfClose],
]

/** No answer has begun. */
const before = [
  ['before it answers', '', 504],
  ['in the status line', 'HTTP/1.1 2', 502],
  ['in a header', 'HTTP/1.1 200 OK\r\nContent-Le', 502],
  ['before the end of the head', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n', 502],
  ['after an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', 502],
] as const

/** The client has the head, and more is owed. */
const within = [
  ['after the head', length],
  ['in a body', `${length}half`],
  ['before the first chunk', chunks],
  ['in the size of a chunk', `${chunks}2\r\nab\r\n1`],
  ['in the data of a chunk', `${chunks}5\r\nab`],
  ['after the data of a chunk', `${chunks}2\r\nab`],
  ['before the last chunk', `${chunks}2\r\nab\r\n`],
  ['in the last chunk', `${chunks}2\r\nab\r\n0\r\n`],
  ['in a trailer', `${chunks}0\r\nA: `],
] as const

/** Sends the request to an instance that answers with `response`, which has come as far as it is passed on. */
async function answered(serving: Serving, origin: Origin, response: string) {
  const client = await serving.connect()
  client.send(get)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  peer.send(response)
  if (response.includes('\r\n\r\n')) await client.until('\r\n\r\n')
  return { client, peer }
}

describe.each(leaving)('an instance that %s', (_, leave) => {
  test.each([
    ['as soon as it is connected to', get],
    ['while the request comes', post],
  ])('%s is answered for with 504, or 503 if it never seemed connected', async (_, request) => {
    await using origin = await Origin.start(leave)
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(request)
    await client.until(/^HTTP\/1\.1 50[34] [\s\S]*<\/html>\r\n$/)
    client.socket.end()
    await serving.untilQuiet()
  })

  test.each(before)('%s (%j) is answered for with %i', async (_, response, status) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    const { client, peer } = await answered(serving, origin, response)
    leave(peer)
    await client.until(new RegExp(`HTTP/1\\.1 ${status} [\\s\\S]*</html>\r\n$`))
    expect(client.received.match(/HTTP\/1\.1 [2-5]/g)).toHaveLength(1)
    client.socket.end()
    await serving.untilQuiet()
  })

  test.each(within)('%s: the client is reset', async (_, response) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    const { client, peer } = await answered(serving, origin, response)
    leave(peer)
    await client.untilClosed()
    expect(client.error).toMatchObject({ code: 'ECONNRESET' })
    expect(client.received.match(/HTTP/g)).toHaveLength(1)
    expect(client.received).not.toMatch(/0\r\n\r\n$/)
    await serving.untilQuiet()
  })

  test('with the end of a body that ends so: the client has the whole, unless it was a reset', async () => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    const { client, peer } = await answered(serving, origin, `${untilClose}half`)
    await client.until('half')
    leave(peer)
    if (leave === reset) {
      await client.untilClosed()
      expect(client.error).toMatchObject({ code: 'ECONNRESET' })
      expect(client.received).not.toMatch(/0\r\n\r\n$/)
    } else {
      await client.until(/4\r\nhalf\r\n0\r\n\r\n$/)
      client.socket.end()
    }
    await serving.untilQuiet()
  })

  test('between two requests is not used again', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(get)
    await client.until(/x$/)
    leave(await origin.peer(0))
    await eventually(() => serving.engine.open().targetConnections === 0)
    client.take()
    client.send(get.replace('GET', 'POST'))
    await client.until(/x$/)
    expect(origin.peers).toHaveLength(2)
    client.socket.destroy()
    await serving.untilQuiet(1)
  })

  test.each([
    ['GET', 'answer', 2],
    ['POST', '504 Gateway Timeout', 1],
  ])('when a %s comes by a connection used before: %s', async (method, outcome, connections) => {
    await using origin = await Origin.start((peer) => {
      let served = 0
      peer.socket.on('data', () => {
        served += 1
        if (served === 1) peer.send(ok('answer'))
        else leave(peer)
      })
    })
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(get)
    await client.until('answer')
    client.take()
    client.send(get.replace('GET', method))
    await client.until(outcome)
    expect(origin.peers).toHaveLength(connections)
    client.socket.end()
    await serving.untilQuiet(connections - 1)
  })

  test('in a tunnel ends it', async () => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(upgrade)
    const peer = await origin.peer(0)
    await peer.until('\r\n\r\n')
    peer.send(switching)
    await client.until('101')
    leave(peer)
    await client.untilEnded()
    if (leave === reset) expect(client.error).toMatchObject({ code: 'ECONNRESET' })
    if (leave === halfClose) {
      client.send('late')
      await peer.until(/late$/)
    }
    client.socket.end()
    await serving.untilQuiet()
  })
})

describe('an instance that stalls', () => {
  test('as soon as it is connected to is answered for with 504', async () => {
    await using origin = await Origin.start((peer) => peer.socket.pause())
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(get)
    await origin.peer(0)
    await eventually(() => serving.engine.counters()[0]?.requests === 1)
    serving.clock.advance(over)
    await client.until('HTTP/1.1 504 Gateway Timeout')
    await client.untilEnded()
    client.socket.end()
    await serving.untilQuiet()
  })

  test('and takes nothing of the request is answered for with 504', async () => {
    const size = 64 * 1024 * 1024
    await using origin = await Origin.start((peer) => peer.socket.pause())
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
    client.send('x'.repeat(size))
    await settled(() => serving.engine.counters()[0]?.bytesIn ?? 0)
    serving.clock.advance(over)
    await client.until('HTTP/1.1 504 Gateway Timeout')
    client.socket.destroy()
    await serving.untilQuiet()
  })

  test.each(before)('%s is answered for with 504', async (_, response) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    const { client, peer } = await answered(serving, origin, response)
    await eventually(() => serving.engine.counters()[0]?.requests === 1)
    serving.clock.advance(over)
    await client.until(/HTTP\/1\.1 504 Gateway Timeout[\s\S]*<\/html>\r\n$/)
    await peer.untilEnded()
    await client.untilEnded()
    client.socket.end()
    await serving.untilQuiet()
  })

  test.each([...within, ['in a body until the end', untilClose] as const])(
    '%s: the client is reset',
    async (_, response) => {
      await using origin = await Origin.start()
      await using serving = await Serving.start([origin])
      const { client, peer } = await answered(serving, origin, response)
      serving.clock.advance(over)
      serving.clock.advance(over)
      await client.untilClosed()
      expect(client.error).toMatchObject({ code: 'ECONNRESET' })
      expect(client.received).not.toMatch(/0\r\n\r\n$/)
      await peer.untilEnded()
      await serving.untilQuiet()
    },
  )
})

describe('an instance that answers before it has the whole request', () => {
  const early = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'
  const size = 16 * 1024 * 1024

  test.each(leaving)('and %s: the client has the answer', async (_, leave) => {
    await using origin = await Origin.start((peer) => {
      peer.until('half').then(() => {
        peer.socket.pause()
        peer.socket.write(early, () => leave(peer))
      }, String)
    })
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\nhalf`)
    client.send('x'.repeat(size - 4))
    await client.until(/^HTTP\/1\.1 413 [\s\S]*\r\n\r\nno$/)
    await client.untilEnded()
    client.socket.end()
    await serving.untilQuiet()
  })
})
