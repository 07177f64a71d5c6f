/** Where a proxy is scraped: `/metrics` and `/healthz`, nothing else. */
import { createServer } from 'node:http'
import type { Registry } from 'prom-client'
import type { Logger } from '../../telemetry/logger.ts'

export interface MetricsServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly metrics: () => Registry
  readonly logger: Logger
}

/** Listens, and resolves when it does. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<AsyncDisposable> {
  const { host, port, metrics, logger } = options
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body)
    if (request.url === '/healthz') answer(200, 'text/plain', 'ok\n')
    else if (request.url !== '/metrics') answer(404, 'text/plain', 'not found\n')
    else {
      const registry = metrics()
      registry.metrics().then(
        (text) => answer(200, registry.contentType, text),
        (error: unknown) => {
          logger.error({ err: error }, 'metrics could not be told')
          answer(500, 'text/plain', 'internal error\n')
        },
      )
    }
  })
  server.requestTimeout = 10_000
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  logger.info({ address: server.address() }, 'metrics are served')
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
