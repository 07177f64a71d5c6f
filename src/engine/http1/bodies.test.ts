import { describe, expect, test } from 'vitest'
import { Origin, type Peer } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** The text in one write, or byte by byte, each read by itself. */
async function sendSplit(peer: Peer, text: string): Promise<void> {
  for (const byte of text) {
    peer.send(byte)
    await new Promise((next) => setImmediate(next))
  }
}

function bodyOf(message: string): string {
  return message.slice(message.indexOf('\r\n\r\n') + 4)
}

/** The data of a chunked body; undefined while it is not whole. */
function dechunk(coded: string): string | undefined {
  let data = ''
  let at = 0
  for (;;) {
    const line = coded.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(coded.slice(at, line), 16)
    if (size === 0) return coded.endsWith('\r\n\r\n') ? data : undefined
    if (coded.length < line + size + 4) return undefined
    data += coded.slice(line + 2, line + 2 + size)
    at = line + size + 4
  }
}

describe.each(['handle', 'socket'] as const)('requests (%s)', (wireKind) => {
  test.each(['whole', 'byte by byte'])('a body of known length arrives, sent %s', async (how) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin], { wireKind })
    await using client = await serving.connect()
    const request = 'POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world'
    if (how === 'whole') client.send(request)
    else await sendSplit(client, request)
    const peer = await origin.peer(0)
    const received = await peer.until(/hello world$/)
    expect(received).toMatch(/^POST \/p HTTP\/1\.1\r\nHost: a\r\nContent-Length: 11\r\n/)
    peer.send(ok('done'))
    await client.until('done')
  })

  test.each(['whole', 'byte by byte'])('a chunked body is framed anew, sent %s', async (how) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin], { wireKind })
    await using client = await serving.connect()
    const body = '5;name="va;lue"\r\nhello\r\n0006\r\n world\r\n00\r\nTrailer: x\r\nMore: y\r\n\r\n'
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tChunked \r\n\r\n'
    if (how === 'whole') client.send(head + body)
    else await sendSplit(client, head + body)
    const peer = await origin.peer(0)
    const received = await peer.until((all) => dechunk(bodyOf(all)) !== undefined)
    expect(dechunk(bodyOf(received))).toBe('hello world')
    expect(received).toContain('\r\nTransfer-Encoding: chunked\r\n')
    expect(received).not.toMatch(/Trailer: x|va;lue/)
    expect(received).toMatch(/\r\n0\r\nMore: y\r\n\r\n$/)
    peer.send(ok('done'))
    await client.until('done')
  })

  test('large bodies pass whole in both directions', async () => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin], { wireKind })
    await using client = await serving.connect()
    const body = Array.from({ length: 300_000 }, (_, i) => String.fromCharCode(i % 251)).join('')
    client.send(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`)
    client.send(body)
    const peer = await origin.peer(0)
    await peer.until((all) => bodyOf(all).length >= body.length)
    expect(bodyOf(peer.received) === body).toBe(true)
    peer.send(ok(body))
    await client.until((all) => bodyOf(all).length >= body.length)
    expect(bodyOf(client.received) === body).toBe(true)
    client.take()
    client.send(get)
    await peer.until(/GET [\s\S]+\r\n\r\n$/)
    const piece = body.slice(0, 100_000)
    peer.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    peer.send(`${piece.length.toString(16)}\r\n${piece}\r\n0\r\n\r\n`)
    await client.until((all) => dechunk(bodyOf(all)) !== undefined)
    expect(dechunk(bodyOf(client.received)) === piece).toBe(true)
  })

  test.each(['whole', 'byte by byte'])('responses pass in every framing, sent %s', async (how) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin], { wireKind })
    await using client = await serving.connect()
    const chunked =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'
    const responses: [string, (all: string) => boolean][] = [
      [ok('abcde'), (all) => all.endsWith('\r\n\r\nabcde')],
      ['HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', (all) => all.endsWith('\r\n\r\n')],
      [chunked, (all) => dechunk(bodyOf(all)) === 'abcde'],
    ]
    for (const [response, isWhole] of responses) {
      client.take()
      client.send(get)
      const peer = await origin.peer(0)
      await peer.until(/\r\n\r\n$/)
      peer.take()
      if (how === 'whole') peer.send(response)
      else await sendSplit(peer, response)
      await client.until(isWhole)
    }
  })
})

test('the bytes behind a body are the next request', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  const chunked =
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc${chunked}${get}`)
  const peer = await origin.peer(0)
  for (const end of [/abc$/, /1\r\nx\r\n0\r\n\r\n$/, /^GET [\s\S]+\r\n\r\n$/]) {
    await peer.until(end)
    peer.take()
    peer.send(ok('x'))
  }
  await client.until((all) => all.match(/200 OK/g)?.length === 3)
})

test('a response that ends with its connection reaches an HTTP/1.1 client in chunks', async () => {
  await using origin = await Origin.start((peer) => {
    peer.send('HTTP/1.1 200 OK\r\nX: y\r\n\r\nuntil ')
    peer.until('GET').then(() => peer.socket.end('close'), String)
  })
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(get)
  await client.until(/\r\n0\r\n\r\n$/)
  expect(client.received).toContain('X: y\r\nTransfer-Encoding: chunked\r\n\r\n')
  expect(dechunk(bodyOf(client.received))).toBe('until close')
  expect(client.ended).toBe(false)
})

test.each([
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
  ['until the connection ends', 'HTTP/1.0 200 OK\r\n\r\nabc'],
])('a response %s reaches an HTTP/1.0 client until the connection ends', async (_, response) => {
  await using origin = await Origin.start((peer) => {
    peer.until('GET').then(() => peer.socket.end(response), String)
  })
  await using serving = await Serving.start([origin])
  const received = await serving.exchange('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  expect(received).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc')
})

test.each([
  ['to HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
  ['204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['304', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
])('a response %s has no body', async (_, method, response) => {
  await using origin = await Origin.answering(response)
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(2))
  await client.until((all) => all === response + response)
  expect(origin.peers).toHaveLength(1)
})

test('interim responses reach an HTTP/1.1 client, and not an older one', async () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'
  await using origin = await Origin.answering(`HTTP/1.1 102 Processing\r\n\r\n${hints}${ok('x')}`)
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(get)
  await client.until(/x$/)
  expect(client.received).toBe(`HTTP/1.1 102 Processing\r\n\r\n${hints}${ok('x')}`)
  const old = await serving.exchange('GET / HTTP/1.0\r\n\r\n')
  expect(old).toMatch(/^HTTP\/1\.1 200 OK/)
})

test('the instance decides on Expect: 100-continue', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n')
  const peer = await origin.peer(0)
  await peer.until('Expect: 100-continue')
  peer.send('HTTP/1.1 100 Continue\r\n\r\n')
  await client.until('HTTP/1.1 100 Continue\r\n\r\n')
  client.send('body')
  await peer.until(/\r\n\r\nbody$/)
  peer.send(ok('x'))
  await client.until(/x$/)
})

test('a response before the whole request closes both connections once it is written', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome')
  const peer = await origin.peer(0)
  await peer.until('some')
  peer.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno')
  await client.untilEnded()
  expect(client.received).toMatch(/Connection: close\r\n\r\nno$/)
  client.send('what was on its way')
  client.socket.end()
  await serving.untilQuiet()
  expect(client.error).toBeUndefined()
})
