import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { bucketsIn } from '../../test/support/buckets.ts'
import { eventually } from '../../test/support/eventually.ts'
import { KeepAliveClient } from '../../test/support/keep-alive-client.ts'
import { defaultLimits } from '../engine/http1/limits.ts'
import type { NodeFigures } from '../snapshot/figures.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { systemClock } from '../std/clock.ts'
import { createLogger } from '../telemetry/logger.ts'
import { LogDelivery } from './access-log/log-delivery.ts'
import { EngineThreads } from './engine-threads.ts'

const address = `127.15.${Number(process.env.VITEST_POOL_ID ?? 0)}.1`
const port = 8080

async function origin(): Promise<number> {
  const server = createServer((_, response) => response.setHeader('content-length', 2).end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function snapshotFor(targetPort: number): Snapshot {
  const target = { id: 'i-1', host: '127.0.0.1', port: targetPort, zone: 'a', check: 'c' }
  return {
    revision: 1,
    nodes: [
      {
        id: 'n',
        loadBalancer: 'lb',
        zone: 'a',
        addresses: [address],
        listeners: [
          { id: 'l', protocol: 'http', port, pool: 'p', idleTimeout: 60_000, desync: 'defensive' },
        ],
      },
    ],
    pools: [
      {
        id: 'p',
        loadBalancer: 'lb',
        protocol: 'http',
        algorithm: 'least-outstanding',
        crossZone: true,
        proxyProtocol: false,
        draining: [],
        finishUnhealthy: true,
        maxConnections: null,
        slowStart: 0,
        targets: [target],
      },
    ],
    certificates: [],
    challenges: [],
    system: '',
    checks: [
      {
        id: 'c',
        host: '127.0.0.1',
        port: targetPort,
        probe: { protocol: 'tcp' },
        interval: 30_000,
        timeout: 5000,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
    ],
  }
}

/** Two threads that serve an instance, and what they report. */
async function start(stack: AsyncDisposableStack) {
  const applied: number[] = []
  const figures: NodeFigures[] = []
  const spool = await mkdtemp(join(tmpdir(), 'weir-spool-'))
  stack.defer(() => rm(spool, { recursive: true }))
  const logger = createLogger('silent')
  const buckets = bucketsIn(spool)
  const logs = stack.use(new LogDelivery({ spool, buckets, clock: systemClock, logger }))
  const threads = new EngineThreads({
    threads: 2,
    limits: defaultLimits,
    logLevel: 'silent',
    clock: systemClock,
    logger,
    logs,
    onFinished: () => {},
    onFigures: (more) => figures.push(...more),
    onApplied: (revision) => applied.push(revision),
    module: new URL('../../test/support/crashing-engine-thread.ts', import.meta.url),
  })
  stack.use(threads)
  threads.apply(snapshotFor(await origin()))
  threads.setHealth('c', true)
  await eventually('both threads to apply', () => applied.length === 1)
  return { threads, applied, figures }
}

test('threads report what nodes have counted, each thing once', async () => {
  await using stack = new AsyncDisposableStack()
  const { threads, figures } = await start(stack)
  const clients = Array.from({ length: 16 }, () => new KeepAliveClient(address, port))
  const routed = () => figures.reduce((sum, { counts }) => sum + (counts.routed ?? 0), 0)
  await Promise.all(clients.map((client) => client.next()))
  await threads.report()
  expect(routed()).toBeGreaterThan(0)
  for (const client of clients) await client.stop()
  await threads.report()
  await threads.report()
  expect(routed()).toBe(clients.reduce((sum, { requests }) => sum + requests, 0))
})

test('a thread that crashes is started again with snapshot and health, and the others go on', async () => {
  await using stack = new AsyncDisposableStack()
  const { threads, applied } = await start(stack)

  const clients = Array.from({ length: 32 }, () => new KeepAliveClient(address, port))
  await Promise.all(clients.map((client) => client.next()))
  const channel = new BroadcastChannel('crash')
  channel.postMessage(0)
  await eventually('the thread to be there again', () => applied.length === 2)
  channel.close()

  const lost = clients.filter((client) => client.failures.length > 0)
  const kept = clients.filter((client) => client.failures.length === 0)
  expect(lost.length).toBeGreaterThan(0)
  expect(kept.length).toBeGreaterThan(0)
  const again = Array.from({ length: 32 }, () => new KeepAliveClient(address, port))
  await Promise.all([...kept, ...again].map((client) => client.next()))
  for (const client of [...kept, ...again]) {
    await client.stop()
    expect(client.failures).toEqual([])
  }
  await threads.report()
  expect(threads.counters()).toMatchObject([{ listener: 'l' }])
})
