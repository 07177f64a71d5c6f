import { describe, expect, test } from 'vitest'
import { eventually, Origin, type Peer } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf'
const half = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf'

const ways: [string, (peer: Peer) => void][] = [
  ['FIN', (peer) => peer.socket.destroy()],
  ['RST', (peer) => peer.socket.resetAndDestroy()],
]

describe.each(ways)('a client that goes away with %s', (_, leave) => {
  test.each(['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: a\r\n'])(
    'before its head: %j',
    async (sent) => {
      await using serving = await Serving.start([])
      const client = await serving.connect()
      client.send(sent)
      await eventually(() => serving.engine.counters()[0]?.bytesIn === sent.length)
      leave(client)
      await serving.untilQuiet()
    },
  )

  test('while it sends its body takes the target connection with it', async () => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    const client = await serving.connect()
    client.send(post)
    const peer = await origin.peer(0)
    await peer.until(/half$/)
    leave(client)
    await peer.untilEnded()
    await serving.untilQuiet()
  })

  test.each([
    ['while the instance works', ''],
    ['in the middle of a response', half],
  ])(
    '%s takes the target connection with it, at the latest when more of the response comes',
    async (_, response) => {
      await using origin = await Origin.start()
      await using serving = await Serving.start([origin])
      const client = await serving.connect()
      client.send(get)
      const peer = await origin.peer(0)
      await peer.until(/\r\n\r\n$/)
      peer.send(response)
      await client.until(response)
      leave(client)
      await client.untilClosed()
      if (response === '') peer.send('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n')
      while (!peer.ended && !peer.closed) {
        peer.send('x')
        await new Promise((next) => setImmediate(next))
      }
      await serving.untilQuiet()
    },
  )

  test('after its response leaves the target connection for others', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await Serving.start([origin])
    const client = await serving.connect()
    client.send(get)
    await client.until(/x$/)
    leave(client)
    await serving.untilQuiet(1)
  })
})

describe.each(ways)('an instance that goes away with %s', (_, leave) => {
  test.each([
    ['while the request comes', post, '', /^HTTP\/1\.1 504 /],
    ['before its response', get, '', /^HTTP\/1\.1 504 /],
    ['in the middle of its head', get, 'HTTP/1.1 200 OK\r\n', /^HTTP\/1\.1 502 /],
    ['in the middle of its response', get, half, /half$/],
    [
      'in the middle of a chunk',
      get,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf',
      /half\r\n$/,
    ],
  ])('%s', async (_, request, response, received) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(request)
    const peer = await origin.peer(0)
    await peer.until(request === post ? /half$/ : /\r\n\r\n$/)
    peer.send(response)
    if (response.endsWith('half')) await client.until('half')
    leave(peer)
    await client.until(received)
    expect(client.received.match(/HTTP\/1\.1/g)).toHaveLength(1)
    if (received.source.includes('half')) await client.untilClosed()
    client.socket.destroy()
    await serving.untilQuiet()
  })
})
