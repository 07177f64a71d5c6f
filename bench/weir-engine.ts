/** A program: Weir's engine on one thread with one node, which has a listener of each kind. Arguments: the node's address, the back end's, and a file with the certificate and its key. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine } from '../src/engine/engine.ts'
import { AccessLogs } from '../src/proxy/access-log/access-logs.ts'
import type {
  Certificate,
  HttpListener,
  ListenerTls,
  Pool,
  Snapshot,
} from '../src/snapshot/snapshot.ts'
import { systemClock } from '../src/std/clock.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import {
  allowedClients,
  backEnd,
  cipher,
  type Endpoint,
  furtherLists,
  ports,
  secureBackEnd,
  tlsProtocol,
} from './configs.ts'
import { type HttpKind, schemeOf } from './scenarios.ts'

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

/** With TLS to the back end, which may show any key. */
function securePool(endpoint: Endpoint): Pool {
  const plain = pool('http', 'least-outstanding', endpoint)
  return { ...plain, id: 'https', tls: { publicKeys: null } }
}

const tls: ListenerTls = {
  certificate: 'server',
  sni: [],
  sniMatch: 'wildcard',
  policy: { protocols: [tlsProtocol], ciphers: [cipher], serverOrder: true },
  clientCa: null,
}

/** A secret is needed, but not a good one. */
const key = Buffer.alloc(32).toString('base64')

function httpListener(kind: HttpKind): HttpListener {
  return {
    id: kind,
    protocol: 'http',
    port: ports[kind],
    pool: kind === 'reencrypted' ? 'https' : 'http',
    idleTimeout,
    desync: 'defensive',
    ...(schemeOf(kind) === 'https' ? { tls, http2: true } : {}),
    ...(kind === 'restricted' ? { access: { kind: 'allow', addresses: allowedClients } } : {}),
    ...(kind === 'sticky' ? { stickiness: { kind: 'lb-cookie', key, lifetime: null } } : {}),
  }
}

const accessLog = {
  ...{ loadBalancerName: loadBalancer, account: '123456789012', region: 'us-west-2' },
  ...{ bucket: 'logs', prefix: '', interval: 300_000 },
}

/** Lists that nobody asks of in a run. */
function furtherRestricted(): HttpListener[] {
  const { count, firstPort } = furtherLists
  return Array.from({ length: count }, (_, i) => ({
    ...httpListener('restricted'),
    id: `restricted-${i}`,
    port: firstPort + i,
    access: { kind: 'allow', addresses: [...allowedClients.slice(1), `192.0.2.${i}`] },
  }))
}

function snapshotOf(address: string, host: string, certificate: Certificate): Snapshot {
  const endpoint = { ...backEnd, host }
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
          httpListener('restricted'),
          ...furtherRestricted(),
          httpListener('https'),
          httpListener('reencrypted'),
          { idleTimeout, id: 'tcp', protocol: 'tcp', port: ports.tcp, pool: 'tcp' },
          { idleTimeout, id: 'ssl', protocol: 'tcp', port: ports.ssl, pool: 'tcp', tls },
        ],
      },
      {
        id: 'logging',
        loadBalancer,
        zone,
        addresses: [address],
        listeners: [httpListener('logged'), httpListener('sticky')],
        accessLog,
      },
    ],
    pools: [
      pool('http', 'least-outstanding', endpoint),
      securePool({ ...secureBackEnd, host }),
      pool('tcp', 'round-robin', endpoint),
    ],
    checks: [],
    certificates: [certificate],
    challenges: [],
    system: '',
  }
}

const [address, backEndHost, certificatePath] = process.argv.slice(2)
if (address === undefined || backEndHost === undefined || certificatePath === undefined) {
  throw new Error('usage: weir-engine.ts ADDRESS BACK-END CERTIFICATE')
}
const pem = readFileSync(certificatePath, 'latin1')
const certificate: Certificate = { id: 'server', chain: pem, key: pem }
const logger = createLogger('error')
/** Log files are written as ever, and thrown away when they are whole. */
const logs = mkdtempSync(join(tmpdir(), 'weir-bench-logs-'))
const closed = join(logs, 'closed')
const observer = new AccessLogs({
  open: join(logs, 'open'),
  closed,
  clock: systemClock,
  logger,
  onClosed: () => {
    for (const name of readdirSync(closed)) rmSync(join(closed, name), { recursive: true })
  },
})
mkdirSync(closed)
const engine = new Engine({ clock: systemClock, logger, reusePort: true, observer })
const snapshot = snapshotOf(address, backEndHost, certificate)
observer.apply(snapshot)
const failures = await engine.apply(snapshot)
if (failures.length > 0) throw new Error(`could not listen: ${JSON.stringify(failures)}`)
process.once('SIGTERM', () => {
  rmSync(logs, { recursive: true })
  process.exit(0)
})
