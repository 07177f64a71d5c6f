import type { Registry } from 'prom-client'
import type { Settings } from '../../settings/settings.ts'
import { systemClock } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'

/** Pushes metrics where the settings say; without such a setting, OpenTelemetry's packages are not even loaded. */
export async function exportMetrics(
  { otlpEndpoint, otlpInterval }: Settings,
  service: 'weir-control' | 'weir-proxy',
  metrics: () => Registry,
  logger: Logger,
): Promise<AsyncDisposable | null> {
  if (otlpEndpoint === undefined) return null
  const { startOtlpExport } = await import('./otlp-export.ts')
  const intervalMs = otlpInterval * 1000
  const shared = { service, metrics, clock: systemClock, logger }
  return startOtlpExport({ endpoint: otlpEndpoint, intervalMs, ...shared })
}
