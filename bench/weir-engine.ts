/** A program: Weir's engine on one thread with one node, which has a listener of each kind. Arguments: the node's address and the back end's. */
import { Engine } from '../src/engine/engine.ts'
import type { HttpListener, Pool, Snapshot } from '../src/snapshot/snapshot.ts'
import { systemClock } from '../src/std/clock.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { AccessLog } from './access-log.ts'
import { backEnd, type Endpoint, logFile, ports } from './configs.ts'
import type { HttpKind } from './scenarios.ts'

const zone = 'a'
const loadBalancer = 'bench'
const idleTimeout = 60_000

function pool(protocol: Pool['protocol'], algorithm: Pool['algorithm'], endpoint: Endpoint): Pool {
  const target = { id: 'back-end', ...endpoint, zone, check: null }
  return {
    id: protocol,
    loadBalancer,
    protocol,
    algorithm,
    crossZone: false,
    proxyProtocol: false,
    targets: [target],
    draining: [],
    finishUnhealthy: true,
    maxConnections: null,
    slowStart: 0,
  }
}

/** A secret is needed, but not a good one. */
const key = Buffer.alloc(32).toString('base64')

function httpListener(kind: HttpKind): HttpListener {
  return {
    id: kind,
    protocol: 'http',
    port: ports[kind],
    pool: 'http',
    idleTimeout,
    desync: 'defensive',
    ...(kind === 'sticky' ? { stickiness: { kind: 'lb-cookie', key, lifetime: null } } : {}),
  }
}

function snapshotOf(address: string, endpoint: Endpoint): Snapshot {
  return {
    revision: 1,
    nodes: [
      {
        id: 'node',
        loadBalancer,
        zone,
        addresses: [address],
        listeners: [
          httpListener('http'),
          httpListener('logged'),
          httpListener('sticky'),
          { idleTimeout, id: 'tcp', protocol: 'tcp', port: ports.tcp, pool: 'tcp' },
        ],
      },
    ],
    pools: [pool('http', 'least-outstanding', endpoint), pool('tcp', 'round-robin', endpoint)],
    checks: [],
    certificates: [],
    challenges: [],
  }
}

const [address, backEndHost] = process.argv.slice(2)
if (address === undefined || backEndHost === undefined) {
  throw new Error('usage: weir-engine.ts ADDRESS BACK-END')
}
const engine = new Engine({
  clock: systemClock,
  logger: createLogger('error'),
  reusePort: true,
  observer: new AccessLog(logFile, ['logged', 'sticky']),
})
const failures = await engine.apply(snapshotOf(address, { ...backEnd, host: backEndHost }))
if (failures.length > 0) throw new Error(`could not listen: ${JSON.stringify(failures)}`)
process.once('SIGTERM', () => process.exit(0))
