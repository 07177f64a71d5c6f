import { expect, test } from 'vitest'
import { eventually, Origin, type Peer } from '../../test/support/peer.ts'
import { ok, Serving, type ServingOptions } from '../../test/support/serving.ts'

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

function withSpares(origins: Origin[], spareConnections = 1, options: ServingOptions = {}) {
  return Serving.start(origins, { ...options, pool: { spareConnections } })
}

/** Resolves when so many connections were made to the origin in all, and the engine has so many. */
async function untilOpen(serving: Serving, origin: Origin, made: number, open = made) {
  await eventually(
    () => origin.peers.length === made && serving.engine.open().targetConnections === open,
  )
}

/** Moves the clock, and lets everything happen that comes of it. */
async function advance(serving: Serving, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    serving.clock.advance(Math.min(left, 500))
    for (let i = 0; i < 20; i += 1) await new Promise((next) => setImmediate(next))
  }
}

test('connections wait at a target before the first request, which takes one of them', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await withSpares([origin], 3)
  serving.clock.advance(200)
  await untilOpen(serving, origin, 3)
  await using client = await serving.connect()
  client.send(request)
  await client.until(/x$/)
  await advance(serving, 5000)
  expect(origin.peers).toHaveLength(3)
})

test('none is opened where the pool wants none, nor for a pool of connections', async () => {
  await using origin = await Origin.start()
  await using none = await Serving.start([origin])
  await using tcp = await withSpares([origin], 1, { protocol: 'tcp' })
  await advance(none, 5000)
  await advance(tcp, 5000)
  expect(origin.peers).toHaveLength(0)
})

test('another one is opened while one is in use', async () => {
  await using origin = await Origin.start()
  await using serving = await withSpares([origin])
  serving.clock.advance(200)
  await untilOpen(serving, origin, 1)
  await using client = await serving.connect()
  client.send(request)
  await origin.peers[0]?.until('\r\n\r\n')
  serving.clock.advance(1200)
  await untilOpen(serving, origin, 2)
})

test('a target that closes them is asked less and less often, until one is used', async () => {
  let closing = true
  await using origin = await Origin.start((peer) => {
    if (closing) peer.socket.end()
    peer.socket.on('data', () => peer.send(ok('x')))
  })
  await using serving = await withSpares([origin])
  await advance(serving, 100_000)
  const asked = origin.peers.length
  // After 2, 4, 8, 16, 32 and 64 seconds.
  expect(asked).toBeGreaterThan(4)
  expect(asked).toBeLessThan(8)
  closing = false
  await advance(serving, 70_000)
  await using client = await serving.connect()
  client.send(request)
  await client.until(/x$/)
  const before = origin.peers.length
  origin.peers[before - 1]?.socket.end()
  await eventually(() => serving.engine.open().targetConnections === 0)
  serving.clock.advance(1200)
  await untilOpen(serving, origin, before + 1, 1)
})

test('attempts that fail leave nothing behind but a timer, and are no client’s failures', async () => {
  const origin = await Origin.start()
  const { host, port } = origin
  await origin[Symbol.asyncDispose]()
  await using serving = await Serving.start([{ host, port }], { pool: { spareConnections: 2 } })
  await advance(serving, 100_000)
  expect(serving.engine.open()).toMatchObject({ targetConnections: 0, timers: 1 })
  expect(serving.engine.counters()[0]).toMatchObject({ targetConnectErrors: 0 })
})

test('one that nobody used gives way to another before servers close it', async () => {
  await using origin = await Origin.start()
  await using serving = await withSpares([origin])
  serving.clock.advance(200)
  await untilOpen(serving, origin, 1)
  await advance(serving, 16_000)
  await untilOpen(serving, origin, 2, 1)
  expect(origin.peers[0]?.ended).toBe(true)
})

test('a request that a spare connection dies under is sent again, to the same target', async () => {
  const spoil = (peer: Peer) => peer.socket.resetAndDestroy()
  await using origin = await Origin.start((peer) => {
    const first = origin.peers.length === 1
    peer.socket.on('data', () => (first ? spoil(peer) : peer.send(ok('x'))))
  })
  await using serving = await withSpares([origin])
  serving.clock.advance(200)
  await untilOpen(serving, origin, 1)
  await using client = await serving.connect()
  client.send(request)
  await client.until(/x$/)
})

test('targets that take no traffic lose theirs, and get none', async () => {
  await using origin = await Origin.start()
  await using other = await Origin.start()
  await using serving = await withSpares([origin, other])
  serving.clock.advance(200)
  await untilOpen(serving, origin, 1, 2)
  await serving.apply([other])
  await untilOpen(serving, origin, 1, 1)
  await advance(serving, 5000)
  expect(origin.peers).toHaveLength(1)
})

test('those that are being made are given up with their target', async () => {
  await using origin = await Origin.start()
  await using serving = await withSpares([origin])
  serving.clock.advance(200)
  await serving.apply([])
  await serving.untilQuiet()
})

test('a pool that wants them no more keeps those that wait until they are old', async () => {
  await using origin = await Origin.start()
  await using serving = await withSpares([origin])
  serving.clock.advance(200)
  await untilOpen(serving, origin, 1)
  await serving.apply([origin], {}, { spareConnections: 0 })
  await advance(serving, 16_000)
  await serving.untilQuiet()
  expect(origin.peers).toHaveLength(1)
})

test('targets of another zone than the node’s get none, unless it uses them', async () => {
  await using origin = await Origin.start()
  await using serving = await withSpares([origin])
  const { host, port } = origin
  const targets = [{ id: 't', host, port, zone: 'b', check: null }]
  await serving.apply([], {}, { targets })
  await advance(serving, 2000)
  expect(origin.peers).toHaveLength(0)
  await serving.apply([], {}, { targets, crossZone: true })
  serving.clock.advance(1200)
  await untilOpen(serving, origin, 1)
})

test('a pool without a listener has none', async () => {
  await using origin = await Origin.start()
  await using serving = await withSpares([origin])
  await serving.apply([origin], { pool: 'another' })
  await advance(serving, 2000)
  await serving.untilQuiet()
})
