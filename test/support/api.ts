import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer } from '../../src/api/server.ts'
import { createS3Endpoint } from '../../src/aws/s3/endpoint.ts'
import { createAwsEndpoint } from '../../src/aws/wire/endpoint.ts'
import type { Service } from '../../src/aws/wire/service.ts'
import type { FolderBuckets } from '../../src/buckets/folder-buckets.ts'
import type { HuaweiEndpoint } from '../../src/huawei/wire/endpoint.ts'
import { type Clock, systemClock } from '../../src/std/clock.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { bucketsIn } from './buckets.ts'

/** For tests that ask nothing of Huawei Cloud's services. */
export const noHuawei: HuaweiEndpoint = async () => ({ status: 404, headers: {}, body: null })

export interface TestApi extends AsyncDisposable {
  readonly url: string
  readonly store: Store
  readonly buckets: FolderBuckets
}

/** The given services over a store of their own, behind a real server on a free port that asks for no signature. */
export async function startApi({
  services,
  clock = systemClock,
  buckets,
  huawei = () => noHuawei,
}: {
  readonly services: readonly Service[]
  readonly clock?: Clock
  /** Default: some of its own. */
  readonly buckets?: FolderBuckets
  readonly huawei?: (store: Store, buckets: FolderBuckets) => HuaweiEndpoint
}): Promise<TestApi> {
  await using starting = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'weir-api-'))
  starting.defer(() => rm(folder, { recursive: true }))
  const store = starting.use(openSqliteStore(join(folder, 'store.db')))
  const logger = createLogger('silent')
  const common = {
    ...{ clock, logger, accountId: '123456789012', defaultRegion: 'us-west-2' },
    auth: { kind: 'none', ownNames: [] },
  } as const
  const aws = createAwsEndpoint({ ...common, services, store })
  const served = buckets ?? bucketsIn(folder)
  const s3 = createS3Endpoint({ ...common, buckets: served })
  const server = starting.use(
    await startApiServer({
      host: '127.0.0.1',
      port: 0,
      aws,
      huawei: huawei(store, served),
      s3,
      ready: () => true,
      metrics: async () => '',
      localRoots: async () => undefined,
      signingCertificate: async () => undefined,
      clock,
      logger,
    }),
  )
  const running = starting.move()
  return {
    url: server.url,
    store,
    buckets: served,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
