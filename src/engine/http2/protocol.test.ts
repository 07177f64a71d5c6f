/** What clients may not send, and what it costs them (RFC 9113). */
import { describe, expect, test } from 'vitest'
import {
  blockText,
  type Fields,
  FramePeer,
  frameText,
  getRoot,
  postTo,
  serveHttp2,
  uint32,
} from '../../../test/support/http2.ts'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok, type Serving } from '../../../test/support/serving.ts'
import { errorCode, flag, frame } from './frames.ts'

const { data, headers, priority, rstStream, settings, pushPromise, ping, goaway } = frame
const { windowUpdate, continuation } = frame
const { endStream, endHeaders, padded } = flag
const whole = endStream | endHeaders
const get = blockText(getRoot)

/** An instance that answers everything, and counts what reaches it. */
async function start(): Promise<AsyncDisposable & { serving: Serving; heads: string[] }> {
  const heads: string[] = []
  const origin = await Origin.answering((head) => {
    heads.push(head)
    return ok('x')
  })
  const serving = await serveHttp2([origin])
  const dispose = async () => {
    await serving[Symbol.asyncDispose]()
    await origin[Symbol.asyncDispose]()
  }
  return { serving, heads, [Symbol.asyncDispose]: dispose }
}

const { protocolError, frameSizeError, flowControlError, compressionError, streamClosed } =
  errorCode

describe('the connection ends for', () => {
  test.each<[string, number, string]>([
    ['DATA on stream 0', protocolError, frameText(data, 0, 0, 'a')],
    ['DATA on a stream that was not begun', protocolError, frameText(data, 0, 1, 'a')],
    ['HEADERS on stream 0', protocolError, frameText(headers, whole, 0, get)],
    ['HEADERS on a stream of the server’s', protocolError, frameText(headers, whole, 2, get)],
    ['more padding than there is', protocolError, frameText(headers, whole | padded, 1, '\xff')],
    ['padding without its length', frameSizeError, frameText(headers, whole | padded, 1, '')],
    ['a block that cannot be read', compressionError, frameText(headers, whole, 1, '\xff\xff')],
    [
      'the same of a stream that is refused',
      compressionError,
      frameText(headers, whole, 1, `${get}\xff\xff`),
    ],
    [
      'another frame within a block',
      protocolError,
      frameText(headers, endStream, 1, get) + frameText(ping, 0, 0, '12345678'),
    ],
    ['DATA within a block', protocolError, frameText(headers, 0, 1, get) + frameText(data, 0, 1)],
    [
      'CONTINUATION of another stream',
      protocolError,
      frameText(headers, 0, 1, get) + frameText(continuation, endHeaders, 3),
    ],
    ['CONTINUATION of nothing', protocolError, frameText(continuation, endHeaders, 1)],
    ['PRIORITY of stream 0', protocolError, frameText(priority, 0, 0, '12345')],
    ['RST_STREAM of stream 0', protocolError, frameText(rstStream, 0, 0, '1234')],
    [
      'RST_STREAM of a stream that was not begun',
      protocolError,
      frameText(rstStream, 0, 1, '1234'),
    ],
    ['RST_STREAM of another size', frameSizeError, frameText(rstStream, 0, 1, '123')],
    ['SETTINGS of a stream', protocolError, frameText(settings, 0, 1)],
    ['SETTINGS of another size', frameSizeError, frameText(settings, 0, 0, '12345')],
    [
      'an acknowledgement that sets something',
      frameSizeError,
      frameText(settings, flag.ack, 0, '123456'),
    ],
    [
      'a push that is neither on nor off',
      protocolError,
      frameText(settings, 0, 0, '\0\x02\0\0\0\x02'),
    ],
    ['a window that is too large', flowControlError, frameText(settings, 0, 0, '\0\x04\x80\0\0\0')],
    ['frames that are too small', protocolError, frameText(settings, 0, 0, '\0\x05\0\0\x3f\xff')],
    ['PUSH_PROMISE', protocolError, frameText(pushPromise, endHeaders, 1, '1234')],
    ['PING of a stream', protocolError, frameText(ping, 0, 1, '12345678')],
    ['PING of another size', frameSizeError, frameText(ping, 0, 0, '1234567')],
    ['GOAWAY of a stream', protocolError, frameText(goaway, 0, 1, '12345678')],
    ['WINDOW_UPDATE of another size', frameSizeError, frameText(windowUpdate, 0, 0, '123')],
    ['WINDOW_UPDATE of nothing', protocolError, frameText(windowUpdate, 0, 0, uint32(0))],
    [
      'WINDOW_UPDATE of a stream that was not begun',
      protocolError,
      frameText(windowUpdate, 0, 1, uint32(1)),
    ],
    [
      'a window beyond all bounds',
      flowControlError,
      frameText(windowUpdate, 0, 0, uint32(2 ** 31 - 1)),
    ],
    ['a frame larger than allowed', frameSizeError, frameText(200, 0, 0, 'a'.repeat(16_385))],
  ])('%s', async (_, code, bytes) => {
    await using started = await start()
    await using client = await FramePeer.connect(started.serving)
    client.peer.send(bytes)
    expect(await client.goneAway()).toBe(code)
  })

  test.each([
    ['a preface that is none', 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'],
    ['a request of HTTP/1.1', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    [
      'a preface without SETTINGS',
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frameText(ping, 0, 0, '12345678')}`,
    ],
    [
      'one with an acknowledgement',
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frameText(settings, flag.ack, 0)}`,
    ],
    ['one with DATA', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frameText(data, 0, 1)}`],
  ])('%s', async (_, bytes) => {
    await using started = await start()
    await using client = await FramePeer.silent(started.serving)
    client.peer.send(bytes)
    expect(await client.goneAway()).toBe(protocolError)
    expect(started.heads).toEqual([])
  })

  test('a frame on a stream that is over', async () => {
    for (const late of [frameText(data, endStream, 1, 'a'), frameText(headers, whole, 1, get)]) {
      await using started = await start()
      await using client = await FramePeer.connect(started.serving)
      await client.response(client.request(getRoot))
      client.peer.send(late)
      expect(await client.goneAway()).toBe(streamClosed)
    }
  })
})

describe('the stream ends, and others go on, for', () => {
  const [, scheme, path, authority] = getRoot as [unknown, Fields[0], Fields[0], Fields[0]]
  const method = [':method', 'GET'] as const

  test.each<[string, Fields]>([
    ['no method', [scheme, path, authority]],
    ['no scheme', [method, path, authority]],
    ['no path', [method, scheme, authority]],
    ['an empty path', [method, scheme, [':path', ''], authority]],
    ['a path without a slash', [method, scheme, [':path', 'a'], authority]],
    ['a whole URI as the path', [method, scheme, [':path', 'http://b/'], authority]],
    ['a method twice', [method, method, scheme, path, authority]],
    ['a path twice', [method, scheme, path, path, authority]],
    ['an authority twice', [...getRoot, authority]],
    ['a pseudo-header behind a field', [method, scheme, path, ['a', 'b'], authority]],
    ['a pseudo-header of responses', [...getRoot, [':status', '200']]],
    ['a pseudo-header that nobody knows', [...getRoot, [':protocol', 'websocket']]],
    ['a name in upper case', [...getRoot, ['Name', 'a']]],
    ['a name that is no token', [...getRoot, ['a b', 'a']]],
    ['an empty name', [...getRoot, ['', 'a']]],
    ['a value with a space before it', [...getRoot, ['a', ' b']]],
    ['a value with a tab behind it', [...getRoot, ['a', 'b\t']]],
    ['Connection', [...getRoot, ['connection', 'close']]],
    ['Keep-Alive', [...getRoot, ['keep-alive', 'timeout=5']]],
    ['Proxy-Connection', [...getRoot, ['proxy-connection', 'close']]],
    ['Upgrade', [...getRoot, ['upgrade', 'websocket']]],
    ['Transfer-Encoding', [...getRoot, ['transfer-encoding', 'chunked']]],
    ['TE of anything but trailers', [...getRoot, ['te', 'gzip']]],
    ['another Host than the authority', [...getRoot, ['host', 'b.example']]],
    ['Host twice', [method, scheme, path, ['host', 'a'], ['host', 'a']]],
    ['a body that is not there', [...getRoot, ['content-length', '1']]],
    ['a length that is none', [...getRoot, ['content-length', '0x0']]],
    ['a length twice', [...getRoot, ['content-length', '0'], ['content-length', '0']]],
    ['CONNECT with a path', [[':method', 'CONNECT'], path, authority]],
  ])('%s', async (_, fields) => {
    await using started = await start()
    await using client = await FramePeer.connect(started.serving)
    const stream = client.request(fields)
    expect((await client.response(stream)).reset).toBe(protocolError)
    expect(started.heads).toEqual([])
    expect((await client.response(client.request(getRoot))).body).toBe('x')
  })

  test.each<[string, number, (client: FramePeer, stream: number) => void]>([
    ['more data than was said', protocolError, (client, stream) => client.data(stream, 'abcde')],
    [
      'less data than was said',
      protocolError,
      (client, stream) => client.data(stream, 'abc', true),
    ],
    [
      'trailers behind less data',
      protocolError,
      (client, stream) => client.frame(headers, whole, stream, ''),
    ],
    [
      'trailers that do not end it',
      protocolError,
      (client, stream) => client.frame(headers, endHeaders, stream, ''),
    ],
    [
      'a pseudo-header in trailers',
      protocolError,
      (client, stream) => client.frame(headers, whole, stream, get),
    ],
    ['a window that opens by nothing', protocolError, (client, stream) => client.widen(stream, 0)],
    [
      'a window beyond all bounds',
      flowControlError,
      (client, stream) => client.widen(stream, 2 ** 31 - 1),
    ],
  ])('%s', async (_, code, send) => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const stream = client.request(postTo('/', ['content-length', '4']), false)
    const target = await origin.peer(0)
    await target.until('\r\n\r\n')
    send(client, stream)
    expect((await client.response(stream)).reset).toBe(code)
    await target.untilEnded()
    const other = client.request(getRoot)
    const next = await origin.peer(1)
    next.send(ok('fine'))
    expect((await client.response(other)).body).toBe('fine')
  })

  test('data behind its end', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const stream = client.request(getRoot)
    client.data(stream, 'a')
    expect((await client.response(stream)).reset).toBe(streamClosed)
  })
})

test('what a client still sends on a stream that was reset is passed over', async () => {
  await using started = await start()
  await using client = await FramePeer.connect(started.serving)
  const stream = client.request([...postTo('/'), ['connection', 'close']], false)
  client.data(stream, 'abc')
  client.frame(headers, whole, stream, blockText([['a-trailer', 'b']]))
  client.widen(stream, 100)
  client.frame(rstStream, 0, stream, uint32(8))
  expect((await client.response(stream)).reset).toBe(protocolError)
  expect((await client.response(client.request(getRoot))).body).toBe('x')
})

test('a head in many frames, with padding and a priority, is read at every split', async () => {
  await using started = await start()
  const first = frameText(
    headers,
    endStream | padded | flag.priority,
    1,
    `\x03\0\0\0\0\0${get.slice(0, 9)}\0\0\0`,
  )
  const rest =
    frameText(continuation, 0, 1, get.slice(9, 20)) +
    frameText(continuation, endHeaders, 1, get.slice(20))
  for (const at of [1, 9, 12, 24, 35, 50, first.length + 3, first.length + 25]) {
    await using client = await FramePeer.connect(started.serving)
    const bytes = first + rest
    client.peer.send(bytes.slice(0, at))
    await new Promise((resolve) => setImmediate(resolve))
    client.peer.send(bytes.slice(at))
    expect((await client.response(1)).body).toBe('x')
  }
  expect(new Set(started.heads).size).toBe(1)
  expect(started.heads[0]).toContain('GET / HTTP/1.1\r\nhost: a.example\r\n')
})

test('what concerns nobody is passed over: priorities, unknown frames and settings', async () => {
  await using started = await start()
  await using client = await FramePeer.connect(started.serving)
  client.frame(priority, 0, 5, '\0\0\0\0\0')
  client.frame(0xbe, 0xff, 0, 'anything')
  client.frame(settings, 0, 0, `\xff\xff${uint32(1)}`)
  client.frame(settings, flag.ack, 0)
  client.frame(goaway, 0, 0, uint32(0) + uint32(0))
  expect((await client.response(client.request(getRoot))).body).toBe('x')
})

test('settings and pings are acknowledged', async () => {
  await using started = await start()
  await using client = await FramePeer.connect(started.serving)
  client.frame(ping, 0, 0, 'opaque!!')
  expect((await client.until(ping)).flags).toBe(flag.ack)
  expect((await client.until(ping)).payload.toString('latin1')).toBe('opaque!!')
  const own = client.frames.filter(({ type }) => type === settings)
  expect(own.map(({ flags, payload }) => [flags, payload.length > 0])).toEqual([
    [0, true],
    [flag.ack, false],
  ])
})

test('a client that sets the size of the table is told that there is none', async () => {
  await using started = await start()
  await using client = await FramePeer.connect(started.serving, `\0\x01${uint32(0)}`)
  await client.response(client.request(getRoot))
  expect(client.block.subarray(0, 2).toString('hex')).toBe('2088')
  await client.response(client.request(getRoot))
  expect(client.block[0]).toBe(0x88)
})

test('CONNECT is refused', async () => {
  await using started = await start()
  await using client = await FramePeer.connect(started.serving)
  const stream = client.request([
    [':method', 'CONNECT'],
    [':authority', 'a.example:443'],
  ])
  expect((await client.response(stream)).fields[0]).toBe(':status: 400')
  expect(started.heads).toEqual([])
})

test('a request without an authority has the Host that it says; one without both is refused', async () => {
  await using started = await start()
  await using client = await FramePeer.connect(started.serving)
  await client.response(client.request([...getRoot.slice(0, 3), ['host', 'b.example']]))
  expect(started.heads[0]).toContain('\r\nhost: b.example\r\n')
  const none = await client.response(client.request(getRoot.slice(0, 3)))
  expect(none.fields[0]).toBe(':status: 400')
})

test('headers larger than allowed are answered 431, and a request line 414', async () => {
  await using started = await start()
  await using client = await FramePeer.connect(started.serving)
  const long = 'a'.repeat(15_000)
  const status = async (fields: Fields) => {
    const block = blockText(fields)
    const stream = client.nextStream()
    client.frame(headers, endStream, stream, block.slice(0, 16_000))
    for (let at = 16_000; at < block.length; at += 16_000) {
      client.frame(continuation, 0, stream, block.slice(at, at + 16_000))
    }
    client.frame(continuation, endHeaders, stream)
    return (await client.response(stream)).fields[0]
  }
  const many = ['b', 'c', 'd', 'e', 'f'].map((name) => [name, long] as const)
  expect(await status([...getRoot, ...many])).toBe(':status: 431')
  expect(await status([...getRoot, ['b', long + long]])).toBe(':status: 431')
  expect(await status([...getRoot.slice(0, 2), [':path', `/${long}${long}`]])).toBe(':status: 414')
  expect((await client.response(client.request(getRoot))).body).toBe('x')
  expect(started.heads).toHaveLength(1)
})

test('more streams than allowed are refused, and may be tried again', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin])
  await using client = await FramePeer.connect(serving)
  for (let i = 0; i < 128; i += 1) client.request(getRoot)
  const refused = client.request(getRoot)
  expect((await client.response(refused)).reset).toBe(errorCode.refusedStream)
  await eventually(() => origin.peers.length === 128)
  const first = origin.peers[0]
  await first?.until('\r\n\r\n')
  first?.send(ok('x'))
  await eventually(() => client.overCount === 2)
  const again = client.request(getRoot)
  await eventually(
    () => origin.peers.length === 129 || (first?.received.match(/GET/g) ?? []).length === 2,
  )
  expect(client.partOf(again).fields).toEqual([])
})
