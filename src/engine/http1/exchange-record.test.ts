import { expect, test } from 'vitest'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { Reports } from '../../../test/support/reports.ts'
import { Serving } from '../../../test/support/serving.ts'
import type { ExchangeReport } from '../observer.ts'

test('a request that a target answers is reported with its times, bytes and statuses', async () => {
  const observer = new Reports()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { observer })
  await using client = await serving.connect()
  client.send('POST /a?b HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\nContent-Length: 5\r\n\r\nhello')
  const peer = await origin.peer(0)
  await peer.until('hello')
  serving.clock.advance(250)
  peer.send('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone')
  const answer = await client.until('gone')
  const [report] = observer.exchanges as [ExchangeReport]
  expect(report).toMatchObject({
    loadBalancer: 'lb',
    zone: 'a',
    client: {
      address: '127.0.0.1',
      port: client.socket.localPort,
      entrance: { address: serving.address, port: serving.port },
    },
    method: 'POST',
    host: 'a',
    userAgent: 'me',
    referer: '',
    requestTarget: '/a?b',
    version: '1.1',
    time: Date.parse('2026-01-01T00:00:00Z'),
    connectingAt: serving.clock.monotonic() - 250,
    status: 404,
    targetStatus: 404,
    sentHeadBytes: answer.length - 4,
    receivedBytes: 5,
    sentBytes: 4,
  })
  expect(report.target?.port).toBe(origin.port)
  expect([report.sentAt - report.receivedAt, report.answeredAt - report.sentAt]).toEqual([0, 250])
  expect(serving.engine.counters()[0]).toMatchObject({
    target4xx: 1,
    engine4xx: 0,
  })
})

test('a request has the time of the wall clock, also when that was set meanwhile', async () => {
  const observer = new Reports()
  await using origin = await Origin.answering(() => 'HTTP/1.1 204 No Content\r\n\r\n')
  await using serving = await Serving.start([origin], { observer })
  const hour = 3_600_000
  for (const ahead of [hour, -3 * hour]) {
    serving.clock.setAhead(ahead)
    serving.clock.advance(100)
    await serving.exchange('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await eventually(() => observer.exchanges.length === 1)
    expect(observer.exchanges.pop()?.time).toBe(serving.clock.now())
  }
})

test('when an answer has begun to go to the client is told apart from when it came and when it ended', async () => {
  const observer = new Reports()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { observer })
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  const start = serving.clock.monotonic()
  serving.clock.advance(100)
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na')
  await client.until(/a$/)
  serving.clock.advance(100)
  peer.send('b')
  await client.until(/ab$/)
  const [{ answeredAt, respondedAt, endedAt }] = observer.exchanges as [ExchangeReport]
  expect([answeredAt, respondedAt, endedAt].map((at) => at - start)).toEqual([100, 100, 200])
})

test('each request of a connection is reported once, in order, the first with the connection to the target', async () => {
  const observer = new Reports()
  await using origin = await Origin.start((peer) => {
    peer.socket.on('data', () => peer.send('HTTP/1.1 204 No Content\r\n\r\n'))
  })
  await using serving = await Serving.start([origin], { observer })
  await using client = await serving.connect()
  for (const path of ['/1', '/2', '/3']) {
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.until(/204[\s\S]*\r\n\r\n$/)
    client.take()
  }
  expect(observer.exchanges.map(({ requestTarget }) => requestTarget)).toEqual(['/1', '/2', '/3'])
  const [first, ...others] = observer.exchanges.map(({ connectingAt }) => connectingAt)
  expect(first).toBeGreaterThanOrEqual(0)
  expect(others).toEqual([-1, -1])
  expect(serving.engine.counters()[0]).toMatchObject({ target2xx: 3 })
})

test.each([
  ['no target is there', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 503, 'GET'],
  ['its head is malformed', 'GET / HTTP/1.1\r\n\r\n', 400, 'GET'],
  ['nothing of it can be read', 'G@T / HTTP/1.1\r\n\r\n', 400, ''],
])('a request that never reaches a target is reported: %s', async (_, request, status, method) => {
  const observer = new Reports()
  await using serving = await Serving.start([], { observer })
  await using client = await serving.connect()
  client.send(request)
  const [head, page] = (await client.until('</html>\r\n')).split('\r\n\r\n')
  expect(observer.exchanges).toHaveLength(1)
  expect(observer.exchanges[0]).toMatchObject({
    method,
    status,
    targetStatus: 0,
    target: null,
    sentAt: -1,
    answeredAt: -1,
    respondedAt: -1,
    sentHeadBytes: `${head}\r\n\r\n`.length,
    sentBytes: page?.length,
  })
  const errors = status < 500 ? { engine4xx: 1, engine5xx: 0 } : { engine4xx: 0, engine5xx: 1 }
  expect(serving.engine.counters()[0]).toMatchObject(errors)
})

test('a client that leaves before its answer is reported without a status', async () => {
  const observer = new Reports()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { observer })
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await (await origin.peer(0)).until('\r\n\r\n')
  client.socket.resetAndDestroy()
  await eventually(() => observer.exchanges.length === 1)
  expect(observer.exchanges[0]).toMatchObject({ status: 0, targetStatus: 0 })
  expect(observer.exchanges[0]?.target?.port).toBe(origin.port)
  await serving.untilQuiet()
})

test('a response that the target breaks off is reported once, with what was sent of it', async () => {
  const observer = new Reports()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { observer })
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
  await client.until('half')
  peer.socket.resetAndDestroy()
  await client.untilClosed()
  await serving.untilQuiet()
  expect(observer.exchanges).toHaveLength(1)
  expect(observer.exchanges[0]).toMatchObject({ status: 200, targetStatus: 200, sentBytes: 4 })
})
