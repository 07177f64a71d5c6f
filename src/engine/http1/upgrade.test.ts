import { expect, test } from 'vitest'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const upgrade = 'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

test('after an upgrade, bytes pass both ways until both directions have ended', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(upgrade)
  const peer = await origin.peer(0)
  await peer.until(/Connection: upgrade\r\nUpgrade: websocket\r\n\r\n$/)
  peer.take()
  peer.send(`${switching}first`)
  await client.until(
    /^HTTP\/1\.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nfirst$/,
  )
  client.send('from the client')
  await peer.until('from the client')
  client.socket.end()
  await peer.untilEnded()
  peer.send('still from the instance')
  await client.until('still from the instance')
  peer.socket.end()
  await client.untilEnded()
  await serving.untilQuiet()
})

test('what the client sent ahead of the upgrade reaches the instance', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(`${upgrade}early`)
  const peer = await origin.peer(0)
  await peer.until(/\r\n\r\n$/)
  peer.send(switching)
  await peer.until(/\r\n\r\nearly$/)
})

test('a tunnel ends when nothing passes for the idle timeout, or one side fails', async () => {
  await using origin = await Origin.start((peer) => {
    peer.until('\r\n\r\n').then(() => peer.send(switching), String)
  })
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(upgrade)
  await client.until('101')
  serving.clock.advance(59_000)
  client.send('x')
  await (await origin.peer(0)).until(/x$/)
  serving.clock.advance(59_000)
  expect(serving.engine.open()).toMatchObject({ clientConnections: 1, targetConnections: 1 })
  serving.clock.advance(2000)
  await client.untilEnded()
  await serving.untilQuiet()
  const second = await serving.connect()
  second.send(upgrade)
  await second.until('101')
  ;(await origin.peer(1)).socket.resetAndDestroy()
  await second.untilClosed()
  await serving.untilQuiet()
})

test('an instance may decline, and the connections go on', async () => {
  await using origin = await Origin.answering(ok('no'))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(upgrade.repeat(2))
  await client.until((all) => all.match(/\r\n\r\nno/g)?.length === 2)
  expect(origin.peers).toHaveLength(1)
})

test('an upgrade to cleartext HTTP/2 is not asked for', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
  )
  const peer = await origin.peer(0)
  await peer.until(/\r\n\r\n$/)
  expect(peer.received).not.toMatch(/h2c|HTTP2/i)
})

test('a tunnel counts as outstanding until it ends', async () => {
  const answer = (head: string) => (head.includes('Upgrade') ? switching : ok('x'))
  await using one = await Origin.answering(answer)
  await using two = await Origin.answering(answer)
  await using serving = await Serving.start([one, two])
  await using tunnel = await serving.connect()
  tunnel.send(upgrade)
  await tunnel.until('101')
  await using client = await serving.connect()
  for (let i = 1; i <= 3; i += 1) {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.until((all) => all.match(/200/g)?.length === i)
  }
  await eventually(() => one.peers.length + two.peers.length === 2)
})
