import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { eventually, Origin, Peer } from '../../test/support/peer.ts'
import { ok, ownAddress, type Place, Serving } from '../../test/support/serving.ts'
import type { Listener, Node, Pool, Snapshot } from '../snapshot/snapshot.ts'
import { createLogger } from '../telemetry/logger.ts'
import { Engine } from './engine.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

async function ask(client: Peer): Promise<string> {
  client.take()
  client.send(get)
  const response = await client.until(/\r\n\r\n[\s\S]+$/)
  return response.slice(response.indexOf('\r\n\r\n') + 4)
}

test('connections live on while snapshots come that do not concern them', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using other = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  await ask(client)
  for (let i = 0; i < 100; i += 1) {
    await serving.apply(i % 2 === 0 ? [origin, other] : [origin])
    await ask(client)
  }
  expect(serving.engine.counters()[0]?.connections).toBe(1)
  expect(origin.peers).toHaveLength(1)
})

test('a target that drains loses its idle connections at once, and no request in flight', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using idle = await serving.connect()
  await using busy = await serving.connect()
  busy.send(get)
  const first = await origin.peer(0)
  await first.until('\r\n\r\n')
  idle.send(get)
  const second = await origin.peer(1)
  await second.until('\r\n\r\n')
  second.send(ok('x'))
  await idle.until(/x$/)
  const { host, port } = origin
  await serving.apply([], {}, { draining: [{ id: 'd', host, port, until: null }] })
  await second.untilEnded()
  expect(first.ended).toBe(false)
  first.send(ok('late'))
  await busy.until('late')
  await first.untilEnded()
  busy.take()
  busy.send(get)
  await busy.until('HTTP/1.1 503')
})

test('TCP connections end with their target or their listener, and with nothing else', async () => {
  await using one = await Origin.start((peer) => peer.send('1'))
  await using two = await Origin.start((peer) => peer.send('2'))
  await using serving = await Serving.start([one, two], { protocol: 'tcp' })
  await using first = await serving.connect()
  await first.until('1')
  await using second = await serving.connect()
  await second.until('2')
  await serving.apply([two])
  await first.untilEnded()
  expect(second.ended).toBe(false)
  const snapshot = serving.snapshot([two])
  await serving.engine.apply({ ...snapshot, nodes: [] })
  await second.untilEnded()
  await serving.untilQuiet()
})

test('a listener that leaves finishes the request in flight, then closes', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using busy = await serving.connect()
  await using idle = await serving.connect()
  busy.send(get)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  await serving.engine.apply({ ...serving.snapshot([origin]), nodes: [] })
  await idle.untilEnded()
  await expect(serving.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  peer.send(ok('late'))
  await busy.untilEnded()
  expect(busy.received).toMatch(/Connection: close\r\n\r\nlate$/)
})

test('a listener that changes its protocol serves the new one', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  await ask(client)
  await serving.apply([origin], { protocol: 'tcp' })
  await client.untilEnded()
  await using tcp = await serving.connect()
  tcp.send('GET / HTTP/1.1\r\n')
  tcp.send('\r\n')
  await tcp.until(/x$/)
})

test('counters go on when a listener comes back, and a last time when it is gone', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await serving.exchange(get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
  await serving.untilQuiet(1)
  await serving.engine.apply({ ...serving.snapshot([origin]), nodes: [] })
  await serving.apply([origin])
  expect(serving.engine.counters()).toMatchObject([{ requests: 1 }])
  await serving.engine.apply({ ...serving.snapshot([origin]), nodes: [] })
  expect(serving.engine.counters()).toMatchObject([{ listener: 'listener', requests: 1 }])
  expect(serving.engine.counters()).toEqual([])
})

test('drain lets requests finish, with Connection: close, and then is done', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using busy = await serving.connect()
  await using idle = await serving.connect()
  busy.send(get)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  let drained = false
  const draining = serving.engine.drain().then(() => {
    drained = true
  })
  await idle.untilEnded()
  idle.socket.end()
  await expect(serving.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(drained).toBe(false)
  peer.send(ok('late'))
  await busy.untilEnded()
  expect(busy.received).toMatch(/Connection: close\r\n\r\nlate$/)
  busy.socket.end()
  await draining
})

test('a port that cannot be opened is reported, and opened when it can be', async () => {
  await using serving = await Serving.start([])
  const taken = ownAddress()
  const server = createServer().listen(8080, taken)
  await eventually(() => server.listening)
  const snapshot = serving.snapshot([])
  const [node] = snapshot.nodes as [Node]
  const wanted = { ...snapshot, nodes: [{ ...node, addresses: [...node.addresses, taken] }] }
  const failure = { node: 'node', listener: 'listener', address: taken, port: 8080 }
  for (let i = 0; i < 2; i += 1) {
    const failures = await serving.engine.apply(wanted)
    expect(failures).toEqual([{ ...failure, reason: expect.stringContaining('EADDRINUSE') }])
  }
  await using client = await serving.connect()
  client.send(get)
  await client.until('503')
  await new Promise((closed) => server.close(closed))
  expect(await serving.engine.apply(wanted)).toEqual([])
})

test('an address that a node loses is closed, and the others are not', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  const second = ownAddress()
  const snapshot = serving.snapshot([origin])
  const [node] = snapshot.nodes as [Node]
  const both = { ...snapshot, nodes: [{ ...node, addresses: [serving.address, second] }] }
  expect(await serving.engine.apply(both)).toEqual([])
  await using kept = await serving.connect()
  await ask(kept)
  await using lost = await Peer.connect(second, 8080)
  await ask(lost)
  await serving.apply([origin])
  await lost.untilEnded()
  await ask(kept)
})

test('listeners on IPv6 addresses serve', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin], { address: '::1', port: 18_080 })
  await using client = await serving.connect()
  expect(await ask(client)).toBe('x')
})

/** Two nodes of one load balancer, in zones a and b, with a target each that has a check. */
function zones(targets: readonly (Place & { zone: string; check: string })[], crossZone: boolean) {
  const addresses = { a: ownAddress(), b: ownAddress() }
  const listener: Listener = {
    id: 'l',
    port: 8080,
    protocol: 'http',
    pool: 'p',
    idleTimeout: 60_000,
    desync: 'defensive',
  }
  const pool: Pool = {
    id: 'p',
    loadBalancer: 'lb',
    protocol: 'http',
    algorithm: 'least-outstanding',
    crossZone,
    proxyProtocol: false,
    draining: [],
    finishUnhealthy: true,
    maxConnections: null,
    slowStart: 0,
    targets: targets.map(({ host, port, zone, check }) => ({ id: check, host, port, zone, check })),
  }
  const nodes: Node[] = (['a', 'b'] as const).map((zone) => ({
    id: `node-${zone}`,
    loadBalancer: 'lb',
    zone,
    addresses: [addresses[zone]],
    listeners: [listener],
  }))
  const snapshot: Snapshot = {
    revision: 1,
    nodes,
    pools: [pool],
    checks: [],
    certificates: [],
    challenges: [],
    system: '',
  }
  return { addresses, snapshot, pool }
}

test('a node uses the healthy targets of its zone, and with cross-zone those of all zones', async () => {
  await using inA = await Origin.answering(ok('a'))
  await using inB = await Origin.answering(ok('b'))
  const targets = [
    { host: inA.host, port: inA.port, zone: 'a', check: 'check-a' },
    { host: inB.host, port: inB.port, zone: 'b', check: 'check-b' },
  ]
  const { addresses, snapshot, pool } = zones(targets, false)
  const engine = new Engine({ clock: new ManualClock(), logger: createLogger('silent') })
  engine.setHealth('check-a', true)
  await engine.apply(snapshot)
  const answers = async (address: string) => {
    await using client = await Peer.connect(address, 8080)
    return [await ask(client), await ask(client)].map((body) => body.slice(0, 1)).sort()
  }
  expect(await answers(addresses.a)).toEqual(['a', 'a'])
  expect(await answers(addresses.b)).toEqual(['<', '<'])
  engine.setHealth('check-b', true)
  expect(await answers(addresses.b)).toEqual(['b', 'b'])
  await engine.apply({ ...snapshot, revision: 2, pools: [{ ...pool, crossZone: true }] })
  expect(await answers(addresses.b)).toEqual(['a', 'b'])
  const [pooled] = inA.peers.filter((peer) => !peer.ended) as [Peer]
  engine.setHealth('check-a', false)
  await pooled.untilEnded()
  expect(await answers(addresses.a)).toEqual(['b', 'b'])
  await engine[Symbol.asyncDispose]()
  await eventually(() => Object.values(engine.open()).every((count) => count === 0))
})

test('engines of several threads share a port', async () => {
  const snapshot = zones([], false).snapshot
  const options = { clock: new ManualClock(), logger: createLogger('silent'), reusePort: true }
  await using one = new Engine(options)
  await using two = new Engine(options)
  expect(await one.apply(snapshot)).toEqual([])
  expect(await two.apply(snapshot)).toEqual([])
})
