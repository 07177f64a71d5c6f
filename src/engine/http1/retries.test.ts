import { expect, test } from 'vitest'
import { eventually, Origin, type Peer } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

/** Answers the first request of each connection; at the second it closes, or does as told. */
function closingAtTheSecond(second: (peer: Peer) => void): Promise<Origin> {
  return Origin.start((peer) => {
    let served = 0
    peer.socket.on('data', () => {
      served += 1
      if (served === 1) peer.send(ok(`answer ${peer.take().split(' ')[0]}`))
      else second(peer)
    })
  })
}

const reset = (peer: Peer) => peer.socket.resetAndDestroy()
const request = (method: string, body = '') =>
  `${method} / HTTP/1.1\r\nHost: a\r\n${body === '' ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body}`

test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])(
  '%s is sent again when a reused connection dies under it',
  async (method) => {
    await using origin = await closingAtTheSecond(reset)
    await using serving = await Serving.start([origin])
    await using client = await serving.connect()
    client.send(request('GET'))
    await client.until('answer GET')
    client.take()
    client.send(request(method))
    await client.until(method === 'HEAD' ? /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n/ : `answer ${method}`)
    expect(origin.peers).toHaveLength(2)
    expect(serving.engine.counters()[0]).toMatchObject({ requests: 2, engine5xx: 0 })
  },
)

test.each([
  ['its method changes something', request('POST'), reset],
  ['its body was sent', request('PUT', 'body'), reset],
  ['a response had begun', request('GET'), (peer: Peer) => peer.socket.end('HTTP/1.1 2')],
])('a request is not sent again when %s', async (_, second, how) => {
  await using origin = await closingAtTheSecond(how)
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(request('GET'))
  await client.until('answer GET')
  client.take()
  client.send(second)
  await client.until('HTTP/1.1 502 Bad Gateway')
  expect(origin.peers).toHaveLength(1)
})

test('a request is not sent again when a fresh connection dies under it', async () => {
  await using origin = await Origin.start((peer) => {
    peer.socket.once('data', () => reset(peer))
  })
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(request('GET'))
  await client.until('HTTP/1.1 502 Bad Gateway')
  expect(origin.peers).toHaveLength(1)
})

test('a request is sent again once, not twice', async () => {
  let closing = false
  await using origin = await Origin.start((peer) => {
    peer.socket.on('data', () => (closing ? reset(peer) : peer.send(ok('x'))))
  })
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(request('GET'))
  await client.until(/x$/)
  closing = true
  client.send(request('GET'))
  await client.until('HTTP/1.1 502 Bad Gateway')
  expect(origin.peers).toHaveLength(2)
})

test('requests that nobody answers are spread by what is outstanding', async () => {
  await using one = await Origin.start()
  await using two = await Origin.start()
  await using serving = await Serving.start([one, two])
  const clients = await Promise.all(Array.from({ length: 6 }, () => serving.connect()))
  for (const client of clients) client.send(request('GET'))
  await eventually(() => one.peers.length + two.peers.length === 6)
  expect([one.peers.length, two.peers.length]).toEqual([3, 3])
  for (const client of clients) await client[Symbol.asyncDispose]()
  await serving.untilQuiet()
})
