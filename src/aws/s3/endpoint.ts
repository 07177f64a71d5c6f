/**
 * S3 on the shared endpoint, over the buckets that are folders: read who signed and what is asked, verify, pick the operation, run it, answer.
 * Unlike the other services it takes and gives bodies of any length, so that it works on the request itself. All errors become answers here,
 * and every request becomes one line of the log.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { FolderBuckets } from '../../buckets/folder-buckets.ts'
import type { Clock } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { type Authentication, authenticate, requireRegion } from '../wire/authentication.ts'
import type { ChunkSigner } from '../wire/aws-chunked.ts'
import { type Credential, queryOf, readCredential } from '../wire/credential.ts'
import { ApiError } from '../wire/errors.ts'
import type { CallRecorder, Typed } from '../wire/finished-call.ts'
import type { AwsRequest } from '../wire/protocol.ts'
import { logRequest } from '../wire/request-log.ts'
import { type RestOperation, RestRoutes } from '../wire/rest-routes.ts'
import { decodeRest, encodeRest, encodeRestError, type RestAnswer } from '../wire/rest-xml.ts'
import { addressOf } from './address.ts'
import { notImplemented, toS3Error } from './errors.ts'
import type { S3Operation } from './operation.ts'
import { Payload } from './payload.ts'
import { s3SigningRules } from './signing.ts'

export interface S3EndpointOptions {
  /** Null: they are elsewhere, and this server has none. */
  readonly buckets: FolderBuckets | null
  readonly clock: Clock
  readonly logger: Logger
  readonly accountId: string
  /** The region of requests that are not signed. */
  readonly defaultRegion: string
  readonly auth: Authentication
  /** Told of every call when its answer is ready. */
  readonly record?: CallRecorder
}

/** Answers a request. Resolves when the answer is written, or the client has gone. */
export type S3Endpoint = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'
/** Requests that run at once; one more is told to slow down. */
const maxInProgress = 256
/** A connection on which nothing moves for so long, in the middle of a body, is closed. */
const idleMs = 30_000

export function createS3Endpoint(options: S3EndpointOptions): S3Endpoint {
  const endpoint = new Endpoint(options)
  return (incoming, outgoing) => endpoint.answer(incoming, outgoing)
}

/** What becomes known of a request on its way. */
interface Exchange {
  readonly requestId: string
  readonly request: AwsRequest
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  operation: string | undefined
  region: string
  accessKeyId: string | null
  authenticated: boolean
  input: Typed | undefined
  output: Typed | undefined
  error: ApiError | undefined
}

interface Loaded {
  readonly routes: RestRoutes
  readonly operations: Readonly<Record<string, S3Operation>>
}

class Endpoint {
  readonly #options: S3EndpointOptions
  #loaded: Promise<Loaded> | undefined
  #inProgress = 0

  constructor(options: S3EndpointOptions) {
    this.#options = options
  }

  async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { clock, defaultRegion: region } = this.#options
    const started = clock.monotonic()
    const requestId = randomUUID()
    const request = requestOf(incoming)
    const exchange: Exchange = {
      ...{ requestId, request, incoming, outgoing, region },
      operation: undefined,
      accessKeyId: null,
      authenticated: false,
      input: undefined,
      output: undefined,
      error: undefined,
    }
    let answer: RestAnswer
    this.#inProgress += 1
    try {
      answer = await this.#run(exchange)
    } catch (thrown) {
      const error = this.#toError(thrown, exchange)
      exchange.error = error
      answer = encodeRestError(error, request.rawUrl.split('?', 1)[0] ?? '', requestId)
    } finally {
      this.#inProgress -= 1
    }
    await this.#record(exchange)
    const code = exchange.error?.code
    logRequest(this.#options, started, { ...exchange, service: 's3', status: answer.status, code })
    await send(exchange, answer)
  }

  async #run(exchange: Exchange): Promise<RestAnswer> {
    const { request } = exchange
    const credential = readCredential(request)
    exchange.accessKeyId = credential?.accessKeyId ?? null
    if (this.#inProgress > maxInProgress) {
      throw new ApiError('SlowDown', 'Please reduce your request rate.', 503)
    }
    const { auth, clock } = this.#options
    const key = await authenticate(request, credential, auth, clock.now(), s3SigningRules)
    exchange.authenticated = true
    const { buckets } = this.#options
    if (buckets === null) {
      throw notImplemented(
        'There are no buckets here: --s3-endpoint names the server that has them',
      )
    }
    if (credential !== null) exchange.region = requireRegion(credential.scope.region)
    const { bucket, key: objectKey } = addressOf(request.headers.host, request.rawUrl)
    const values = new Map<string, string>()
    if (bucket !== null) values.set('Bucket', bucket)
    if (objectKey !== null) values.set('Key', objectKey)
    const rest = {
      method: request.method,
      labels: [...values.keys()],
      query: new Map(queryOf(request)),
      headers: request.headers,
    }
    const { routes, operations } = await this.#load()
    const model = routes.find(rest)
    if (model === undefined) {
      throw new ApiError(
        'MethodNotAllowed',
        'The specified method is not allowed against this resource.',
        405,
      )
    }
    exchange.operation = model.name
    const run = operations[model.name]
    if (run === undefined)
      throw notImplemented(`Operation ${model.name} of S3 is not available here`)
    const payload = this.#payload(exchange, credential, key)
    const input = await decodeRest(model, { ...rest, values, body: () => payload.whole() })
    exchange.input = { schema: model.input, value: input }
    const output = await run(input, { ...this.#call(exchange, payload), buckets })
    exchange.output = { schema: model.output, value: output }
    return encode(model, output as Record<string, unknown>)
  }

  async #record({ request, incoming: _, outgoing: __, ...known }: Exchange): Promise<void> {
    const { record, clock } = this.#options
    await record?.({
      ...known,
      time: clock.now(),
      service: 's3',
      apiVersion: '2006-03-01',
      sourceAddress: request.remoteAddress,
      userAgent: request.headers['user-agent'],
    })
  }

  #payload(
    { incoming, outgoing, request }: Exchange,
    credential: Credential | null,
    key: Uint8Array | null,
  ): Payload {
    return new Payload({
      incoming,
      headers: request.headers,
      signer: credential === null || key === null ? null : chunkSigner(credential, key),
      proceed: () => {
        incoming.socket.setTimeout(idleMs)
        // What is done with a body may take longer.
        incoming.once('end', () => incoming.socket.setTimeout(0))
        if (request.headers.expect !== undefined) outgoing.writeContinue()
      },
    })
  }

  #call({ region, request }: Exchange, payload: Payload) {
    const { accountId, clock } = this.#options
    const origin = `http://${request.headers.host ?? ''}`
    return { region, accountId, clock, payload, origin }
  }

  /** Schemas are large and slow to load: the first request waits for them. */
  #load(): Promise<Loaded> {
    this.#loaded ??= Promise.all([import('@aws-sdk/client-s3'), import('./operations.ts')]).then(
      ([schemas, { s3Operations }]) => ({
        routes: new RestRoutes(schemas),
        operations: s3Operations,
      }),
    )
    return this.#loaded
  }

  #toError(thrown: unknown, { requestId, operation, incoming, request }: Exchange): ApiError {
    const error = toS3Error(thrown, request.headers.authorization === undefined)
    if (error !== undefined) return error
    const { logger } = this.#options
    if (incoming.destroyed && !incoming.complete) {
      logger.debug({ err: thrown, requestId }, 'a client left before its request was complete')
      return new ApiError('RequestTimeout', 'The request was not received to its end')
    }
    logger.error({ err: thrown, requestId, operation }, 'aws request failed')
    return new ApiError('InternalError', 'We encountered an internal error. Please try again.', 500)
  }
}

function encode(model: RestOperation, output: Record<string, unknown>): RestAnswer {
  const answer = encodeRest(model, output, namespace)
  // The one answer whose text stands in its root element.
  if (model.name === 'GetBucketLocation') {
    const location = String(output.LocationConstraint ?? '')
    return {
      ...answer,
      body: `<LocationConstraint xmlns="${namespace}">${location}</LocationConstraint>`,
    }
  }
  return output.ContentRange === undefined ? answer : { ...answer, status: 206 }
}

function chunkSigner(credential: Credential, key: Uint8Array): ChunkSigner {
  const { timestamp, signature } = credential
  const { date, region, service } = credential.scope
  return { key, timestamp, signature, scope: `${date}/${region}/${service}/aws4_request` }
}

function requestOf(incoming: IncomingMessage): AwsRequest {
  const headers = Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
  )
  return {
    method: incoming.method ?? '',
    rawUrl: incoming.url ?? '',
    headers: Object.fromEntries(headers),
    body: new Uint8Array(),
    remoteAddress: incoming.socket.remoteAddress ?? '',
  }
}

async function send(
  { incoming, outgoing, requestId }: Exchange,
  { status, headers, body }: RestAnswer,
): Promise<void> {
  incoming.socket.setTimeout(idleMs)
  outgoing.statusCode = status
  outgoing.setHeader('x-amz-request-id', requestId)
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
  // What was not read of the body would be taken for the next request.
  if (!incoming.complete) outgoing.setHeader('connection', 'close')
  if (typeof body === 'string') {
    const bodiless = incoming.method === 'HEAD' || status === 204 || status === 304
    if (!bodiless) outgoing.setHeader('content-length', Buffer.byteLength(body))
    outgoing.end(bodiless ? undefined : body)
    return
  }
  // A client that goes away is no error of ours.
  await pipeline(body, outgoing).catch(() => undefined)
}
