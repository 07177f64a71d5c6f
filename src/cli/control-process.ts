/** The control process, put together by hand in reading order: store, status, hand-out to the proxies, certificates, DNS, APIs. */

import type { Registry } from 'prom-client'
import { type ApiServer, startApiServer } from '../api/server.ts'
import { validationZone } from '../aws/acm/validation-names.ts'
import { apiEvent } from '../aws/cloudtrail/events/api-event.ts'
import { recordCalls } from '../aws/cloudtrail/events/record-calls.ts'
import { AlarmEvaluator } from '../aws/cloudwatch/alarm-evaluator.ts'
import { keepElbMetrics } from '../aws/elb/keep-metrics.ts'
import { createS3Endpoint } from '../aws/s3/endpoint.ts'
import type { AccessKey } from '../aws/wire/access-keys.ts'
import { createAwsEndpoint } from '../aws/wire/endpoint.ts'
import type { FinishedCall } from '../aws/wire/finished-call.ts'
import { type DnsServer, startDnsServer } from '../dns/dns-server.ts'
import { examineLoadBalancers } from '../doctor/doctor.ts'
import { openDoctorSocket } from '../doctor/doctor-socket.ts'
import type { Notifications } from '../notifications/notifications.ts'
import { Names } from '../reconcile/names.ts'
import { ControlLink } from '../reconcile/proxy-link/control-link.ts'
import { Publication } from '../reconcile/publication.ts'
import { Reconciler } from '../reconcile/reconciler.ts'
import { StickinessKeys } from '../reconcile/stickiness-keys.ts'
import { type Settings, splitHostPort } from '../settings/settings.ts'
import { type Foundation, layFoundation } from './foundation.ts'
import { huaweiEndpoint } from './huawei.ts'
import { type Issuance, startIssuance } from './issuance.ts'
import { controlMetrics } from './metrics/control-metrics.ts'
import { exportMetrics } from './metrics/export-metrics.ts'
import { huaweiPart } from './metrics/huawei-series.ts'
import { LastMinute } from './metrics/last-minute.ts'
import { addNotificationMetrics } from './metrics/notification-metrics.ts'
import { ownProcess } from './metrics/own-process.ts'
import { linkBase, type NotificationParts, openNotifications } from './notifications.ts'
import { controlSocketPath, doctorSocketPath } from './paths.ts'
import { reset } from './reset.ts'
import { awsServices } from './services.ts'
import { startTrailDelivery } from './trail.ts'

export interface ControlProcess extends AsyncDisposable {
  readonly apiUrl: string
  /** HOST:PORT. */
  readonly dnsAddress: string
  /** The root access key, when this start has made it: the only time to show it. */
  readonly newRootKey: AccessKey | null
}

export async function startControl(settings: Settings): Promise<ControlProcess> {
  await using starting = new AsyncDisposableStack()
  const foundation = await layFoundation(settings, starting)
  const names = namesOf(foundation)
  const reconciler = await startReconciling(foundation, names, starting)
  const issuance = starting.use(await startIssuance(foundation, reconciler))
  const dns = starting.use(await startDns(foundation, names))
  starting.use(await openDoctor(foundation))
  starting.use(startTrailDelivery(foundation))
  const parts = await openNotifications(foundation)
  const { notifications } = parts
  starting.use(notifications)
  const lastMinute = starting.use(
    new LastMinute(foundation.clock, () => huaweiPart(foundation.board.countersByProxy())),
  )
  const metrics = metricsOf(foundation, reconciler, lastMinute, notifications)
  starting.use(await exportMetrics(settings, 'weir-control', metrics, foundation.logger))
  const api = starting.use(await startApi(foundation, { issuance, reconciler, metrics, ...parts }))
  await notifications.start(linkBase(settings, api.url))
  starting.use(new AlarmEvaluator(foundation)).start()

  const running = starting.move()
  return {
    apiUrl: api.url,
    dnsAddress: hostPort(dns.address, dns.port),
    newRootKey: foundation.newRootKey,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function namesOf({ settings: { region, dnsSuffix }, board }: Foundation): Names {
  return new Names(
    (check) => board.health(check)?.state === 'healthy',
    [`${region}.elb.${dnsSuffix}`, validationZone(dnsSuffix)],
  )
}

async function startReconciling(
  { settings, board, logger, store, metrics, clock, box }: Foundation,
  names: Names,
  starting: AsyncDisposableStack,
): Promise<Reconciler> {
  const link = await ControlLink.open({
    path: controlSocketPath(settings),
    board,
    keepFigures: (batch) => keepElbMetrics(batch, metrics),
    logger,
  })
  starting.use(link)
  const reconciler = new Reconciler({
    store,
    clock,
    logger,
    cookieKeys: await StickinessKeys.open(store, box),
    accountId: settings.accountId,
    region: settings.region,
    box,
    publish: (snapshot) => link.publish(snapshot),
    observe: (world, snapshot) => names.update(world, snapshot),
  })
  starting.use(reconciler)
  await reconciler.start()
  return reconciler
}

function startDns({ settings, logger, clock }: Foundation, names: Names): Promise<DnsServer> {
  return startDnsServer({
    ...splitHostPort(settings.dns),
    logger,
    clock,
    apexes: () => names.apexes(),
    lookup: (name) => names.lookup(name),
    texts: (name) => names.texts(name),
  })
}

function openDoctor({ settings, store, box, clock, logger, board }: Foundation) {
  return openDoctorSocket({
    path: doctorSocketPath(settings),
    examine: (question) => examineLoadBalancers(question, { store, box, clock, live: board }),
    logger,
  })
}

function metricsOf(
  { board }: Foundation,
  reconciler: Reconciler,
  lastMinute: LastMinute,
  notifications: Notifications,
): () => Registry {
  const own = ownProcess()
  addNotificationMetrics(own, notifications)
  return () => controlMetrics(board, reconciler, lastMinute, own)
}

interface ApiParts extends NotificationParts {
  readonly issuance: Issuance
  readonly reconciler: Reconciler
  readonly metrics: () => Registry
}

function startApi(foundation: Foundation, parts: ApiParts): Promise<ApiServer> {
  const { settings, store, events, ownBuckets, clock, logger, board, auth } = foundation
  const { accountId, region: defaultRegion } = settings
  const record = recordCalls((call: FinishedCall) => apiEvent(call, accountId), events, logger)
  const common = { clock, logger, accountId, defaultRegion, auth, record }
  return startApiServer({
    ...splitHostPort(settings.api),
    huawei: huaweiEndpoint(foundation),
    aws: createAwsEndpoint({ ...common, services: awsServices(foundation, parts), store }),
    s3: createS3Endpoint({ ...common, buckets: ownBuckets }),
    ready: () => board.connected > 0,
    metrics: () => parts.metrics().metrics(),
    signingCertificate: (path) => parts.notifications.certificateAt(path),
    localRoots: () => parts.issuance.authorities.localRoots(),
    ...(settings.dev ? { reset: () => resetAll(foundation, parts.reconciler) } : {}),
    clock,
    logger,
  })
}

function resetAll(foundation: Foundation, reconciler: Reconciler): Promise<void> {
  const { store, metrics, events, ownBuckets, board, clock, logger } = foundation
  const publication = new Publication(reconciler, board, clock)
  const forgotten = async (revision: number) => {
    if (board.connected === 0) return
    await publication.onListeners(revision).catch((error: unknown) => {
      logger.error({ err: error }, 'a proxy may still have what was there before the reset')
    })
  }
  return reset(store, [metrics, events, ...(ownBuckets === null ? [] : [ownBuckets])], forgotten)
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
