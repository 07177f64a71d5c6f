/**
 * The one endpoint of all Huawei Cloud services: find the route, ask who is there, read the input, run, answer. All errors become answers
 * here, and every request becomes one line of the log and, when it is a call of an API, a record.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../std/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { readBody } from './body.ts'
import { HuaweiError, notPermitted, unauthenticated } from './errors.ts'
import type { CallRecorder } from './finished-call.ts'
import { type HuaweiRequest, type HuaweiResponse, pathOf, type Query, queryOf } from './http.ts'
import { type Answer, type Api, checkQuery, type Found, Router } from './routes.ts'
import { type AccessKeys, isSigned, namedAccessKey, verifySignature } from './signature.ts'

export interface HuaweiEndpointOptions {
  /** The first answers what is for none. */
  readonly apis: readonly [Api, ...Api[]]
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly auth: Authentication
  /** Gets every call, but for those that anybody may ask what there is. */
  readonly record?: CallRecorder
}

/**
 * @param refuse says why a request is not served where nobody proves who they are: another site's page may have sent it.
 */
export type Authentication =
  | { readonly kind: 'required'; readonly keys: AccessKeys; readonly tokens: TokenReader }
  | {
      readonly kind: 'none'
      readonly refuse: (headers: HuaweiRequest['headers']) => string | null
      readonly tokens: TokenReader
    }

export interface TokenReader {
  /** undefined when the token is good for nothing. */
  read(token: string): Promise<KnownToken | undefined>
}

interface KnownToken {
  /** The access key that it was got with; null where nobody has to say who they are. */
  readonly accessKeyId: string | null
  /** The project that it is good for; null: none. */
  readonly projectId: string | null
}

export type HuaweiEndpoint = (request: HuaweiRequest) => Promise<HuaweiResponse>

export function createHuaweiEndpoint(options: HuaweiEndpointOptions): HuaweiEndpoint {
  const endpoint = new Endpoint(options)
  return (request) => endpoint.answer(request)
}

/** A page of 500 members, or a certificate with its chain, many times over. */
export const maxBodyBytes = 1_048_576

/** To say who asks (RFC 9110, section 11.6.1): a signature, and a token of Keystone's. */
const ways = 'SDK-HMAC-SHA256, Keystone'

/** What becomes known of a request on its way, for its line in the log and its record. */
interface Exchange {
  readonly requestId: string
  readonly found: Found | undefined
  accessKeyId: string | null
  authenticated: boolean
  input: Readonly<Record<string, unknown>> | undefined
  output: object | null
  error: HuaweiError | undefined
}

class Endpoint {
  readonly #options: HuaweiEndpointOptions
  readonly #router: Router

  constructor(options: HuaweiEndpointOptions) {
    this.#options = options
    this.#router = new Router(options.apis)
  }

  async answer(request: HuaweiRequest): Promise<HuaweiResponse> {
    const requestId = randomUUID().replaceAll('-', '')
    const started = this.#options.clock.monotonic()
    // Who asks for the head alone gets no body from the server (RFC 9110, section 9.3.2).
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const found = this.#router.find(method, pathOf(request))
    const api = found?.api ?? this.#options.apis[0]
    const exchange: Exchange = {
      requestId,
      found,
      accessKeyId: namedAccessKey(request),
      authenticated: false,
      input: undefined,
      output: null,
      error: undefined,
    }
    let answer: Answer
    try {
      answer = await this.#run(request, exchange)
      if (answer.body !== null) answer = { ...answer, body: api.encode(answer.body, requestId) }
      exchange.output = answer.body
    } catch (thrown) {
      const error = this.#toHuaweiError(thrown, exchange)
      exchange.error = error
      const status = api.statusOf?.(error) ?? error.status
      const headers = status === 401 ? { 'www-authenticate': ways } : {}
      answer = { status, body: api.encodeError(error, requestId), headers }
    }
    await this.#record(request, exchange)
    this.#log(exchange, answer.status, started)
    const { status, headers, body } = answer
    return {
      status,
      headers: {
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...headers,
        'x-request-id': requestId,
      },
      body: body === null ? null : JSON.stringify(body),
    }
  }

  async #run(request: HuaweiRequest, exchange: Exchange): Promise<Answer> {
    const { found } = exchange
    if (request.body.byteLength > maxBodyBytes) {
      throw new HuaweiError(413, 'APIGW.0201', `The body is larger than ${maxBodyBytes} bytes`)
    }
    if (found === undefined) {
      const asked = `${request.method} ${pathOf(request)}`
      throw new HuaweiError(404, 'APIGW.0101', `The API does not exist: ${asked}`)
    }
    const { route, params } = found
    const projectId = params.project_id ?? (route.scoped ? await this.#projectOf(request) : '')
    this.#refuseForeignPages(request)
    await this.#authenticate(request, projectId, exchange)
    if (params.project_id !== undefined || route.scoped) requireProjectId(projectId)
    const query = queryOf(request)
    checkQuery(query, route.query ?? [])
    const body = route.body === undefined ? undefined : readBody(request.body, route.body)
    exchange.input = { ...parametersOf(query), ...(body as object | undefined) }
    const { store, clock } = this.#options
    const { headers } = request
    const baseUrl = `http://${headers.host ?? ''}`
    const call = { projectId, store, clock, baseUrl, headers }
    const answer = await route.run({ params, query, body }, call)
    if (answer.accessKeyId !== undefined) {
      exchange.accessKeyId = answer.accessKeyId
      exchange.authenticated = true
    }
    return answer
  }

  #refuseForeignPages({ headers }: HuaweiRequest): void {
    const { auth } = this.#options
    const reason = auth.kind === 'none' ? auth.refuse(headers) : null
    if (reason !== null) {
      throw notPermitted(`Refused: nobody has to say who they are here, and ${reason}`)
    }
  }

  /** Of the token; who has none, or signs, names it. Empty: it is not said. */
  async #projectOf(request: HuaweiRequest): Promise<string> {
    const { headers } = request
    const token = headers['x-auth-token']
    if (token === undefined || isSigned(request)) return headers['x-project-id'] ?? ''
    return (await this.#options.auth.tokens.read(token))?.projectId ?? ''
  }

  async #authenticate(
    request: HuaweiRequest,
    projectId: string,
    exchange: Exchange,
  ): Promise<void> {
    const { auth, clock } = this.#options
    if (auth.kind === 'required') {
      if (exchange.found?.route.open) return
      exchange.accessKeyId = isSigned(request)
        ? await verifySignature(request, auth.keys, clock.now())
        : (await this.#requireToken(request, projectId)).accessKeyId
    }
    exchange.authenticated = true
  }

  async #requireToken({ headers }: HuaweiRequest, projectId: string): Promise<KnownToken> {
    const text = headers['x-auth-token']
    if (text === undefined) {
      throw unauthenticated('there is neither a signature (SDK-HMAC-SHA256) nor an X-Auth-Token')
    }
    const token = await this.#options.auth.tokens.read(text)
    if (token === undefined) throw unauthenticated('decrypt token fail')
    if (projectId !== '' && token.projectId !== projectId) {
      throw notPermitted(`The token is not for project ${projectId}`)
    }
    return token
  }

  #toHuaweiError(thrown: unknown, { requestId, found }: Exchange): HuaweiError {
    if (thrown instanceof HuaweiError) return thrown
    const operation = found?.route.name
    this.#options.logger.error({ err: thrown, requestId, operation }, 'huawei request failed')
    return new HuaweiError(500, 'ELB.8906', 'The request failed because of an internal error')
  }

  /** Which versions there are, anybody may ask as often as they like: that is not recorded. */
  async #record({ remoteAddress, headers }: HuaweiRequest, exchange: Exchange): Promise<void> {
    const { record, clock } = this.#options
    const { found, ...known } = exchange
    if (record === undefined || found === undefined) return
    const { api, route, params } = found
    if (route.open && route.method === 'GET') return
    await record({
      ...known,
      time: clock.now(),
      api: api.name,
      route,
      params,
      sourceAddress: remoteAddress,
      userAgent: headers['user-agent'],
    })
  }

  /** Names and ids only: parameters can hold secrets. */
  #log({ requestId, found, error }: Exchange, status: number, started: number): void {
    const ms = Math.round((this.#options.clock.monotonic() - started) * 1000) / 1000
    this.#options.logger.info(
      { requestId, operation: found?.route.name, status, code: error?.code, ms },
      'huawei request',
    )
  }
}

function parametersOf(query: Query): Record<string, unknown> {
  return Object.fromEntries(
    [...query].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  )
}

/** 32 hexadecimal digits. Each is a namespace of its own, which exists from its first use. */
function requireProjectId(projectId: string): void {
  if (/^[0-9a-f]{32}$/.test(projectId)) return
  if (projectId === '') {
    throw notPermitted('No project is named: it takes a token of a project, or X-Project-Id')
  }
  throw new HuaweiError(
    400,
    'ELB.8902',
    `Invalid input for 'project_id': ${projectId}. It has 32 hexadecimal digits.`,
  )
}
