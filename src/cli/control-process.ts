/** The control process, put together by hand in reading order: store, status, APIs, DNS, hand-out to the proxies. */
import { mkdirSync } from 'node:fs'
import { type ApiServer, startApiServer } from '../api/server.ts'
import { createAcmService } from '../aws/acm/service.ts'
import { validationZone } from '../aws/acm/validation-names.ts'
import { rememberFirstDefaultVpc } from '../aws/ec2/region.ts'
import { createEc2Service } from '../aws/ec2/service.ts'
import type { ElbPorts } from '../aws/elb/ports.ts'
import { createElbService } from '../aws/elb/service.ts'
import { createIamService } from '../aws/iam/service.ts'
import { createStsService } from '../aws/sts/service.ts'
import {
  type AccessKey,
  accessKeys,
  ensureRootKey,
  hasAccessKeys,
} from '../aws/wire/access-keys.ts'
import { type Authentication, type AwsEndpoint, createAwsEndpoint } from '../aws/wire/endpoint.ts'
import type { Service } from '../aws/wire/service.ts'
import { FolderBuckets } from '../buckets/folder-buckets.ts'
import { startDnsServer } from '../dns/dns-server.ts'
import { Names } from '../reconcile/names.ts'
import { ControlLink } from '../reconcile/proxy-link/control-link.ts'
import { Reconciler } from '../reconcile/reconciler.ts'
import { StatusBoard } from '../reconcile/status-board.ts'
import { hasStickinessSecret, StickinessKeys } from '../reconcile/stickiness-keys.ts'
import { keyFileOf, type Settings, splitHostPort } from '../settings/settings.ts'
import { systemClock } from '../std/clock.ts'
import { openSecretBox, type SecretBox } from '../std/secret-box.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { createLogger } from '../telemetry/logger.ts'
import { type Issuance, type IssuanceParts, startIssuance } from './issuance.ts'
import { metricsText, processMetrics } from './metrics.ts'
import { bucketsPath, controlSocketPath, storePath } from './paths.ts'
import { reset } from './reset.ts'

export interface ControlProcess extends AsyncDisposable {
  readonly apiUrl: string
  /** HOST:PORT. */
  readonly dnsAddress: string
  /** The root access key, when this start has made it: the only time to show it. */
  readonly newRootKey: AccessKey | null
}

/** A predecessor whose supervisor was killed finishes its requests before it lets go of the store. */
const predecessorMs = 5000

export async function startControl(settings: Settings): Promise<ControlProcess> {
  await using starting = new AsyncDisposableStack()
  const clock = systemClock
  const logger = createLogger(settings.logLevel, { process: 'control' })

  mkdirSync(settings.data, { recursive: true, mode: 0o700 })
  const store = starting.use(openSqliteStore(storePath(settings), predecessorMs))
  await rememberFirstDefaultVpc(store, settings.defaultVpc)

  const board = new StatusBoard()
  const box = await openBox(settings, store)
  const { auth, newRootKey } = await authentication(settings, store, box)
  const aws = createAwsEndpoint({
    services: services(settings, board, box),
    store,
    clock,
    logger,
    accountId: settings.accountId,
    defaultRegion: settings.region,
    auth,
  })

  const names = namesOf(settings, board)
  const link = await ControlLink.open({ path: controlSocketPath(settings), board, logger })
  starting.use(link)
  const reconciler = new Reconciler({
    store,
    clock,
    logger,
    cookieKeys: await StickinessKeys.open(store, box),
    accountId: settings.accountId,
    box,
    publish: (snapshot) => link.publish(snapshot),
    observe: (world, snapshot) => names.update(world, snapshot),
  })
  starting.use(reconciler)
  await reconciler.start()

  const issuance = await startIssuance(settings, { store, box, clock, logger, reconciler, board })
  starting.use(issuance)

  const dns = await startDnsServer({
    ...splitHostPort(settings.dns),
    logger,
    clock,
    apexes: () => names.apexes(),
    lookup: (name) => names.lookup(name),
    texts: (name) => names.texts(name),
  })
  starting.use(dns)

  const api = starting.use(await startApi(settings, { aws, board, store, issuance, logger }))

  const running = starting.move()
  return {
    apiUrl: api.url,
    dnsAddress: hostPort(dns.address, dns.port),
    newRootKey,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function namesOf({ region, dnsSuffix }: Settings, board: StatusBoard): Names {
  return new Names(
    (check) => board.health(check)?.state === 'healthy',
    [`${region}.elb.${dnsSuffix}`, validationZone(dnsSuffix)],
  )
}

function startApi(
  settings: Settings,
  parts: Pick<IssuanceParts, 'board' | 'store' | 'logger'> & {
    readonly aws: AwsEndpoint
    readonly issuance: Issuance
  },
): Promise<ApiServer> {
  const { aws, board, store, issuance, logger } = parts
  const ownMetrics = processMetrics()
  return startApiServer({
    ...splitHostPort(settings.api),
    aws,
    ready: () => board.connected > 0,
    metrics: () => metricsText(board, ownMetrics),
    localRoots: () => issuance.authorities.localRoots(),
    ...(settings.dev ? { reset: () => reset(store) } : {}),
    clock: systemClock,
    logger,
  })
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function services(settings: Settings, board: StatusBoard, box: SecretBox): Service[] {
  return [
    createElbService(elbPorts(settings, board)),
    createEc2Service(),
    createAcmService({
      box,
      quotas: {
        certificates: settings.maxAcmCertificates,
        namesPerCertificate: settings.maxCertificateNames,
      },
      dnsSuffix: settings.dnsSuffix,
    }),
    createIamService({ box, quotas: { serverCertificates: settings.maxServerCertificates } }),
    createStsService(),
  ]
}

/** Its key may be made only where nothing is sealed yet. */
async function openBox(settings: Settings, store: Store): Promise<SecretBox> {
  const sealed = (await hasAccessKeys(store)) || (await hasStickinessSecret(store))
  return openSecretBox(keyFileOf(settings), { mayCreate: !sealed })
}

async function authentication(
  settings: Settings,
  store: Store,
  box: SecretBox,
): Promise<{ auth: Authentication; newRootKey: AccessKey | null }> {
  if (settings.dev || settings.auth === 'none') {
    return {
      auth: { kind: 'none', ownNames: [splitHostPort(settings.api).host] },
      newRootKey: null,
    }
  }
  const { created, ...key } = await ensureRootKey(store, box)
  return {
    auth: { kind: 'sigv4', keys: accessKeys(store, box) },
    newRootKey: created ? key : null,
  }
}

function elbPorts(settings: Settings, board: StatusBoard): ElbPorts {
  return {
    health: board,
    quotas: {
      loadBalancers: settings.maxLoadBalancers,
      listeners: settings.maxListeners,
      securityGroups: settings.maxSecurityGroups,
      instances: settings.maxInstances,
      subnetsPerZone: 1,
      tags: settings.maxTags,
    },
    dnsSuffix: settings.dnsSuffix,
    logs: new FolderBuckets(bucketsPath(settings)),
  }
}
