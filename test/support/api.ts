import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer } from '../../src/api/server.ts'
import { createAwsEndpoint } from '../../src/aws/wire/endpoint.ts'
import type { Service } from '../../src/aws/wire/service.ts'
import type { HuaweiEndpoint } from '../../src/huawei/wire/endpoint.ts'
import { type Clock, systemClock } from '../../src/std/clock.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'
import { createLogger } from '../../src/telemetry/logger.ts'

/** For tests that ask nothing of Huawei Cloud's services. */
export const noHuawei: HuaweiEndpoint = async () => ({ status: 404, headers: {}, body: null })

export interface TestApi extends AsyncDisposable {
  readonly url: string
  readonly store: Store
}

/** The given services over a store of their own, behind a real server on a free port that asks for no signature. */
export async function startApi({
  services,
  clock = systemClock,
}: {
  readonly services: readonly Service[]
  readonly clock?: Clock
}): Promise<TestApi> {
  await using starting = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'weir-api-'))
  starting.defer(() => rm(folder, { recursive: true }))
  const store = starting.use(openSqliteStore(join(folder, 'store.db')))
  const logger = createLogger('silent')
  const aws = createAwsEndpoint({
    services,
    store,
    clock,
    logger,
    accountId: '123456789012',
    defaultRegion: 'us-west-2',
    auth: { kind: 'none', ownNames: [] },
  })
  const server = starting.use(
    await startApiServer({
      host: '127.0.0.1',
      port: 0,
      aws,
      huawei: noHuawei,
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
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
