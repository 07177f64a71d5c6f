/** Nobody has to hold more than the windows, and nobody who is slow makes others wait (RFC 9113, section 5.2). */
import { describe, expect, test } from 'vitest'
import {
  connectHttp2,
  FramePeer,
  getRoot,
  postTo,
  responseTo,
  serveHttp2,
  uint32,
} from '../../../test/support/http2.ts'
import { eventually, Origin, settled } from '../../../test/support/peer.ts'
import { ok } from '../../../test/support/serving.ts'
import { errorCode, flag, frame } from './frames.ts'

const window = 65_535
const large = 'x'.repeat(1_000_000)

/** Of SETTINGS: the window that streams begin with. */
function initialWindow(size: number): string {
  return `\0\x04${uint32(size)}`
}

describe('of responses', () => {
  test('no more is sent than the windows of stream and connection allow, and all of it as they open', async () => {
    await using origin = await Origin.answering(ok(large))
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const stream = client.request(getRoot)
    const got = () => client.partOf(stream).body.length
    await eventually(() => got() === window)
    client.widen(stream, 10)
    client.widen(0, 5)
    await eventually(() => got() === window + 5)
    client.widen(0, 3_000_000)
    await eventually(() => got() === window + 10)
    client.widen(stream, 2_000_000)
    expect((await client.response(stream)).body === large).toBe(true)
    await eventually(() => serving.engine.open().targetConnections === 1)
  })

  test('a window that the client makes smaller, even below nothing, counts for open streams', async () => {
    await using origin = await Origin.answering(ok(large))
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving, initialWindow(100))
    client.widen(0, 2_000_000)
    const stream = client.request(getRoot)
    const got = () => client.partOf(stream).body.length
    await eventually(() => got() === 100)
    client.frame(frame.settings, 0, 0, initialWindow(40))
    client.widen(stream, 60)
    client.widen(stream, 7)
    await eventually(() => got() === 107)
    client.frame(frame.settings, 0, 0, initialWindow(2_000_000))
    expect((await client.response(stream)).body === large).toBe(true)
  })

  test('a window that the settings bring beyond all bounds ends the connection', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const stream = client.request(getRoot)
    client.widen(stream, 2 ** 31 - 1 - window)
    client.frame(frame.settings, 0, 0, initialWindow(window + 1))
    expect(await client.goneAway()).toBe(errorCode.flowControlError)
  })

  test('the instance waits for a client that takes nothing, and others get theirs', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving, initialWindow(0))
    client.widen(0, 2_000_000)
    const slow = client.request(getRoot)
    const target = await origin.peer(0)
    await target.until('\r\n\r\n')
    target.send('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n')
    let sent = 0
    const chunk = Buffer.alloc(1 << 20, 'x')
    const feed = () => {
      while (sent < 100 && target.socket.write(chunk)) sent += 1
    }
    target.socket.on('drain', feed)
    feed()
    await settled(() => target.socket.bytesWritten)
    expect(target.socket.writableNeedDrain).toBe(true)
    expect(client.partOf(slow).body).toBe('')
    const other = client.request(getRoot)
    const second = await origin.peer(1)
    second.send(ok('small'))
    client.widen(other, 100)
    expect((await client.response(other)).body).toBe('small')
  })

  test('trailers and ends need no window', async () => {
    await using origin = await Origin.answering((head) =>
      head.startsWith('GET')
        ? ok('')
        : 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n',
    )
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving, initialWindow(0))
    expect((await client.response(client.request(getRoot))).body).toBe('')
    const stream = client.request(postTo('/'))
    await eventually(() => client.partOf(stream).fields.length > 0)
    client.widen(stream, 1)
    const response = await client.response(stream)
    expect(response.body).toBe('x')
    expect(response.fields.at(-1)).toBe('a: b')
  })

  test('streams that wait have turns', async () => {
    await using origin = await Origin.answering(ok(large))
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving, initialWindow(2_000_000))
    const streams = [client.request(getRoot), client.request(getRoot), client.request(getRoot)]
    await eventually(() => streams.every((each) => client.partOf(each).fields.length > 0))
    const shares = () => streams.map((each) => client.partOf(each).body.length)
    const total = () => shares().reduce((sum, each) => sum + each)
    for (let i = 0; i < 10; i += 1) {
      const before = total()
      client.widen(0, 60_000)
      await eventually(() => total() === before + 60_000)
    }
    const [least = 0, , most = 0] = shares().sort((a, b) => a - b)
    expect(least).toBeGreaterThan(100_000)
    expect(most).toBeLessThan(400_000)
  })
})

describe('of requests', () => {
  test('the window opens only as the instance takes the body', async () => {
    await using origin = await Origin.start((peer) => peer.socket.pause())
    await using serving = await serveHttp2([origin])
    await using client = await connectHttp2(serving)
    const stream = client.request({ ':path': '/', ':method': 'POST' })
    const target = await origin.peer(0)
    let left = 60_000_000
    const chunk = Buffer.alloc(100_000, 'x')
    const feed = () => {
      for (let takes = true; takes && left > 0; left -= chunk.length) takes = stream.write(chunk)
      if (left === 0) stream.end()
    }
    stream.on('drain', feed)
    feed()
    await settled(() => left)
    expect(left).toBeGreaterThan(30_000_000)
    let got = 0
    target.socket.removeAllListeners('data')
    target.socket.on('data', (piece: Buffer) => {
      got += piece.length
      if (piece.subarray(-5).toString('latin1') === '0\r\n\r\n') target.send(ok('all'))
    })
    target.socket.resume()
    expect((await responseTo(stream)).body).toBe('all')
    expect(got).toBeGreaterThan(60_000_000)
  })

  test('a client that sends more than it may is stopped, on a stream and on the connection', async () => {
    await using origin = await Origin.start((peer) => peer.socket.pause())
    await using serving = await serveHttp2([origin], { pool: { maxConnections: 1 } })
    await using client = await FramePeer.connect(serving)
    // All but the first wait in the surge queue, so nothing of theirs is taken.
    client.request(getRoot)
    const streams = Array.from({ length: 17 }, () => client.request(postTo('/'), false))
    const [first = 0, ...others] = streams
    const most = 'x'.repeat(16_384)
    for (let i = 0; i < 4; i += 1) client.data(first, most)
    expect((await client.response(first)).reset).toBe(errorCode.flowControlError)
    for (const stream of others) {
      for (let i = 0; i < 3; i += 1) client.data(stream, most)
      client.data(stream, 'x'.repeat(window - 3 * 16_384))
    }
    client.data(client.request(postTo('/'), false), 'x'.repeat(100))
    expect(await client.goneAway()).toBe(errorCode.flowControlError)
  })

  test('what is not passed on opens the connection’s window too: padding, and bodies that nobody wants', async () => {
    await using origin = await Origin.answering(ok('no'))
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const most = 'x'.repeat(16_384)
    // 4 MB in all, in a window of 1 MB.
    for (let i = 0; i < 80; i += 1) {
      const stream = client.request(postTo('/'), false)
      client.frame(frame.data, flag.padded, stream, `\xff${'\0'.repeat(255)}`)
      for (let j = 0; j < 3; j += 1) client.data(stream, most)
      await client.response(stream)
    }
    expect((await client.response(client.request(getRoot))).body).toBe('no')
  })

  test('what comes while there is no instance to take it is held, and sent then', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin], { pool: { maxConnections: 1 } })
    await using client = await FramePeer.connect(serving)
    const first = client.request(getRoot)
    const target = await origin.peer(0)
    await target.until('\r\n\r\n')
    const waiting = client.request(postTo('/', ['te', 'trailers']), false)
    client.data(waiting, 'early ')
    client.data(waiting, 'body')
    client.frame(frame.headers, flag.endStream | flag.endHeaders, waiting, '\0\x01a\x01b')
    client.frame(frame.ping, 0, 0, 'all came')
    await client.until(frame.ping)
    target.take()
    target.send(ok('first'))
    expect((await client.response(first)).body).toBe('first')
    await target.until('0\r\na: b\r\n\r\n')
    expect(target.received).toMatch(/\r\n\r\na\r\nearly body\r\n0\r\na: b\r\n\r\n$/)
    target.send(ok('second'))
    expect((await client.response(waiting)).body).toBe('second')
  })
})

test('a client that does not read is not read, so that answers do not pile up', async () => {
  // No window stands in the way of heads.
  const long = 'a'.repeat(15_000)
  const head = `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: ${long}\r\nB: ${long}\r\nC: ${long}\r\n\r\n`
  await using origin = await Origin.answering(head)
  await using serving = await serveHttp2([origin])
  await using client = await FramePeer.connect(serving)
  client.peer.socket.pause()
  let last = 0
  const counted = () => serving.engine.counters()[0] ?? { requests: 0, bytesOut: 0 }
  for (let batch = 0; batch < 9; batch += 1) {
    for (let i = 0; i < 100; i += 1) last = client.request(getRoot)
    await settled(() => counted().bytesOut)
  }
  expect(counted().requests).toBeLessThan(600)
  expect(counted().bytesOut).toBeLessThan(15_000_000)
  client.peer.socket.resume()
  await client.response(last)
})
