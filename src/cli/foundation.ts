/** What every part of the control process stands on. */
import { mkdirSync } from 'node:fs'
import { rememberFirstDefaultVpc } from '../aws/ec2/region.ts'
import {
  type AccessKey,
  accessKeys,
  ensureRootKey,
  hasAccessKeys,
} from '../aws/wire/access-keys.ts'
import type { Authentication } from '../aws/wire/authentication.ts'
import type { MetricStore } from '../metrics/metric-store.ts'
import { StatusBoard } from '../reconcile/status-board.ts'
import { hasStickinessSecret } from '../reconcile/stickiness-keys.ts'
import { keyFileOf, type Settings, splitHostPort } from '../settings/settings.ts'
import { type Clock, systemClock } from '../std/clock.ts'
import { openSecretBox, type SecretBox } from '../std/secret-box.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { createLogger, type Logger } from '../telemetry/logger.ts'
import type { EventHistory } from '../trail/event-history.ts'
import { Trails } from '../trail/trails.ts'
import { keepTidy, type OpenBuckets, openBuckets } from './buckets.ts'
import { openMetricStore } from './metric-store.ts'
import { storePath } from './paths.ts'
import { openEventHistory } from './trail.ts'

export interface Foundation extends OpenBuckets {
  readonly settings: Settings
  readonly clock: Clock
  readonly logger: Logger
  readonly store: Store
  readonly metrics: MetricStore
  /** Of API calls. */
  readonly events: EventHistory
  readonly trails: Trails
  readonly box: SecretBox
  /** What the proxies say. */
  readonly board: StatusBoard
  readonly auth: Authentication
  /** The root access key, when this start has made it. */
  readonly newRootKey: AccessKey | null
}

/** A predecessor whose supervisor was killed finishes its requests before it lets go of the store. */
const predecessorMs = 5000

/** @param starting closes what is opened here */
export async function layFoundation(
  settings: Settings,
  starting: AsyncDisposableStack,
): Promise<Foundation> {
  const clock = systemClock
  const logger = createLogger(settings.logLevel, { process: 'control' })
  mkdirSync(settings.data, { recursive: true, mode: 0o700 })
  const store = starting.use(openSqliteStore(storePath(settings), predecessorMs))
  await rememberFirstDefaultVpc(store, settings.defaultVpc)
  const metrics = openMetricStore(settings, { clock, logger, patience: predecessorMs }, starting)
  const trails = starting.use(await Trails.open(store, logger))
  const recording = { clock, logger, patience: predecessorMs }
  const events = starting.use(openEventHistory(settings, trails, recording))
  const buckets = await openBuckets(settings, clock)
  if (buckets.ownBuckets !== null) {
    const tidying = await keepTidy(buckets.ownBuckets, clock, logger)
    starting.defer(() => tidying.cancel())
  }
  const box = await openBox(settings, store)
  const known = await authentication(settings, store, box)
  return {
    settings,
    clock,
    logger,
    store,
    metrics,
    events,
    trails,
    ...buckets,
    box,
    board: new StatusBoard(),
    ...known,
  }
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
): Promise<Pick<Foundation, 'auth' | 'newRootKey'>> {
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
