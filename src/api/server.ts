/** The HTTP front door: health, metrics and reset here, Huawei Cloud's paths to its endpoint, what is for S3 to S3, everything else to the AWS endpoint. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bucketOfHost } from '../aws/s3/address.ts'
import type { S3Endpoint } from '../aws/s3/endpoint.ts'
import { foreignPage } from '../aws/wire/browser-guard.ts'
import { signedService } from '../aws/wire/credential.ts'
import { type AwsEndpoint, maxBodyBytes } from '../aws/wire/endpoint.ts'
import { type HuaweiEndpoint, maxBodyBytes as maxHuaweiBodyBytes } from '../huawei/wire/endpoint.ts'
import type { Clock } from '../std/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { readBody } from './body.ts'

export interface ApiServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly aws: AwsEndpoint
  readonly huawei: HuaweiEndpoint
  readonly s3: S3Endpoint
  readonly ready: () => boolean | Promise<boolean>
  /** Metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>
  /** PEM of the local CA's roots; undefined when there are none. */
  readonly localRoots: () => Promise<string | undefined>
  /** PEM of the certificate, at that path, that notifications are verified by; undefined when it is none of ours. */
  readonly signingCertificate: (path: string) => Promise<string | undefined>
  /** Empties the system; without it there is no `POST /_weir/reset`. */
  readonly reset?: () => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

export interface ApiServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
}

/** Bounds on clients that send slowly or too much, in milliseconds and bytes; the body's bounds are the endpoints'. */
const serverLimits = {
  /** A GET has all its parameters in the request line. */
  maxHeaderSize: 65_536,
  headersTimeout: 10_000,
  /** What is put into buckets takes as long as it takes: see `requestTimeout`. */
  requestTimeout: 0,
  /** Longer than the minute that SDKs keep idle connections, so that they close first. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
} as const

/** Milliseconds for a request to arrive that is not for S3, with its body. */
const requestTimeout = 30_000
/** Milliseconds for the requests in progress when the server closes: ours take less, and a client may never send the rest of its own. */
const closingGrace = 2000

/** Each can hold a body of the largest size in memory. */
const maxConnections = 1024

type Env = { Bindings: HttpBindings }

/** Listens, and resolves when it does. Disposing finishes the requests in progress, for two seconds at most. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const closing = new AbortController()
  const others = getRequestListener(routes(options, closing.signal).fetch, {
    overrideGlobalObjects: false,
  })
  const server = serverFor(others, options)
  server.maxConnections = maxConnections
  await listen(server, options)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the API server has no port')
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    async [Symbol.asyncDispose]() {
      closing.abort()
      await close(server, options.clock)
    },
  }
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

/** S3 takes its requests before anything is read of their bodies, and says itself when a client that asks may send one. */
function serverFor(others: Listener, { s3, clock }: ApiServerOptions): Server {
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (belongsToS3(incoming)) {
      void s3(incoming, outgoing)
      return
    }
    if (incoming.headers.expect !== undefined) outgoing.writeContinue()
    const late = clock.after(requestTimeout, () => incoming.socket.destroy())
    incoming.once('close', () => late.cancel())
    void others(incoming, outgoing)
  }
  return createServer(serverLimits, answer).on('checkContinue', answer)
}

/** Paths that mean the same to everybody who does not sign for S3. */
const ownPath =
  /^\/(healthz|readyz|metrics|v3|v2|v2\.0|network(?=\/?$|\/v2\.0)|load-balancer(?=\/?$|\/v2)|versions|console|_weir|SimpleNotificationService-[0-9a-f]+\.pem)(\/|\?|$)/

/** Of Huawei Cloud's ELB and of Keystone, of Octavia, and of Neutron. */
const huaweiPaths = [
  ...['/v3', '/v3/*', '/versions'],
  ...['/v2', '/v2/*', '/v2.0', '/v2.0/*'],
  ...['/load-balancer', '/load-balancer/', '/load-balancer/v2', '/load-balancer/v2/*'],
  ...['/load-balancer/v2.0', '/load-balancer/v2.0/*'],
  ...['/network', '/network/v2.0', '/network/v2.0/*'],
]

/** What is not signed at all is for S3 when it names a bucket: the other services are at `/`, or say in what they speak. */
function belongsToS3(incoming: IncomingMessage): boolean {
  const { url = '/', headers } = incoming
  const signer = signedService(incoming)
  if (signer !== null) return signer === 's3'
  if (ownPath.test(url) || headers['smithy-protocol'] !== undefined) return false
  return !/^\/?(\?|$)/.test(url) || bucketOfHost(headers.host) !== null
}

function routes(options: ApiServerOptions, closing: AbortSignal): Hono<Env> {
  const { aws, ready, metrics, localRoots, signingCertificate, reset, logger } = options
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    await next()
    if (closing.aborted) c.header('connection', 'close')
  })
  app.get('/healthz', (c) => c.text('ok\n'))
  app.get('/readyz', async (c) =>
    (await ready()) ? c.text('ready\n') : c.text('not ready\n', 503),
  )
  app.get('/metrics', async (c) =>
    c.body(await metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  )
  app.get('/_weir/local-ca.pem', async (c) => {
    const roots = await localRoots()
    if (roots === undefined) return c.json({ message: 'There is no local CA' }, 404)
    return c.body(roots, 200, { 'content-type': 'application/x-pem-file' })
  })
  app.get('/:file{SimpleNotificationService-[0-9a-f]+\\.pem}', async (c) => {
    const certificate = await signingCertificate(c.req.path)
    if (certificate === undefined) return c.json({ message: 'There is no such certificate' }, 404)
    return c.body(certificate, 200, { 'content-type': 'application/x-pem-file' })
  })
  app.post('/_weir/reset', async (c) => {
    if (reset === undefined) return c.json({ message: 'This server has no reset' }, 404)
    const reason = foreignPage(headersOf(c.env.incoming), [options.host])
    if (reason !== null) return c.json({ message: `Reset is refused: ${reason}` }, 403)
    await reset()
    return c.body(null, 204)
  })
  for (const path of huaweiPaths)
    app.all(path, (c) => answer(c, options.huawei, maxHuaweiBodyBytes))
  for (const path of ['/console', '/console/*']) {
    app.all(path, (c) => c.json({ message: `${c.req.path} is not built yet` }, 501))
  }
  app.all('*', (c) => answer(c, aws, maxBodyBytes))
  app.onError((error, c) => {
    if (wasAbandoned(c.env.incoming)) {
      logger.debug({ err: error }, 'a client left before its request was complete')
      return c.body(null, 400)
    }
    logger.error({ err: error, method: c.req.method, path: c.req.path }, 'api request failed')
    return c.json({ message: 'The request failed because of an internal error' }, 500)
  })
  return app
}

/** @param maxBytes of a body: what is beyond is not read */
async function answer(
  c: Context<Env>,
  endpoint: AwsEndpoint | HuaweiEndpoint,
  maxBytes: number,
): Promise<Response> {
  const { incoming } = c.env
  const body = await readBody(incoming, maxBytes)
  // The endpoint verifies what the client signed, so it gets path, query and headers as they were sent.
  const response = await endpoint({
    method: incoming.method ?? '',
    rawUrl: incoming.url ?? '',
    headers: headersOf(incoming),
    body: body.bytes,
    remoteAddress: incoming.socket.remoteAddress ?? '',
  })
  // What was not read of the body would be taken for the next request.
  const connection = body.complete ? {} : { connection: 'close' }
  return new Response(response.body, {
    status: response.status,
    headers: { ...response.headers, ...connection },
  })
}

/** Nobody is there to read an answer; and it is no fault of ours, so that it must not fill the log. */
function wasAbandoned({ destroyed, complete }: IncomingMessage): boolean {
  return destroyed && !complete
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const present: [string, string][] = []
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) present.push([name, Array.isArray(value) ? value.join(',') : value])
  }
  return Object.fromEntries(present)
}

function listen(server: Server, { host, port }: ApiServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, () => {
    server.off('error', reject)
    resolve()
  })
  return promise
}

/** Connections that wait for their next request close at once; the others after their answer, or when the grace is over. */
async function close(server: Server, clock: Clock): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.close((error) => (error === undefined ? resolve() : reject(error)))
  server.closeIdleConnections()
  const grace = clock.after(closingGrace, () => server.closeAllConnections())
  await promise.finally(() => grace.cancel())
}
