import { describe, expect, test } from 'vitest'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'
import type { HttpListener } from '../../snapshot/snapshot.ts'

const timeouts = { request: 60_000, response: 5000, keepAlive: 60_000 }
const silent: Partial<HttpListener> = { timeouts, retries: 'silent' }
const request = (method: string, body = '') =>
  `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** How many requests a target got. */
function requests(origin: Origin): number {
  return origin.peers.filter((peer) => peer.received.includes('\r\n\r\n')).length
}

/** Two targets that never answer, and one that does; round robin begins with the first. */
async function serve(change: Partial<HttpListener>, count = 2) {
  const mute = await Promise.all(Array.from({ length: count }, () => Origin.start()))
  const origin = await Origin.answering(ok('answered'))
  const serving = await Serving.start([...mute, origin], { pool: { algorithm: 'round-robin' } })
  await serving.apply([...mute, origin], change)
  return {
    serving,
    mute,
    async [Symbol.asyncDispose]() {
      await serving[Symbol.asyncDispose]()
      for (const each of [...mute, origin]) await each[Symbol.asyncDispose]()
    },
  }
}

test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])(
  '%s goes to the next target when one is silent for the response timeout',
  async (method) => {
    await using site = await serve(silent)
    const [first, second] = site.mute as [Origin, Origin]
    await using client = await site.serving.connect()
    client.send(request(method))
    await (await first.peer(0)).until('\r\n\r\n')
    site.serving.clock.advance(5000)
    await (await second.peer(0)).until('\r\n\r\n')
    expect(client.received).toBe('')
    site.serving.clock.advance(5200)
    await client.until(/^HTTP\/1\.1 200 /)
    expect([requests(first), requests(second)]).toEqual([1, 1])
    // Nothing of the first attempts is left.
    await eventually(() => first.peers.every((peer) => peer.ended || peer.closed))
    expect(site.serving.engine.counters()[0]).toMatchObject({ requests: 1, engine5xx: 0 })
  },
)

test('when every target is silent, it is 504, after four at most', async () => {
  await using site = await serve(silent, 5)
  await using client = await site.serving.connect()
  client.send(request('GET'))
  for (const origin of site.mute.slice(0, 4)) {
    await (await origin.peer(0)).until('\r\n\r\n')
    site.serving.clock.advance(5200)
  }
  expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 504 /)
  expect(site.mute.map(requests)).toEqual([1, 1, 1, 1, 0])
})

describe('it is 504 at once, and no other target gets the request,', () => {
  const key = Buffer.alloc(32).toString('base64')
  test.each<[string, string, Partial<HttpListener>]>([
    ['when its method is not idempotent', request('POST'), silent],
    ['when its method is not known', request('PATCH'), silent],
    ['when a body was sent', request('PUT', 'body'), silent],
    ['when retries are for lost targets only', request('GET'), { timeouts, retries: 'lost' }],
    ['when there are no retries', request('GET'), { timeouts, retries: 'none' }],
    [
      'when the listener is sticky',
      request('GET'),
      { ...silent, stickiness: { kind: 'lb-cookie', key, lifetime: null } },
    ],
  ])('%s', async (_, text, change) => {
    await using site = await serve(change)
    const [first, second] = site.mute as [Origin, Origin]
    await using client = await site.serving.connect()
    client.send(text)
    await (await first.peer(0)).until(text.slice(-4))
    site.serving.clock.advance(5200)
    expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 504 /)
    expect(second.peers).toEqual([])
  })

  test('when a part of an answer came', async () => {
    await using site = await serve(silent)
    await using client = await site.serving.connect()
    client.send(request('GET'))
    const peer = await (site.mute[0] as Origin).peer(0)
    await peer.until('\r\n\r\n')
    peer.send('HTTP/1.1 103 Early Hints\r\n\r\n')
    await client.until('103 Early Hints')
    site.serving.clock.advance(5200)
    expect(await client.until('</html>')).toContain('HTTP/1.1 504 ')
    expect((site.mute[1] as Origin).peers).toEqual([])
  })
})

describe('without retries', () => {
  const none: Partial<HttpListener> = { retries: 'none' }

  test('a target that refuses connections is answered for', async () => {
    const gone = await Origin.start()
    const { host, port } = gone
    await gone[Symbol.asyncDispose]()
    await using origin = await Origin.answering(ok('answered'))
    const pool = { algorithm: 'round-robin' } as const
    await using serving = await Serving.start([{ host, port }, origin], { pool })
    await serving.apply([{ host, port }, origin], none)
    await using client = await serving.connect()
    client.send(request('GET'))
    expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 503 /)
    expect(origin.peers).toEqual([])
  })

  test('a connection that was closed while it waited is no attempt', async () => {
    let answered = 0
    await using origin = await Origin.start((peer) => {
      peer.socket.on('data', () => {
        answered += 1
        // The second request of the first connection meets its end.
        if (answered === 2) peer.reset()
        else peer.send(ok('answered'))
      })
    })
    await using serving = await Serving.start([origin])
    await serving.apply([origin], none)
    await using client = await serving.connect()
    for (let i = 0; i < 2; i += 1) {
      client.send(request('GET'))
      await client.until(/answered$/)
      client.take()
    }
    expect(origin.peers).toHaveLength(2)
  })
})
