import { expect, test } from 'vitest'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { Reports } from '../../../test/support/reports.ts'
import { Serving } from '../../../test/support/serving.ts'
import type { ConnectionReport } from '../observer.ts'

const protocol = 'tcp'
/** Nothing listens there. */
const nowhere = { host: '127.0.0.1', port: 1 }

async function onlyReport({ connections }: Reports): Promise<ConnectionReport> {
  await eventually(() => connections.length > 0)
  expect(connections).toHaveLength(1)
  return connections[0] as ConnectionReport
}

/** Milliseconds from the acceptance to each step; -1 for those that it never came to. */
function times(report: ConnectionReport) {
  const since = (at: number) => (at < 0 ? at : at - report.acceptedAt)
  const { connectingAt, connectedAt, sentAt, answeredAt, respondedAt, endedAt } = report
  return {
    connecting: since(connectingAt),
    connected: since(connectedAt),
    sent: since(sentAt),
    answered: since(answeredAt),
    responded: since(respondedAt),
    ended: since(endedAt),
  }
}

test('a connection is reported when both sides are gone, with its ends, times and bytes', async () => {
  const observer = new Reports()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { protocol, observer })
  await using client = await serving.connect()
  const { localPort: port } = client.socket
  const peer = await origin.peer(0)
  client.send('a')
  await peer.until('a')
  serving.clock.advance(100)
  client.send('bcd')
  await peer.until('abcd')
  peer.send('ef')
  await client.until('ef')
  serving.clock.advance(100)
  client.socket.end()
  await peer.untilEnded()
  expect(observer.connections).toEqual([])
  serving.clock.advance(100)
  peer.socket.end('g')
  const report = await onlyReport(observer)
  expect(report).toMatchObject({
    loadBalancer: 'lb',
    zone: 'a',
    listener: 'listener',
    client: {
      address: '127.0.0.1',
      port,
      entrance: { address: serving.address, port: serving.port },
    },
    time: Date.parse('2026-01-01T00:00:00Z'),
    receivedBytes: 4,
    sentBytes: 3,
  })
  expect(report.target).toMatchObject({ host: origin.host, port: origin.port })
  expect(times(report)).toEqual({
    ...{ connecting: 0, connected: 0, sent: 0, answered: 100, responded: 100, ended: 300 },
  })
})

test('a connection without a byte has no times for what never came', async () => {
  const observer = new Reports()
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { protocol, observer })
  await using client = await serving.connect()
  const peer = await origin.peer(0)
  client.socket.end()
  await peer.untilEnded()
  peer.socket.end()
  const report = await onlyReport(observer)
  expect(report).toMatchObject({ receivedBytes: 0, sentBytes: 0 })
  expect(times(report)).toMatchObject({ connected: 0, sent: -1, answered: -1, responded: -1 })
})

test('a connection for which there is no target is reported', async () => {
  const observer = new Reports()
  await using serving = await Serving.start([], { protocol, observer })
  await using client = await serving.connect()
  await client.untilEnded()
  const report = await onlyReport(observer)
  expect(report.target).toBeNull()
  expect(times(report)).toMatchObject({ connecting: -1, connected: -1, sent: -1, ended: 0 })
})

test('a connection that no target accepts is reported once, with the target that was tried last', async () => {
  const observer = new Reports()
  const other = { host: '127.0.0.2', port: 1 }
  await using serving = await Serving.start([nowhere, other], { protocol, observer })
  await using client = await serving.connect()
  await client.untilEnded()
  const report = await onlyReport(observer)
  expect(report.target).toMatchObject(other)
  expect(times(report)).toMatchObject({ connecting: 0, connected: -1 })
  expect(serving.engine.counters()[0]).toMatchObject({ targetConnectErrors: 2 })
})

test('what a client sends while it waits in the surge queue counts, and goes to the target once there is one', async () => {
  const observer = new Reports()
  await using origin = await Origin.start()
  const pool = { maxConnections: 1 }
  await using serving = await Serving.start([origin], { protocol, observer, pool })
  await using first = await serving.connect()
  await origin.peer(0)
  await using second = await serving.connect()
  second.send('early')
  await eventually(() => serving.engine.counters()[0]?.bytesIn === 5)
  serving.clock.advance(100)
  first.socket.resetAndDestroy()
  const peer = await origin.peer(1)
  await peer.until('early')
  second.socket.resetAndDestroy()
  await eventually(() => observer.connections.length === 2)
  const [, report] = observer.connections as [ConnectionReport, ConnectionReport]
  expect(report).toMatchObject({ receivedBytes: 5 })
  expect(times(report)).toMatchObject({ connecting: 100, connected: 100, sent: 100 })
})

test('a client that leaves while it waits for a place is reported without a target', async () => {
  const observer = new Reports()
  await using origin = await Origin.start()
  const pool = { maxConnections: 1 }
  await using serving = await Serving.start([origin], { protocol, observer, pool })
  await using first = await serving.connect()
  await origin.peer(0)
  await using second = await serving.connect()
  await eventually(() => serving.engine.counters()[0]?.surgeQueueLength === 1)
  second.socket.resetAndDestroy()
  expect((await onlyReport(observer)).target).toBeNull()
  expect(first.ended).toBe(false)
})
