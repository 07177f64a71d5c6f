import { expect, test } from 'vitest'
import { type Entry, readEntry } from '../../../test/support/access-log.ts'
import { connectionEntry, exchangeEntry } from '../../../test/support/log-reports.ts'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { Reports } from '../../../test/support/reports.ts'
import { ok, Serving } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'
import type { ConnectionReport, ExchangeReport, Observer } from '../observer.ts'

const get = 'GET /a?b HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\nConnection: close\r\n\r\n'
const nowhere = { host: '127.0.0.1', port: 1 }

class Entries implements Observer {
  readonly lines: string[] = []

  exchangeEnded(report: ExchangeReport): void {
    this.lines.push(exchangeEntry('web', report))
  }

  connectionEnded(report: ConnectionReport): void {
    this.lines.push(connectionEntry('web', report))
  }

  async only(): Promise<Entry> {
    await eventually(() => this.lines.length > 0)
    expect(this.lines).toHaveLength(1)
    return readEntry((this.lines[0] as string).slice(0, -1))
  }
}

const never = { backend: '-', times: ['-1', '-1', '-1'], backendStatus: '0' }

test('a request that is served has the instance and three times', async () => {
  const observer = new Entries()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { observer })
  await using client = await serving.connect()
  client.send(get)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  serving.clock.advance(250)
  peer.send(ok('hello'))
  await client.untilEnded()
  expect(await observer.only()).toEqual({
    timestamp: '2026-01-01T00:00:00.000000Z',
    elb: 'web',
    client: `127.0.0.1:${client.socket.localPort}`,
    backend: `127.0.0.1:${origin.port}`,
    times: ['0.000000', '0.250000', '0.000000'],
    elbStatus: '200',
    backendStatus: '200',
    receivedBytes: '0',
    sentBytes: '5',
    request: `GET http://a:${serving.port}/a?b HTTP/1.1`,
    userAgent: 'me',
    cipher: '-',
    protocol: '-',
  })
})

test('a request over TLS has what the handshake agreed on, and so has a connection', async () => {
  const certificate = await snapshotCertificate()
  const tls = usualTls(certificate)
  for (const protocol of ['http', 'tcp'] as const) {
    const observer = new Entries()
    await using origin = await Origin.answering(() => ok('hello'))
    const options = { observer, protocol, tls, certificates: [certificate] }
    await using serving = await Serving.start([origin], options)
    await using client = await serving.connect({ maxVersion: 'TLSv1.2' })
    client.send(get)
    await client.until('hello')
    client.socket.end()
    if (protocol === 'tcp') (await origin.peer(0)).socket.end()
    const entry = await observer.only()
    expect(entry).toMatchObject({
      cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
      protocol: 'TLSv1.2',
      request: protocol === 'tcp' ? '- - - ' : `GET https://a:${serving.port}/a?b HTTP/1.1`,
      userAgent: protocol === 'tcp' ? '-' : 'me',
    })
  }
})

test('a report that is kept still tells whose it was when the connection is gone and others have come', async () => {
  const certificate = await snapshotCertificate()
  const observer = new Reports()
  await using origin = await Origin.answering(() => ok('hello'))
  const options = { observer, tls: usualTls(certificate), certificates: [certificate] }
  await using serving = await Serving.start([origin], options)
  const ports: (number | undefined)[] = []
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    await using client = await serving.connect({ maxVersion })
    ports.push(client.socket.localPort)
    client.send(get)
    await client.until('hello')
    await client.untilEnded()
  }
  const told = observer.exchanges.map(({ client }) => [client.port, client.tls?.protocol])
  expect(told).toEqual([
    [ports[0], 'TLSv1.2'],
    [ports[1], 'TLSv1.3'],
  ])
})

test.each([
  ['no instance is there', [], get, '503'],
  ['its head is malformed', [], 'GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400'],
  ['its method is not allowed', [], `${'A'.repeat(200)} / HTTP/1.1\r\nHost: a\r\n\r\n`, '405'],
  ['the instance cannot be connected to', [nowhere], get, '503'],
])('a request that reached no instance: %s', async (_, places, request, elbStatus) => {
  const observer = new Entries()
  await using serving = await Serving.start(places, { observer })
  const answer = await serving.exchange(request)
  const sentBytes = String(answer.split('\r\n\r\n')[1]?.length)
  const userAgent = elbStatus === '503' ? 'me' : '-'
  expect(await observer.only()).toMatchObject({ ...never, elbStatus, sentBytes, userAgent })
})

test('a body that cannot be read is 400, with the URL and what came of it', async () => {
  const observer = new Entries()
  await using serving = await Serving.start([], { observer })
  const fields = 'Host: a:1\r\nUser-Agent: me\r\nTransfer-Encoding: chunked'
  await serving.exchange(`POST /a HTTP/1.1\r\n${fields}\r\n\r\nnonsense\r\n`)
  const request = 'POST http://a:1/a HTTP/1.1'
  expect(await observer.only()).toMatchObject({
    ...never,
    elbStatus: '400',
    request,
    userAgent: 'me',
  })
})

test('a request that is never whole is 408, and has no URL', async () => {
  const observer = new Entries()
  await using serving = await Serving.start([], { observer })
  await using client = await serving.connect()
  client.send('GET /a')
  await eventually(() => serving.engine.counters()[0]?.bytesIn === 6)
  serving.clock.advance(60_300)
  await client.untilEnded()
  const request = `- http://${serving.address}:${serving.port}- - `
  expect(await observer.only()).toMatchObject({ ...never, elbStatus: '408', request })
})

test.each([
  ['answers with what is no HTTP', '502', 'nonsense\r\n\r\n'],
  ['closes the connection', '504', null],
  ['does not answer before the idle timeout', '504', ''],
])('an instance that %s has not processed the request', async (_, elbStatus, answer) => {
  const observer = new Entries()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { observer })
  await using client = await serving.connect()
  client.send(get)
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  if (answer === '') serving.clock.advance(60_300)
  else if (answer === null) peer.socket.end()
  else peer.send(answer)
  await client.untilEnded()
  expect(await observer.only()).toMatchObject({ ...never, elbStatus })
})

test('a TCP connection has its bytes and times, and no statuses', async () => {
  const observer = new Entries()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { observer, protocol: 'tcp' })
  await using client = await serving.connect()
  const peer = await origin.peer(0)
  serving.clock.advance(100)
  client.send('abc')
  await peer.until('abc')
  peer.socket.end('de')
  await client.until('de')
  client.socket.end()
  expect(await observer.only()).toMatchObject({
    backend: `127.0.0.1:${origin.port}`,
    times: ['0.100000', '0.000000', '0.000000'],
    elbStatus: '-',
    backendStatus: '-',
    receivedBytes: '3',
    sentBytes: '2',
    request: '- - - ',
    userAgent: '-',
  })
})

test('a TCP connection for which there is no instance', async () => {
  const observer = new Entries()
  await using serving = await Serving.start([nowhere], { observer, protocol: 'tcp' })
  await using client = await serving.connect()
  await client.untilEnded()
  const { backend, times } = never
  expect(await observer.only()).toMatchObject({ backend, times, elbStatus: '-' })
})
