import { describe, expect, test } from 'vitest'
import { eventually, Origin, type Peer, settled } from '../../../test/support/peer.ts'
import { ownAddress, Serving } from '../../../test/support/serving.ts'

const echo = () =>
  Origin.start((peer) => {
    peer.socket.on('data', (chunk) => peer.socket.write(chunk))
    peer.socket.on('end', () => peer.socket.end())
  })

describe.each(['handle', 'socket'] as const)('a TCP listener (%s)', (wireKind) => {
  const options = { protocol: 'tcp', wireKind } as const

  test('passes bytes both ways, as they are', async () => {
    await using origin = await echo()
    await using serving = await Serving.start([origin], options)
    await using client = await serving.connect()
    const text = Array.from({ length: 500_000 }, (_, i) => String.fromCharCode(i % 256)).join('')
    client.send(text)
    await client.until((all) => all.length === text.length)
    expect(client.received === text).toBe(true)
    client.socket.end()
    await client.untilEnded()
    await serving.untilQuiet()
    expect(serving.engine.counters()[0]).toMatchObject({
      connections: 1,
      openConnections: 0,
      requests: 0,
      bytesIn: text.length,
      bytesOut: text.length,
    })
  })

  test('an end of one direction leaves the other open', async () => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin], options)
    await using client = await serving.connect()
    client.socket.end('question')
    const peer = await origin.peer(0)
    await peer.untilEnded()
    expect(peer.received).toBe('question')
    peer.send('long ')
    await client.until('long ')
    peer.socket.end('answer')
    await client.untilEnded()
    expect(client.received).toBe('long answer')
    await serving.untilQuiet()
  })

  test('an instance may speak first, and end first', async () => {
    await using origin = await Origin.start((peer) => peer.socket.end('220 hello'))
    await using serving = await Serving.start([origin], options)
    await using client = await serving.connect()
    await client.untilEnded()
    expect(client.received).toBe('220 hello')
    client.socket.end('bye')
    const peer = await origin.peer(0)
    await peer.untilEnded()
    expect(peer.received).toBe('bye')
    await serving.untilQuiet()
  })

  test('a side that does not read makes the other wait', async () => {
    await using origin = await Origin.start((peer) => peer.socket.pause())
    await using serving = await Serving.start([origin], options)
    await using client = await serving.connect()
    const size = 64 * 1024 * 1024
    client.socket.write(Buffer.alloc(size))
    const bytesIn = () => serving.engine.counters()[0]?.bytesIn ?? 0
    await settled(bytesIn)
    expect(bytesIn()).toBeLessThan(size / 2)
    const peer = await origin.peer(0)
    let received = 0
    peer.socket.removeAllListeners('data')
    peer.socket.on('data', (chunk) => {
      received += chunk.length
    })
    peer.socket.resume()
    await eventually(() => received === size)
  })

  const sides: [string, (client: Peer, origin: Peer) => [Peer, Peer]][] = [
    ['client', (client, origin) => [client, origin]],
    ['instance', (client, origin) => [origin, client]],
  ]
  test.each(sides)('a reset of the %s reaches the other side', async (_, order) => {
    await using origin = await echo()
    await using serving = await Serving.start([origin], options)
    await using client = await serving.connect()
    client.send('x')
    await client.until('x')
    const [failing, other] = order(client, await origin.peer(0))
    failing.socket.resetAndDestroy()
    await other.untilClosed()
    expect(other.error).toMatchObject({ code: 'ECONNRESET' })
    await serving.untilQuiet()
  })
})

test('connections go to the targets in turn', async () => {
  const tagged = (tag: string) => Origin.start((peer) => peer.send(tag))
  await using one = await tagged('1')
  await using two = await tagged('2')
  await using serving = await Serving.start([one, two], { protocol: 'tcp' })
  const tags: string[] = []
  for (let i = 0; i < 4; i += 1) {
    await using client = await serving.connect()
    tags.push(await client.until(/\d/))
  }
  expect(tags).toEqual(['1', '2', '1', '2'])
})

test('a connection that is silent in both directions is closed after the idle timeout', async () => {
  await using origin = await echo()
  await using serving = await Serving.start([origin], { protocol: 'tcp' })
  await using client = await serving.connect()
  for (const text of ['a', 'b']) {
    client.send(text)
    await client.until(text)
    serving.clock.advance(59_500)
    expect(client.ended).toBe(false)
  }
  serving.clock.advance(800)
  await client.untilEnded()
  await (await origin.peer(0)).untilEnded()
  await serving.untilQuiet()
})

test('a target that refuses is passed over; without any, the connection is closed', async () => {
  await using origin = await echo()
  const refusing = { host: ownAddress(), port: 9 }
  await using serving = await Serving.start([refusing, origin], { protocol: 'tcp' })
  await using client = await serving.connect()
  client.send('x')
  await client.until('x')
  expect(serving.engine.counters()[0]?.targetConnectErrors).toBe(1)
  await serving.apply([refusing, origin])
  await using second = await serving.connect()
  second.send('y')
  await second.until('y')
  await using empty = await Serving.start([], { protocol: 'tcp' })
  await using third = await empty.connect()
  await third.untilEnded()
  await empty.untilQuiet()
})
