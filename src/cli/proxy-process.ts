/** The proxy process, put together by hand. */
import { join } from 'node:path'
import { ProxyAgent } from '../proxy/proxy-agent.ts'
import { keyFileOf, type Settings, splitHostPort } from '../settings/settings.ts'
import { systemClock } from '../std/clock.ts'
import { openSecretBox } from '../std/secret-box.ts'
import { createLogger, type Logger } from '../telemetry/logger.ts'
import { openBuckets } from './buckets.ts'
import { warnOfFewDescriptors } from './descriptor-limit.ts'
import { exportMetrics } from './metrics/export-metrics.ts'
import { huaweiPart } from './metrics/huawei-series.ts'
import { LastMinute } from './metrics/last-minute.ts'
import { startMetricsServer } from './metrics/metrics-server.ts'
import { ownProcess } from './metrics/own-process.ts'
import { proxyMetrics } from './metrics/proxy-metrics.ts'
import { controlSocketPath } from './paths.ts'

export interface ProxyProcess extends AsyncDisposable {
  readonly agent: ProxyAgent
}

export async function startProxy(settings: Settings): Promise<ProxyProcess> {
  const logger = createLogger(settings.logLevel, { process: 'proxy' })
  warnOfFewDescriptors(logger)
  const { buckets } = await openBuckets(settings, systemClock)
  const agent = new ProxyAgent({
    data: join(settings.data, 'proxy'),
    buckets,
    control: controlSocketPath(settings),
    threads: settings.threads,
    limits: {
      startLine: settings.maxRequestLine,
      headerLine: settings.maxHeaderLine,
      headers: settings.maxHeaders,
      pipelined: settings.maxPipelined,
    },
    logLevel: settings.logLevel,
    // Control makes the key, before it sends anything.
    openBox: () => openSecretBox(keyFileOf(settings), { mayCreate: false }),
    clock: systemClock,
    logger,
  })
  await agent.start()
  const monitoring = await startMonitoring(settings, agent, logger)
  return {
    agent,
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]()
      await monitoring.disposeAsync()
    },
  }
}

/** Traffic does not depend on it: what cannot be had is logged. */
async function startMonitoring(
  settings: Settings,
  agent: ProxyAgent,
  logger: Logger,
): Promise<AsyncDisposableStack> {
  const monitoring = new AsyncDisposableStack()
  const own = ownProcess()
  const lastMinute = monitoring.use(
    new LastMinute(systemClock, () => huaweiPart(new Map([['', agent.status().counters]]))),
  )
  const metrics = () => proxyMetrics(agent, lastMinute, own)
  if (settings.proxyMetrics !== undefined) {
    try {
      const address = splitHostPort(settings.proxyMetrics)
      monitoring.use(await startMetricsServer({ ...address, metrics, logger }))
    } catch (error) {
      logger.error({ err: error, address: settings.proxyMetrics }, 'metrics are not served')
    }
  }
  monitoring.use(await exportMetrics(settings, 'weir-proxy', metrics, logger))
  return monitoring
}
