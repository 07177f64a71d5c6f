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
  ['its method changes something', request('POST'), reset, '504 Gateway Timeout'],
  ['its body was sent', request('PUT', 'body'), reset, '504 Gateway Timeout'],
  [
    'a response had begun',
    request('GET'),
    (peer: Peer) => peer.socket.end('HTTP/1.1 2'),
    '502 Bad Gateway',
  ],
])('a request is not sent again when %s', async (_, second, how, answer) => {
  await using origin = await closingAtTheSecond(how)
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(request('GET'))
  await client.until('answer GET')
  client.take()
  client.send(second)
  await client.until(`HTTP/1.1 ${answer}`)
  expect(origin.peers).toHaveLength(1)
})

const killing = () => Origin.start((peer) => peer.socket.once('data', () => reset(peer)))

test.each([
  ['is sent to another target, if it may be repeated', request('GET'), 'other'],
  ['is not sent again otherwise', request('POST'), 'HTTP/1.1 504 Gateway Timeout'],
])('a request under which a fresh connection dies %s', async (_, text, answer) => {
  await using origin = await killing()
  await using other = await Origin.answering(ok('other'))
  await using serving = await Serving.start([origin, other])
  await using client = await serving.connect()
  client.send(text)
  await client.until(answer)
  expect(origin.peers).toHaveLength(1)
})

test('a request is not sent again to the target that let it die', async () => {
  await using origin = await killing()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(request('GET'))
  await client.until('HTTP/1.1 504 Gateway Timeout')
  expect(origin.peers).toHaveLength(1)
})

test('a request that kills each target it comes to does not come to a third', async () => {
  await using one = await killing()
  await using two = await killing()
  await using three = await killing()
  await using serving = await Serving.start([one, two, three])
  await using client = await serving.connect()
  client.send(request('GET'))
  await client.until('HTTP/1.1 504 Gateway Timeout')
  expect([one, two, three].map(({ peers }) => peers.length)).toEqual([1, 1, 0])
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
  await client.until('HTTP/1.1 504 Gateway Timeout')
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
  for (const client of clients) client.socket.resetAndDestroy()
  await serving.untilQuiet()
})
