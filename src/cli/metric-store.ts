import { MetricStore } from '../metrics/metric-store.ts'
import type { Settings } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { metricStorePath } from './paths.ts'

const hourMs = 3_600_000
const bytesPerMegabyte = 1_048_576

/** Opens the metric store, and tidies it every hour. @param starting closes it */
export function openMetricStore(
  settings: Settings,
  { clock, logger, patience }: { clock: Clock; logger: Logger; patience: number },
  starting: AsyncDisposableStack,
): MetricStore {
  const maxBytes = settings.maxMetricMegabytes * bytesPerMegabyte
  const path = metricStorePath(settings)
  const store = starting.use(MetricStore.open({ path, patience, maxBytes, clock }))
  const tidying = clock.every(hourMs, () => {
    store.tidy().catch((err: unknown) => logger.error({ err }, 'metrics could not be tidied'))
  })
  starting.defer(() => tidying.cancel())
  return store
}
