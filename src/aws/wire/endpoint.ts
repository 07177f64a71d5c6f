/**
 * The one endpoint of all AWS services: read who signed and what is asked, verify, pick service and operation, run it, answer. All
 * errors become answers here, and every request becomes one line of the log.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../std/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { type Authentication, authenticate, isRegionName, requireRegion } from './authentication.ts'
import { tooLarge } from './body.ts'
import { unknownCbor } from './cbor.ts'
import { type Credential, readCredential } from './credential.ts'
import { ApiError } from './errors.ts'
import type { CallRecorder, Typed } from './finished-call.ts'
import { unknownJson } from './json.ts'
import type { AwsRequest, AwsResponse, Encoded, Protocol, WireForm } from './protocol.ts'
import { unknownQuery } from './query.ts'
import { logRequest } from './request-log.ts'
import type { Call, Service } from './service.ts'
import { type Addressed, ServiceDirectory } from './service-directory.ts'
import { formOf, readWireCall } from './wire-call.ts'

export interface AwsEndpointOptions {
  readonly services: readonly Service[]
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly accountId: string
  /** The region of requests that are not signed. */
  readonly defaultRegion: string
  readonly auth: Authentication
  /** Gets every call that names a service of ours and an operation. */
  readonly record?: CallRecorder
  readonly limits?: Partial<Limits>
}

export interface Limits {
  /** Requests that run at once; one more is throttled. */
  readonly requestsInProgress: number
  readonly bodyBytes: number
}

/** 10,000 parameters of 100 bytes: see maxParameters. */
export const maxBodyBytes = 1_048_576

const defaultLimits: Limits = { requestsInProgress: 256, bodyBytes: maxBodyBytes }

export type AwsEndpoint = (request: AwsRequest) => Promise<AwsResponse>

export function createAwsEndpoint(options: AwsEndpointOptions): AwsEndpoint {
  const endpoint = new Endpoint(options)
  return (request) => endpoint.answer(request)
}

/** In whose words a request is answered that is for no service that we know. */
const unknown: Readonly<Record<WireForm, Protocol>> = {
  parameters: unknownQuery,
  json: unknownJson,
  cbor: unknownCbor,
}

/** What becomes known of a request on its way, for its answer, its line in the log and its record. */
interface Exchange {
  readonly requestId: string
  addressed: Addressed | undefined
  operation: string | undefined
  region: string
  accessKeyId: string | null
  authenticated: boolean
  input: Typed | undefined
  output: Typed | undefined
  error: ApiError | undefined
}

class Endpoint {
  readonly #options: AwsEndpointOptions
  readonly #limits: Limits
  readonly #directory: ServiceDirectory
  #inProgress = 0

  constructor(options: AwsEndpointOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#directory = new ServiceDirectory(options.services)
  }

  async answer(request: AwsRequest): Promise<AwsResponse> {
    const started = this.#options.clock.monotonic()
    const exchange: Exchange = {
      requestId: randomUUID(),
      addressed: undefined,
      operation: undefined,
      region: this.#options.defaultRegion,
      accessKeyId: null,
      authenticated: false,
      input: undefined,
      output: undefined,
      error: undefined,
    }
    let encoded: Encoded
    this.#inProgress += 1
    try {
      encoded = await this.#run(request, exchange)
    } catch (thrown) {
      const error = this.#toApiError(thrown, exchange)
      exchange.error = error
      const protocol = exchange.addressed?.protocol ?? unknown[formOf(request)]
      encoded = protocol.encodeError(error, exchange.requestId)
    } finally {
      this.#inProgress -= 1
    }
    await this.#record(request, exchange)
    logRequest(this.#options, started, {
      ...exchange,
      service: exchange.addressed?.service.signingName,
      status: encoded.status,
      code: exchange.error?.code,
    })
    return {
      status: encoded.status,
      headers: { ...encoded.headers, 'x-amzn-requestid': exchange.requestId },
      body: encoded.body,
    }
  }

  async #run(request: AwsRequest, exchange: Exchange): Promise<Encoded> {
    const credential = readCredential(request)
    exchange.accessKeyId = credential?.accessKeyId ?? null
    const signingName = credential?.scope.service ?? null
    exchange.addressed = this.#directory.resembling(signingName, formOf(request), null)
    this.#requireCapacity(request)
    const call = readWireCall(request, this.#limits.bodyBytes)
    exchange.addressed = this.#directory.resembling(signingName, call.form, call.api)
    exchange.operation = call.operation ?? undefined
    const link = credential === null ? this.#directory.linked(request.method, call) : undefined
    if (link === undefined) await this.#authenticate(request, credential)
    exchange.authenticated = link === undefined
    if (credential !== null) exchange.region = requireRegion(credential.scope.region)
    if (link?.region !== undefined && isRegionName(link.region)) exchange.region = link.region
    const addressed = link ?? this.#directory.select(signingName, call)
    const { protocol } = addressed
    exchange.addressed = addressed
    const { model, run } = await this.#directory.operation(addressed, call.operation ?? '')
    const input = protocol.decodeInput(model, call)
    exchange.input = { schema: model.input, value: input }
    const output = await run(input, this.#call(exchange, link !== undefined))
    exchange.output = { schema: model.output, value: output }
    return protocol.encodeOutput(model, output, exchange.requestId)
  }

  #call({ requestId, region, accessKeyId }: Exchange, linked: boolean): Call {
    const { accountId, store, clock, logger, auth } = this.#options
    const signer = auth.kind === 'none' ? null : accessKeyId
    return { region, accountId, requestId, accessKeyId: signer, linked, store, clock, logger }
  }

  #requireCapacity({ body }: AwsRequest): void {
    if (body.byteLength > this.#limits.bodyBytes) {
      throw tooLarge(this.#limits.bodyBytes)
    }
    if (this.#inProgress > this.#limits.requestsInProgress) {
      throw new ApiError('Throttling', 'Rate exceeded')
    }
  }

  async #authenticate(request: AwsRequest, credential: Credential | null): Promise<void> {
    const { auth, clock } = this.#options
    await authenticate(request, credential, auth, clock.now())
  }

  #toApiError(thrown: unknown, { requestId, operation }: Exchange): ApiError {
    if (thrown instanceof ApiError) return thrown
    this.#options.logger.error({ err: thrown, requestId, operation }, 'aws request failed')
    return new ApiError('InternalFailure', 'The request failed because of an internal error', 500)
  }

  async #record({ remoteAddress, headers }: AwsRequest, exchange: Exchange): Promise<void> {
    const { record, clock } = this.#options
    const { addressed, ...known } = exchange
    if (record === undefined || addressed === undefined || known.operation === undefined) return
    await record({
      ...known,
      time: clock.now(),
      service: addressed.service.signingName,
      apiVersion: addressed.protocol.apiVersion,
      sourceAddress: remoteAddress,
      userAgent: headers['user-agent'],
    })
  }
}
