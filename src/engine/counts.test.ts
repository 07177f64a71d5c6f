import { expect, test } from 'vitest'
import { DeafListener } from '../../test/support/deaf-listener.ts'
import { eventually, Origin } from '../../test/support/peer.ts'
import { Reports } from '../../test/support/reports.ts'
import { ok, Serving } from '../../test/support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const nowhere = { host: '127.0.0.1', port: 1 }
const counters = (serving: Serving) => serving.engine.counters()[0]

test('latency lasts from the request being sent to the head of the final answer, in seconds', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab')
  const peer = await origin.peer(0)
  await peer.until('ab')
  serving.clock.advance(200)
  peer.send('HTTP/1.1 103 Early Hints\r\n\r\n')
  await client.until('Hints')
  serving.clock.advance(50)
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
  await client.until('200 OK')
  serving.clock.advance(1000)
  peer.send('cd')
  await client.until('cd')
  const latency = { count: 1, sum: 0.25, minimum: 0.25, maximum: 0.25 }
  expect(serving.engine.takeFigures()).toMatchObject([{ loadBalancer: 'lb', zone: 'a', latency }])
  expect(serving.engine.takeFigures()).toEqual([])
})

test('a request is routed when it goes to a target, and counts once however many it goes to', async () => {
  let answers = 1
  await using origin = await Origin.start((peer) => {
    peer.socket.on('data', () => {
      answers -= 1
      if (answers >= 0) peer.send(ok('hello'))
      else peer.socket.resetAndDestroy()
    })
  })
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(get)
  await client.until('hello')
  client.take()
  client.send(get)
  await client.until('504')
  await eventually(() => origin.peers.length === 2)
  expect(counters(serving)).toMatchObject({ requests: 2, routed: 2, targetConnections: 2 })
})

test.each([
  ['that no target accepts', [nowhere], get, '503'],
  ['for which there is no target', [], get, '503'],
  ['that is malformed', [nowhere], 'GET / HTTP/1.1\r\n\r\n', '400'],
])('a request %s is not routed', async (_, places, request, status) => {
  await using serving = await Serving.start(places)
  await using client = await serving.connect()
  client.send(request)
  await client.until(status)
  expect(counters(serving)).toMatchObject({ routed: 0, targetConnections: 0, outstanding: 0 })
  expect(serving.engine.takeFigures()[0]?.latency).toBeUndefined()
})

test('a request is not sent before the connection to its target stands', async () => {
  const observer = new Reports()
  await using deaf = await DeafListener.start()
  await using serving = await Serving.start([deaf], { observer })
  await using client = await serving.connect()
  client.send(get)
  await eventually(() => counters(serving)?.outstanding === 1)
  client.socket.resetAndDestroy()
  await eventually(() => observer.exchanges.length === 1)
  expect(observer.exchanges[0]).toMatchObject({ target: { port: deaf.port }, sentAt: -1 })
  expect(counters(serving)).toMatchObject({ requests: 1, routed: 0, outstanding: 0 })
})

test('an answer that changes the protocol is of no class', async () => {
  await using origin = await Origin.start((peer) => {
    peer.socket.on('data', () =>
      peer.send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    )
  })
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')
  await client.until('101')
  expect(counters(serving)).toMatchObject({
    ...{ routed: 1, target2xx: 0, target5xx: 0, answersOther: 1 },
  })
})

test('a TCP connection is routed when one to a target was made, and its latency is how long that took', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([nowhere, origin], { protocol: 'tcp' })
  const clients = [await serving.connect(), await serving.connect()]
  await origin.peer(1)
  const errors = counters(serving)?.targetConnectErrors
  expect(errors).toBeGreaterThan(0)
  expect(counters(serving)).toMatchObject({ routed: 2, targetConnections: 2, outstanding: 2 })
  expect(serving.engine.takeFigures()).toMatchObject([
    { counts: { routed: 2 }, latency: { count: 2 } },
  ])
  for (const client of clients) client.reset()
  await eventually(() => counters(serving)?.outstanding === 0)
})

test('answers that Huawei Cloud’s metrics tell apart are counted, with the time until their end', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  const ask = async (peerNumber: number) => {
    const client = await serving.connect()
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    const peer = await origin.peer(peerNumber)
    await peer.until('\r\n\r\n')
    return { client, peer }
  }
  const missing = await ask(0)
  serving.clock.advance(500)
  missing.peer.socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
  await missing.client.untilEnded()
  const broken = await ask(1)
  broken.peer.send('nonsense\r\n\r\n')
  await broken.client.untilEnded()
  expect(counters(serving)).toMatchObject({
    answers404: 1,
    answers502: 1,
    answered: 2,
    answeredSeconds: 0.5,
    unanswered: 0,
  })
  const left = await ask(2)
  left.client.socket.resetAndDestroy()
  await eventually(() => counters(serving)?.unanswered === 1)
  expect(counters(serving)).toMatchObject({ answered: 2 })
})
