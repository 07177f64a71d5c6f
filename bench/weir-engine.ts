/** A program: Weir's engine on one thread with one node, which has a listener of each kind. Arguments: the node's address, the back end's, and a file with the certificate and its key. */
import { readFileSync } from 'node:fs'
import { Engine } from '../src/engine/engine.ts'
import type {
  Certificate,
  HttpListener,
  ListenerTls,
  Pool,
  Snapshot,
} from '../src/snapshot/snapshot.ts'
import { systemClock } from '../src/std/clock.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { AccessLog } from './access-log.ts'
import {
  backEnd,
  cipher,
  type Endpoint,
  logFile,
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
    ...(kind === 'sticky' ? { stickiness: { kind: 'lb-cookie', key, lifetime: null } } : {}),
  }
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
          httpListener('logged'),
          httpListener('sticky'),
          httpListener('https'),
          httpListener('reencrypted'),
          { idleTimeout, id: 'tcp', protocol: 'tcp', port: ports.tcp, pool: 'tcp' },
          { idleTimeout, id: 'ssl', protocol: 'tcp', port: ports.ssl, pool: 'tcp', tls },
        ],
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
  }
}

const [address, backEndHost, certificatePath] = process.argv.slice(2)
if (address === undefined || backEndHost === undefined || certificatePath === undefined) {
  throw new Error('usage: weir-engine.ts ADDRESS BACK-END CERTIFICATE')
}
const pem = readFileSync(certificatePath, 'latin1')
const certificate: Certificate = { id: 'server', chain: pem, key: pem }
const engine = new Engine({
  clock: systemClock,
  logger: createLogger('error'),
  reusePort: true,
  observer: new AccessLog(logFile, ['logged', 'sticky']),
})
const failures = await engine.apply(snapshotOf(address, backEndHost, certificate))
if (failures.length > 0) throw new Error(`could not listen: ${JSON.stringify(failures)}`)
process.once('SIGTERM', () => process.exit(0))
