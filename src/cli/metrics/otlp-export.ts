/** Pushes what `/metrics` tells to an OpenTelemetry collector, over OTLP/HTTP: the same series under the same names. */
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  MeterProvider,
  type MetricProducer,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import type { Registry } from 'prom-client'
import type { Clock } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { otlpMetrics } from './otlp-metrics.ts'

export interface OtlpExportOptions {
  /** Of the collector, e.g. `http://127.0.0.1:4318`. */
  readonly endpoint: string
  readonly intervalMs: number
  /** `weir-control` or `weir-proxy`. */
  readonly service: string
  readonly metrics: () => Registry
  readonly clock: Clock
  readonly logger: Logger
}

/** Disposing sends what there is a last time, as far as the collector takes it. */
export function startOtlpExport(options: OtlpExportOptions): AsyncDisposable {
  const { endpoint, intervalMs, service, metrics, clock, logger } = options
  const resource = resourceFromAttributes({ 'service.name': service, 'process.pid': process.pid })
  const startedAt = clock.now()
  diag.setLogger(failuresTo(logger), DiagLogLevel.WARN)
  const producer: MetricProducer = {
    async collect() {
      const families = await metrics().getMetricsAsJSON()
      const period = { startedAt, now: clock.now() }
      const scope = { scope: { name: 'weir' }, metrics: otlpMetrics(families, period) }
      return { resourceMetrics: { resource, scopeMetrics: [scope] }, errors: [] }
    },
  }
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: new URL('v1/metrics', slashed(endpoint)).href }),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, 10_000),
    metricProducers: [producer],
  })
  const provider = new MeterProvider({ resource, readers: [reader] })
  return {
    [Symbol.asyncDispose]: () =>
      provider.shutdown().catch((error: unknown) => {
        logger.warn({ err: error }, 'the last metrics could not be exported')
      }),
  }
}

/** What the library has to say: that the collector is not there, that it refuses. */
function failuresTo(logger: Logger): DiagLogger {
  const warn = (message: string, ...details: unknown[]) =>
    logger.warn({ details }, `metrics export: ${message}`)
  const ignore = () => undefined
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore }
}

function slashed(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
