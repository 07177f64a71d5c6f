/** Every property of a listener and its pool is changed under traffic: nobody's request fails, and no connection is closed for it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {
  AccessList,
  HttpListener,
  ListenerTls,
  Pool,
  Snapshot,
} from '../../src/snapshot/snapshot.ts'
import { CertificateAuthority } from '../support/certificate-authority.ts'
import { KeepAliveClient } from '../support/keep-alive-client.ts'
import { Origin } from '../support/peer.ts'
import { ok, Serving } from '../support/serving.ts'
import { snapshotCertificate, usualTls } from '../support/tls.ts'

const certificate = await snapshotCertificate()
const another = await snapshotCertificate()
const authority = await CertificateAuthority.create()
const key = Buffer.alloc(32, 3).toString('base64')
const timeouts = { request: 10_000, response: 10_000, keepAlive: 10_000 }

let origins: Origin[]
beforeAll(async () => {
  origins = await Promise.all([1, 2, 3].map(() => Origin.answering(ok('served'))))
})
afterAll(async () => {
  for (const origin of origins) await origin[Symbol.asyncDispose]()
})

interface Change {
  readonly listener?: Partial<HttpListener>
  readonly tls?: Partial<ListenerTls>
  readonly pool?: (pool: Pool) => Partial<Pool>
}

const weights =
  (...all: number[]) =>
  ({ targets }: Pool): Partial<Pool> => ({
    targets: targets.map((target, index) => ({ ...target, weight: all[index] ?? 1 })),
  })

const access: AccessList = { kind: 'deny', addresses: ['127.0.0.0/8'] }

const changes: Readonly<Record<string, Change>> = {
  'idle timeout': { listener: { idleTimeout: 1000 } },
  'request, response and keep-alive timeout': { listener: { timeouts } },
  'access list': { listener: { access } },
  'stickiness by a cookie': {
    listener: { stickiness: { kind: 'lb-cookie', key, lifetime: null } },
  },
  'stickiness by the application’s cookie': {
    listener: { stickiness: { kind: 'app-cookie', key, cookie: 'SID', name: 'BOUND' } },
  },
  'HTTP/2': { listener: { http2: true } },
  'inserted fields': {
    listener: {
      forwarding: {
        set: [{ name: 'X-Real-IP', value: { kind: 'fact', fact: 'client-address' } }],
        remove: ['X-Forwarded-ELB-ID'],
      },
    },
  },
  retries: { listener: { retries: 'silent' } },
  'answers to errors': {
    listener: {
      errors: {
        refused: 502,
        lost: 502,
        headersTooLarge: 400,
        unknownCoding: 501,
        routerCode: true,
      },
    },
  },
  'desync mitigation': { listener: { desync: 'strictest' } },
  rules: {
    listener: {
      rules: [
        {
          id: 'rule',
          conditions: [{ kind: 'path', match: 'regex', values: ['^/$'] }],
          action: { kind: 'forward', pools: [{ pool: 'other pool', weight: 1 }] },
        },
      ],
    },
  },
  'default pool': { listener: { pool: 'other pool' } },
  certificate: { tls: { certificate: another.id } },
  'certificates by name': { tls: { sni: [another.id], sniMatch: 'longest-suffix' } },
  'authorities of clients': { tls: { clientCa: authority.certificate } },
  'security policy': {
    tls: {
      policy: { protocols: ['TLSv1.3'], ciphers: ['TLS_AES_256_GCM_SHA384'], serverOrder: true },
    },
  },
  'balancing algorithm': { pool: () => ({ algorithm: 'source-ip' }) },
  'weights of targets': { pool: weights(0, 3, 100) },
  'slow start': { pool: () => ({ slowStart: 30_000 }) },
  'time to connect': { pool: () => ({ connectTimeout: 5000 }) },
  'bound of connections': { pool: () => ({ maxConnections: 1 }) },
  'a target that goes': {
    pool: ({ targets }) => ({
      targets: targets.slice(1),
      draining: targets.slice(0, 1).map(({ host, port }) => ({ id: 'd', host, port, until: null })),
    }),
  },
}

/** A load balancer with two listeners, of which one is changed; both use one pool. */
function snapshotWith(serving: Serving, change: Change): Snapshot {
  const snapshot = serving.snapshot(origins)
  const [node] = snapshot.nodes as [Snapshot['nodes'][0]]
  const [listener] = node.listeners as [HttpListener]
  const [pool] = snapshot.pools as [Pool]
  const changed: HttpListener = {
    ...listener,
    id: 'changed',
    port: serving.port + 1,
    tls: { ...usualTls(certificate), ...change.tls },
    ...change.listener,
  }
  return {
    ...snapshot,
    certificates: [certificate, another],
    nodes: [{ ...node, listeners: [listener, changed] }],
    pools: [
      { ...pool, ...change.pool?.(pool) },
      { ...pool, id: 'other pool' },
    ],
  }
}

/** Until each has got so many answers more. */
async function served(clients: readonly KeepAliveClient[], count: number): Promise<void> {
  for (const client of clients) {
    const enough = client.requests + count
    while (client.requests < enough && client.failures.length === 0) await client.next()
  }
}

test.each(Object.entries(changes))('%s', async (_, change) => {
  await using serving = await Serving.start(origins)
  await serving.engine.apply(snapshotWith(serving, {}))
  const secure = { rejectUnauthorized: false }
  const { address, port } = serving
  const clients = [0, 1].flatMap((offset) =>
    [1, 2, 3].map(
      () => new KeepAliveClient(address, port + offset, offset === 1 ? secure : undefined),
    ),
  )
  await served(clients, 3)
  for (const each of [change, {}, change]) {
    const applied = serving.engine.apply(snapshotWith(serving, each))
    await served(clients, 5)
    expect(await applied).toEqual([])
    await served(clients, 5)
  }
  for (const client of clients) await client.stop()
  expect(clients.flatMap(({ failures }) => failures)).toEqual([])
  for (const { answers } of clients) expect([...answers.keys()]).toEqual(['served'])
})
