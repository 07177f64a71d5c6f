/** Time-outs of HTTP/2 clients, and how their connections end. */
import { describe, expect, test } from 'vitest'
import {
  blockText,
  FramePeer,
  getRoot,
  postTo,
  serveHttp2,
  uint32,
} from '../../../test/support/http2.ts'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok } from '../../../test/support/serving.ts'
import { errorCode, flag, frame } from './frames.ts'

const idle = 61_000
const timeouts = { request: 5000, response: 7000, keepAlive: 3000 }

describe('a connection is closed', () => {
  test('when it begins no request for the idle timeout, whatever else it sends', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    await client.response(client.request(getRoot))
    serving.clock.advance(50_000)
    client.frame(frame.ping, 0, 0, '12345678')
    await client.until(frame.ping)
    serving.clock.advance(11_000)
    expect(await client.goneAway()).toBe(errorCode.noError)
    await client.peer[Symbol.asyncDispose]()
    await serving.untilQuiet()
  })

  test('when a head, or the preface, is not whole for as long', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin])
    await using silent = await FramePeer.silent(serving)
    await using slow = await FramePeer.connect(serving)
    slow.frame(frame.headers, flag.endStream, 1, blockText(getRoot))
    await slow.until(frame.settings)
    serving.clock.advance(idle)
    expect(await silent.goneAway()).toBe(errorCode.noError)
    expect(await slow.goneAway()).toBe(errorCode.noError)
  })

  test('sooner where the time between requests is bounded by itself', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin])
    await serving.apply([origin], { timeouts })
    await using client = await FramePeer.connect(serving)
    await client.response(client.request(getRoot))
    serving.clock.advance(3200)
    expect(await client.goneAway()).toBe(errorCode.noError)
  })

  test('at last when the client does not close its side', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    client.frame(frame.ping, 0, 1, '')
    expect(await client.goneAway()).toBe(errorCode.protocolError)
    expect(serving.engine.open().clientConnections).toBe(1)
    serving.clock.advance(5300)
    await serving.untilQuiet()
  })
})

describe('of requests under way, each has its own time', () => {
  test('one that the instance does not answer gets 504; one whose body does not come 408', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const silent = client.request(getRoot)
    const lazy = client.request(postTo('/'), false)
    await eventually(() => origin.peers.length === 2)
    await (await origin.peer(1)).until('\r\n\r\n')
    serving.clock.advance(idle)
    expect((await client.response(silent)).fields[0]).toBe(':status: 504')
    expect((await client.response(lazy)).fields[0]).toBe(':status: 408')
    const other = client.request(getRoot)
    const target = await origin.peer(2)
    target.send(ok('fine'))
    expect((await client.response(other)).body).toBe('fine')
  })

  test('one that keeps coming, and too slowly, gets 408; one that is answered late 504', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin])
    await serving.apply([origin], { timeouts })
    await using client = await FramePeer.connect(serving)
    const waiting = client.request(getRoot)
    await (await origin.peer(0)).until('\r\n\r\n')
    const slow = client.request(postTo('/'), false)
    const target = await origin.peer(1)
    for (let second = 1; second <= 5; second += 1) {
      client.data(slow, 'a')
      await target.until((all) => (all.match(/\r\na\r\n/g) ?? []).length === second)
      serving.clock.advance(1000)
    }
    serving.clock.advance(300)
    expect((await client.response(slow)).fields[0]).toBe(':status: 408')
    serving.clock.advance(2000)
    expect((await client.response(waiting)).fields[0]).toBe(':status: 504')
  })

  test('one whose answer stops coming is reset, and one whose client opens no window', async () => {
    await using origin = await Origin.answering((head) =>
      head.startsWith('GET /half')
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'
        : ok('x'.repeat(100_000)),
    )
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const half = client.request([...getRoot.slice(0, 2), [':path', '/half'], ['host', 'a']])
    await eventually(() => client.partOf(half).body === 'half')
    const stalled = client.request(getRoot)
    await eventually(() => client.partOf(stalled).body.length > 60_000)
    serving.clock.advance(idle)
    expect((await client.response(half)).reset).toBe(errorCode.internalError)
    expect((await client.response(stalled)).reset).toBeGreaterThan(0)
    expect(serving.engine.open().targetConnections).toBe(0)
  })

  test('an answer of the load balancer that the client opens no window for is given up', async () => {
    await using serving = await serveHttp2([])
    await using client = await FramePeer.connect(serving, `\0\x04${uint32(0)}`)
    const stream = client.request(getRoot)
    await eventually(() => client.partOf(stream).fields[0] === ':status: 503')
    serving.clock.advance(idle)
    expect((await client.response(stream)).reset).toBe(errorCode.cancel)
  })

  test('one that moves goes on beyond every idle timeout', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const stream = client.request(getRoot)
    const target = await origin.peer(0)
    target.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n')
    for (let i = 1; i <= 4; i += 1) {
      target.send('a')
      await eventually(() => client.partOf(stream).body.length === i)
      serving.clock.advance(50_000)
    }
    expect((await client.response(stream)).body).toBe('aaaa')
  })
})

describe('when its listener goes', () => {
  test('a client without requests is told, and closed', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    await client.response(client.request(getRoot))
    const drained = serving.engine.drain()
    const { payload } = await client.until(frame.goaway)
    expect([payload.readUInt32BE(0), payload.readUInt32BE(4)]).toEqual([1, errorCode.noError])
    await client.peer[Symbol.asyncDispose]()
    await drained
  })

  test('requests under way are finished, later ones are passed over', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    const get = client.request(getRoot)
    const post = client.request(postTo('/'), false)
    await eventually(() => origin.peers.length === 2)
    const [first, second] = [await origin.peer(0), await origin.peer(1)]
    const drained = serving.engine.drain()
    const { payload } = await client.until(frame.goaway)
    expect(payload.readUInt32BE(0)).toBe(post)
    const late = client.request(postTo('/late'), false)
    client.data(late, 'body')
    client.widen(late, 10)
    client.frame(frame.rstStream, 0, late, uint32(8))
    client.data(post, 'body', true)
    await second.until('0\r\n\r\n')
    second.send(ok('posted'))
    expect((await client.response(post)).body).toBe('posted')
    first.send(ok('got'))
    expect((await client.response(get)).body).toBe('got')
    await client.peer.untilEnded()
    await client.peer[Symbol.asyncDispose]()
    await drained
    expect(origin.peers).toHaveLength(2)
  })

  test('requests that an instance may keep no longer are ended, and those of others go on', async () => {
    await using leaving = await Origin.start()
    await using staying = await Origin.start()
    await using serving = await serveHttp2([leaving, staying])
    await using client = await FramePeer.connect(serving)
    const streams = [client.request(getRoot), client.request(getRoot)]
    await (await leaving.peer(0)).until('\r\n\r\n')
    const other = await staying.peer(0)
    await serving.apply([staying])
    await eventually(() => client.overCount === 1)
    other.send(ok('stayed'))
    const answers = await Promise.all(streams.map((each) => client.response(each)))
    expect(answers.map(({ fields }) => fields[0]).sort()).toEqual([':status: 200', ':status: 504'])
  })
})

test('a client that closes its side gets what it asked for in full', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin])
  await using client = await FramePeer.connect(serving)
  const whole = client.request(getRoot)
  const half = client.request(postTo('/'), false)
  await eventually(() => origin.peers.length === 2)
  const [first, second] = [await origin.peer(0), await origin.peer(1)]
  await second.until('\r\n\r\n')
  client.peer.socket.end()
  await second.untilEnded()
  first.send(ok('whole'))
  expect((await client.response(whole)).body).toBe('whole')
  expect(client.partOf(half).fields).toEqual([])
  await client.peer.untilEnded()
  await serving.untilQuiet(1)
})

test('a client that resets its connection frees all of its instances', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin])
  await using client = await FramePeer.connect(serving)
  for (let i = 0; i < 5; i += 1) client.request(getRoot)
  await eventually(() => origin.peers.length === 5)
  client.peer.reset()
  await serving.untilQuiet()
})
