import { describe, expect, test } from 'vitest'
import { eventually, Origin, Peer } from '../../test/support/peer.ts'
import { ok, ownAddress, Serving } from '../../test/support/serving.ts'
import type { Node, Pool, Snapshot } from '../snapshot/snapshot.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const tcp = { protocol: 'tcp' } as const

/** The pool's change that lets an origin drain for `ms`. */
function draining(serving: Serving, { host, port }: Origin, ms: number): Partial<Pool> {
  return { draining: [{ id: `d-${port}`, host, port, until: serving.clock.now() + ms }] }
}

async function send(client: Peer, origin: Origin, index: number): Promise<Peer> {
  client.send(get)
  const peer = await origin.peer(index)
  await peer.until('\r\n\r\n')
  peer.take()
  return peer
}

test('what is in flight on a draining target goes on, and new requests of the same client go elsewhere', async () => {
  await using leaving = await Origin.start()
  await using staying = await Origin.answering(ok('staying'))
  await using serving = await Serving.start([leaving])
  await using client = await serving.connect()
  const peer = await send(client, leaving, 0)
  await serving.apply([staying], {}, draining(serving, leaving, 300_000))
  serving.clock.advance(50_000)
  peer.send(ok('late'))
  await client.until('late')
  await peer.untilEnded()
  client.take()
  client.send(get)
  await client.until('staying')
  expect(serving.engine.counters()[0]).toMatchObject({ connections: 1, engine5xx: 0 })
})

test('a request that is in flight when draining ends is answered 504, and the client’s connection stays', async () => {
  await using leaving = await Origin.start()
  await using staying = await Origin.answering(ok('staying'))
  await using serving = await Serving.start([leaving])
  await using client = await serving.connect()
  const peer = await send(client, leaving, 0)
  await serving.apply([staying], {}, draining(serving, leaving, 5000))
  serving.clock.advance(4999)
  expect(serving.engine.open().targetConnections).toBe(1)
  serving.clock.advance(1)
  await client.until('HTTP/1.1 504 Gateway Timeout')
  await peer.untilEnded()
  client.take()
  client.send(get)
  await client.until('staying')
})

test('a response that is in flight when draining ends is cut short, so that nobody takes it for whole', async () => {
  await using leaving = await Origin.start()
  await using serving = await Serving.start([leaving])
  await using client = await serving.connect()
  const peer = await send(client, leaving, 0)
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345')
  await client.until('12345')
  await serving.apply([], {}, draining(serving, leaving, 5000))
  serving.clock.advance(5000)
  await client.untilClosed()
  expect(client.error).toMatchObject({ code: 'ECONNRESET' })
})

test('a TCP connection goes on while its target drains, and is closed at the end', async () => {
  await using leaving = await Origin.start((peer) => peer.send('hello'))
  await using serving = await Serving.start([leaving], tcp)
  await using client = await serving.connect()
  await client.until('hello')
  await serving.apply([], {}, draining(serving, leaving, 5000))
  client.send('more')
  await (await leaving.peer(0)).until('more')
  await using late = await serving.connect()
  await late.untilEnded()
  expect(client.ended).toBe(false)
  serving.clock.advance(5000)
  await client.untilEnded()
  await serving.untilQuiet()
})

test('a target that is registered again drains no more', async () => {
  await using origin = await Origin.start((peer) => peer.send('hello'))
  await using serving = await Serving.start([origin], tcp)
  await using client = await serving.connect()
  await client.until('hello')
  await serving.apply([], {}, draining(serving, origin, 5000))
  await serving.apply([origin])
  serving.clock.advance(50_000)
  client.send('more')
  await (await origin.peer(0)).until('more')
  expect(client.ended).toBe(false)
})

test('a target that leaves without draining loses what is in flight at once', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  const peer = await send(client, origin, 0)
  await serving.apply([])
  await client.until('HTTP/1.1 504 Gateway Timeout')
  await peer.untilEnded()
  client.take()
  client.send(get)
  await client.until('HTTP/1.1 503')
})

test('a tunnel is in flight: it ends with its target', async () => {
  await using origin = await Origin.start((peer) => {
    peer.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')
  })
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')
  await client.until('101 Switching')
  await serving.apply([], {}, draining(serving, origin, 5000))
  expect(client.ended).toBe(false)
  serving.clock.advance(5000)
  await client.untilEnded()
  await serving.untilQuiet()
})

describe('a target that becomes unhealthy', () => {
  test.each([
    ['finishes what is in flight, however long it takes', true, 'late'],
    ['loses what is in flight at once where draining is off', false, 'HTTP/1.1 504'],
  ])('%s', async (_, finishUnhealthy, answer) => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([], { idleTimeout: 4_000_000 })
    const target = { id: 'i', host: origin.host, port: origin.port, zone: 'a', check: 'check' }
    serving.engine.setHealth('check', true)
    await serving.apply([], {}, { targets: [target], finishUnhealthy })
    await using client = await serving.connect()
    const peer = await send(client, origin, 0)
    serving.engine.setHealth('check', false)
    await Promise.resolve()
    serving.clock.advance(3_700_000)
    peer.send(ok('late'))
    await client.until(answer)
  })
})

/** The fixture's load balancer, and another one with the same targets at an address of its own. */
function withAnother(snapshot: Snapshot, address: string): Snapshot {
  const [node] = snapshot.nodes as [Node]
  const [pool] = snapshot.pools as [Pool]
  const listeners = node.listeners.map((listener) => ({ ...listener, pool: 'other' }))
  const other = { id: 'other', loadBalancer: 'other', zone: 'a', addresses: [address], listeners }
  const otherPool = { ...pool, id: 'other', loadBalancer: 'other' }
  return { ...snapshot, nodes: [node, other], pools: [pool, otherPool] }
}

test('a target that leaves one load balancer keeps what another one has with it', async () => {
  await using origin = await Origin.start((peer) => peer.send('hello'))
  await using serving = await Serving.start([origin], tcp)
  const address = ownAddress()
  const both = withAnother(serving.snapshot([origin]), address)
  await serving.engine.apply(both)
  await using mine = await serving.connect()
  await mine.until('hello')
  await using theirs = await Peer.connect(address, serving.port)
  await theirs.until('hello')
  const pools = both.pools.map((pool) => (pool.id === 'pool' ? { ...pool, targets: [] } : pool))
  await serving.engine.apply({ ...both, pools })
  await mine.untilEnded()
  theirs.send('more')
  await (await origin.peer(1)).until('more')
  expect(theirs.ended).toBe(false)
})

test('a pool that leaves with its listener lets requests finish', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  const peer = await send(client, origin, 0)
  await serving.engine.apply({ ...serving.snapshot([]), nodes: [], pools: [] })
  peer.send(ok('late'))
  await client.until(/Connection: close\r\n\r\nlate$/)
})

test('a client of a listener that is gone is cut off at the end of draining like all others', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  await send(client, origin, 0)
  await serving.engine.apply({ ...serving.snapshot([origin]), nodes: [] })
  const change = draining(serving, origin, 5000)
  await serving.engine.apply({ ...serving.snapshot([], {}, change), nodes: [] })
  serving.clock.advance(5000)
  await client.until('HTTP/1.1 504')
})

describe('a draining target is told to be finished', () => {
  test('when the last request that it has is answered, and not before', async () => {
    const told: (readonly string[])[] = []
    await using leaving = await Origin.start()
    await using serving = await Serving.start([leaving], { onFinished: (ids) => told.push(ids) })
    await using one = await serving.connect()
    await using other = await serving.connect()
    const peers = [await send(one, leaving, 0), await send(other, leaving, 1)]
    await serving.apply([], {}, draining(serving, leaving, 5000))
    peers[0]?.send(ok('first'))
    await one.until('first')
    expect(told).toEqual([])
    peers[1]?.send(ok('last'))
    await other.until('last')
    expect(told).toEqual([[`d-${leaving.port}`]])
    await serving.apply([], {}, draining(serving, leaving, 5000))
    expect(told).toHaveLength(1)
  })

  test('at once when it has nothing in flight', async () => {
    const told: (readonly string[])[] = []
    await using leaving = await Origin.answering(ok('x'))
    await using serving = await Serving.start([leaving], { onFinished: (ids) => told.push(ids) })
    await using client = await serving.connect()
    client.send(get)
    await client.until(/x$/)
    await serving.apply([], {}, draining(serving, leaving, 5000))
    expect(told).toEqual([[`d-${leaving.port}`]])
  })

  test('when the last pool that it drains from has nothing in flight with it', async () => {
    const told: (readonly string[])[] = []
    await using leaving = await Origin.start()
    await using serving = await Serving.start([leaving], { onFinished: (ids) => told.push(ids) })
    const address = ownAddress()
    await serving.engine.apply(withAnother(serving.snapshot([leaving]), address))
    await using mine = await serving.connect()
    const peer = await send(mine, leaving, 0)
    await using theirs = await Peer.connect(address, serving.port)
    const theirPeer = await send(theirs, leaving, 1)
    const leaves = serving.snapshot([], {}, draining(serving, leaving, 5000))
    await serving.engine.apply(withAnother(leaves, address))
    peer.send(ok('mine'))
    await mine.until('mine')
    expect(told).toEqual([])
    theirPeer.send(ok('theirs'))
    await theirs.until('theirs')
    expect(told).toEqual([[`d-${leaving.port}`]])
  })

  test('when its TCP connections are closed', async () => {
    const told: (readonly string[])[] = []
    await using leaving = await Origin.start((peer) => peer.send('hello'))
    const options = { ...tcp, onFinished: (ids: readonly string[]) => told.push(ids) }
    await using serving = await Serving.start([leaving], options)
    await using client = await serving.connect()
    await client.until('hello')
    await serving.apply([], {}, draining(serving, leaving, 5000))
    expect(told).toEqual([])
    client.socket.resetAndDestroy()
    await eventually(() => told.length > 0)
    expect(told).toEqual([[`d-${leaving.port}`]])
  })

  test('but not where it only waits for its zone: it may take traffic again', async () => {
    const told: (readonly string[])[] = []
    await using leaving = await Origin.start()
    await using serving = await Serving.start([leaving], { onFinished: (ids) => told.push(ids) })
    const { host, port } = leaving
    await serving.apply([], {}, { draining: [{ id: 'd', host, port, until: null }] })
    expect(told).toEqual([])
  })
})
